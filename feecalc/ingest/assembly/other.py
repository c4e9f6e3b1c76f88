"""CMS files that belong to no release, each installed as an entry of its own, and the year and quarter it is of.

ZIP codes, facility addenda, edits: their year is known by the content, the name, or the name of the zip.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from feecalc.errors import CheckFailed, InvalidValue
from feecalc.ingest.assembly.choice import Pick
from feecalc.ingest.assembly.draft import read
from feecalc.ingest.assembly.identity import Said, said_by_content, said_by_name
from feecalc.ingest.assembly.kinds import ADDENDA, IN_PARTS
from feecalc.ingest.checks import contract, refusal
from feecalc.ingest.differences import new_indicators
from feecalc.ingest.files.archive import Source
from feecalc.ingest.files.conversion import ReadTable
from feecalc.ingest.manifest import Manifest

_FINAL_RULE = re.compile(r"(?<![a-z])(nfrm|final[ _-]?rule)(?![a-z])", re.IGNORECASE)
_CORRECTED = re.compile(r"correct(ed|ion)|(?<![a-z0-9])cn\d?(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True)
class When:
    """A year, and the quarter where there is one."""

    year: int
    quarter: int | None = None

    @property
    def first_day(self) -> date:
        """Return the first day it holds."""
        return date(self.year, 3 * (self.quarter or 1) - 2, 1)

    def __str__(self) -> str:
        return f"{self.year}{self.quarter or ''}"


def when(source: str, pick: Pick, table: ReadTable) -> When:
    """Return the year and quarter of a member of ``source``.

    The content goes before the member's name, and that before the source's; what one leaves open the next may say.
    Raises CheckFailed where content and name name different quarters, InvalidValue where nothing says the year.
    """
    facts = table.facts
    if re.fullmatch(r"\d{4}[1-4]", facts.get("year_quarter", "")):
        return When(int(facts["year_quarter"][:4]), int(facts["year_quarter"][4]))
    if dated := re.fullmatch(r"(\d{4})(\d\d)\d\d", facts.get("effective_date", "")):
        return When(int(dated[1]), _quarter(int(dated[2])))
    inside = said_by_content(f"{table.member}, inside,", facts)
    _refuse_apart(source, inside, pick.said)
    year, month = None, None
    for voice in (inside, pick.said, said_by_name(Path(source).stem, source)):
        if year is None or voice.year in (None, year):
            year, month = year or voice.year, month or voice.month
    if year is not None:
        return When(year, month and _quarter(month))
    if pick.table == "zip_plus4":  # its rows say from which year on they hold
        newest = table.frame["first_year"].max()
        if isinstance(newest, int):
            return When(newest)
    raise InvalidValue(
        f"{pick.member.name} of {source} does not say its year; put it into the file's name, "
        f"as in {pick.table}_{datetime.now(UTC).year}{Path(pick.member.name).suffix}"
    )


def edition(source: str, pick: Pick, day: When) -> str:
    """Which publication an addendum is: the final rule's or a quarter's, corrected or not; "" where no name says it."""
    names = f"{pick.member.stem} {Path(source).stem}"
    which = "quarterly addendum" if day.quarter else "final rule" if _FINAL_RULE.search(names) else ""
    corrected = "corrected" if _CORRECTED.search(names) else ""
    return ", ".join(filter(None, (which, corrected)))


def part_of(source: str, pick: Pick) -> str:
    """``-F2`` for the second of the parts CMS cuts a table into, by the member's name or the source's; else ""."""
    for name in (pick.member.stem, Path(source).stem):
        if found := re.search(r"[-_ ]f(\d)$", name, re.IGNORECASE):
            return f"-F{found[1]}"
    return ""


def _quarter(month: int) -> int:
    return (month + 2) // 3


def _refuse_apart(source: str, inside: Said, name: Said) -> None:
    if None in (inside.year, inside.month, name.year, name.month):
        return
    if (inside.year, _quarter(inside.month or 1)) != (name.year, _quarter(name.month or 1)):
        raise CheckFailed(
            f"{source}: {inside.who} says {inside.what}, but its name says {name.what}; nothing was built of it. "
            "Name it after the quarter it is of, or get the right file"
        )


def read_other(source: Source, pick: Pick, origin: Mapping[str, Any]) -> tuple[Manifest, Mapping[str, Any]]:
    """Return the manifest of one such file, and its frame by table. ``origin``: source, built and feecalc_version.

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
