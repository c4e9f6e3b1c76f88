"""CMS files outside the releases (ZIP codes, facility addenda, edits), each a separate entry of the store.

Their year and quarter come from the content, the name, or the name of the zip.
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
from feecalc.ingest.assembly.identity import StatedDate, date_in_content, date_in_name
from feecalc.ingest.assembly.kinds import (
    ADDENDA,
    IN_PARTS,
    OF_SERVICES,
    SERVICES,
    SERVICES_WORDS,
    part_named,
    services_named,
)
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

    The content takes precedence over the member's name, and that over the source's. Raises CheckFailed where content
    and name state different quarters, InvalidValue where nothing states the year.
    """
    facts = table.facts
    if re.fullmatch(r"\d{4}[1-4]", facts.get("year_quarter", "")):
        return When(int(facts["year_quarter"][:4]), int(facts["year_quarter"][4]))
    if dated := re.fullmatch(r"(\d{4})(\d\d)\d\d", facts.get("effective_date", "")):
        return When(int(dated[1]), _quarter(int(dated[2])))
    inside = date_in_content(f"{table.member}, inside,", facts)
    _refuse_apart(source, inside, pick.stated)
    year, month = None, None
    for voice in (inside, pick.stated, date_in_name(Path(source).stem, source)):
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
    """Return the edition of an addendum, a final rule's or a quarter's, corrected or not; "" where no name says it."""
    names = f"{pick.member.stem} {Path(source).stem}"
    which = "quarterly addendum" if day.quarter else "final rule" if _FINAL_RULE.search(names) else ""
    corrected = "corrected" if _CORRECTED.search(names) else ""
    return ", ".join(filter(None, (which, corrected)))


def part_of(source: str, pick: Pick) -> str:
    """Return "-F2" for the second of the parts of a table, by the member's name or the source's; else ""."""
    for name in (pick.member.stem, Path(source).stem):
        if part := part_named(name):
            return f"-F{part}"
    return ""


def kind_of(source: str, pick: Pick, facts: Mapping[str, str], services: str | None) -> str:
    """Return the kind a member is installed as: its table, or that of hospitals where NCCI publishes two of a layout.

    ``services``: whose edits they are, as the user says; it goes before the names. Raises InvalidValue where nothing
    says it, CheckFailed where the file itself says otherwise, or is of suppliers.
    """
    kinds = OF_SERVICES.get(pick.table)
    if kinds is None:
        return pick.table
    stated = facts.get("services") or facts.get("service") or ""
    inside = SERVICES_WORDS.get(" ".join(stated.lower().split()))
    if stated and inside is None:
        raise CheckFailed(
            f"{pick.member.name} of {source} is of {stated.lower()} services, whose bills feecalc does not check; "
            f"get the file of {' or '.join(SERVICES)} services"
        )
    named = services_named(pick.member.stem) or services_named(Path(source).stem)
    said = services or named
    if inside and said and inside != said:
        by = f"--services {services}" if services else "its name"
        raise CheckFailed(
            f"{pick.member.name} of {source} holds edits of {inside} services, but {by} says {said}; nothing was built "
            f"of it. Get the right file, or say what it holds: feecalc build FILE --services {inside}"
        )
    found = inside or said
    if found is None:
        raise InvalidValue(
            f"{pick.member.name} of {source} does not say whether its edits are practitioners' or hospitals'; keep the "
            "name CMS gives it (ccipra-... or ccioph-..., PractitionerServices or OutpatientHospitalServices), or say "
            f"it: feecalc build FILE --services {SERVICES[0]} (or {SERVICES[1]})"
        )
    return kinds[found]


def _quarter(month: int) -> int:
    return (month + 2) // 3


def _refuse_apart(source: str, inside: StatedDate, name: StatedDate) -> None:
    if None in (inside.year, inside.month, name.year, name.month):
        return
    if (inside.year, _quarter(inside.month or 1)) != (name.year, _quarter(name.month or 1)):
        raise CheckFailed(
            f"{source}: {inside.source} says {inside.date_text}, but its name says {name.date_text}; nothing was built "
            "of it. Name it after its quarter, or get the right file"
        )


def read_other(
    source: Source, pick: Pick, origin: Mapping[str, Any], services: str | None = None
) -> tuple[Manifest, Mapping[str, Any]]:
    """Return the manifest and the frame of a file outside the releases.

    ``origin``: source, built and feecalc_version; ``services``: as in ``kind_of``. Raises CheckFailed (a proposed rule,
    or a quarter that its name contradicts), InvalidValue (no known year), and what reading raises.
    """
    table = read(pick)
    if "proposed" in table.facts:
        raise CheckFailed(
            f"{pick.member.name} of {source.name} is of a proposed rule, by which nothing is paid; "
            "get the final rule's file, or the quarter's"
        )
    day = when(source.name, pick, table)
    kind = kind_of(source.name, pick, table.facts, services)
    frames = {kind: table.frame}
    results = contract(frames)
    if any(result.is_failure for result in results):
        raise CheckFailed(f"{pick.member.name} of {source.name} is refused:\n{refusal(results)}")
    which = edition(source.name, pick, day) if pick.table in ADDENDA else ""
    others, new = ", ".join(pick.passed_over), new_indicators({pick.table: table.frame}, day.first_day)
    part = part_of(source.name, pick) if pick.table in IN_PARTS else ""
    manifest = Manifest(
        name=f"{kind.upper()}-{day}{part}",
        kind=kind,
        year=day.year,
        first_date_of_service=day.first_day,
        tables={kind: {"member": pick.where}},
        facts={kind: {**table.facts, **({"edition": which} if which else {})}},
        checks=tuple(result.as_dict() for result in results),
        allowed_warnings=False,
        notes=(
            *([f"{others}: passed over, the same table as {pick.member.name}"] if others else []),
            *(f"{table.member}: {note}" for note in (*table.notes, *new)),
        ),
        **origin,
    )
    return manifest, frames
