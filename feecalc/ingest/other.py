"""CMS files that belong to no release, each installed as an entry of its own: ZIP codes, facility addenda, edits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feecalc.errors import CheckFailed
from feecalc.ingest.assembly.choice import Pick
from feecalc.ingest.assembly.draft import read
from feecalc.ingest.assembly.kinds import ADDENDA, IN_PARTS
from feecalc.ingest.assembly.quarter import edition, part_of, when
from feecalc.ingest.checks import contract, refusal
from feecalc.ingest.differences import new_indicators
from feecalc.ingest.files.archive import Source
from feecalc.ingest.manifest import Manifest


def read_other(source: Source, pick: Pick, origin: Mapping[str, Any]) -> tuple[Manifest, Mapping[str, Any]]:
    """The manifest of one such file, and its frame by table. ``origin``: source, built and feecalc_version.

    Raises CheckFailed (a proposed rule, a quarter its name contradicts), InvalidValue (of no known year), and what
    reading raises.
    """
    table = read(pick)
    if "proposed" in table.facts:
        raise CheckFailed(
            f"{pick.member.name} of {source.name} is of a proposed rule, by which nothing is paid; "
            "get the final rule's file, or the quarter's"
        )
    day = when(source.name, pick, table)
    frames = {pick.table: table.frame}
    results = contract(frames)
    if any(result.stands_against for result in results):
        raise CheckFailed(f"{pick.member.name} of {source.name} is refused:\n{refusal(results)}")
    which = edition(source.name, pick, day) if pick.table in ADDENDA else ""
    others = ", ".join(pick.passed_over)
    part = part_of(source.name, pick) if pick.table in IN_PARTS else ""
    manifest = Manifest(
        name=f"{pick.table.upper()}-{day}{part}",
        kind=pick.table,
        year=day.year,
        first_date_of_service=day.first_day,
        tables={pick.table: {"member": pick.where}},
        facts={pick.table: {**table.facts, **({"edition": which} if which else {})}},
        checks=tuple(result.as_dict() for result in results),
        allowed_warnings=False,
        notes=(
            *([f"{others}: passed over, the same table as {pick.member.name}"] if others else []),
            *(f"{table.member}: {note}" for note in (*table.notes, *new_indicators(frames, day.first_day))),
        ),
        **origin,
    )
    return manifest, frames
