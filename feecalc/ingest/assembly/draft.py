"""A release put together from its members and not yet checked or installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from feecalc.errors import MissingMember
from feecalc.ingest.assembly.choice import RELEASE_TABLES, Choice, Pick, track
from feecalc.ingest.assembly.identity import date_in_content, identify
from feecalc.ingest.differences import between_tracks
from feecalc.ingest.files.archive import Source, old_workbooks
from feecalc.ingest.files.conversion import ReadTable, read_table
from feecalc.ingest.releases import KnownRelease

REQUIRED = {"rvu": "PPRRVU, the relative value file", "gpci": "GPCI, the geographic indices"}
OPTIONAL = {"oppscap": "OPPSCAP", "anesthesia": "ANES", "county": "LOCCO"}
SAMPLE_ROWS = 10
_QP = "qp"


@dataclass(frozen=True)
class Draft:
    """The tables of one release before checks, with the facts its members state, and notes."""

    release: KnownRelease
    frames: Mapping[str, pl.DataFrame]
    facts: Mapping[str, Mapping[str, str]]
    members: Mapping[str, str]  # table -> the member it was read from
    notes: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The day whose rules apply to the release: its first date of service."""
        return self.release.first_date_of_service or date(self.release.year, 1, 1)


def sample_of(rows: pl.DataFrame) -> tuple[dict[str, str], ...]:
    """Return the first rows of a frame as text, for messages."""
    return tuple(
        {column: "" if value is None else str(value) for column, value in row.items()}
        for row in rows.head(SAMPLE_ROWS).to_dicts()
    )


def seen(source: Source) -> str:
    """Return the members of a source, for a message; and what to do with those that are old Excel workbooks."""
    names = [member.name for member in source.members] + list(source.passed_over)
    old = old_workbooks(names)
    return (", ".join(names) or "no member at all") + (f". {old}" if old else "")


def read(pick: Pick) -> ReadTable:
    """Return the table of a chosen member. Raises SourceFileError."""
    table = read_table(pick.member, expected=pick.table)
    if table is None:
        raise MissingMember(f"{pick.member.name}: cannot be read as the {pick.table} table it seemed to be")
    return table


def assemble(source: Source, picks: list[Pick], choice: Choice, requested: str | None) -> Draft:
    """Read the chosen members of one release. ``requested``: the release that the user named, if any.

    Raises MissingMember, CheckFailed where the members contradict the name, and what reading raises. A difference
    between the members of two tracks is not a contradiction: ``feecalc.ingest.differences``.
    """
    for table, words in REQUIRED.items():
        if not any(pick.table == table for pick in picks):
            raise MissingMember(f"{source.name}: no member holds {words}. Seen: {seen(source)}")
    apart = _of_qps_alone(picks)
    tables = [(pick, read(pick)) for pick in picks if pick not in apart]
    tracks = [table for pick, table in tables if pick.table == "rvu"]
    kept = {pick.table: table for pick, table in tables if pick.table != "rvu"} | _by_track(source.name, tracks)
    facts = {table: dict(kept_table.facts) for table, kept_table in kept.items()}
    for pick, _ in tables:
        if pick.table != "rvu" and pick.stated.year:
            facts[pick.table].setdefault("year", str(pick.stated.year))
    stated_dates = [pick.stated for pick in picks if pick.table == "rvu"]
    stated_dates += [date_in_content(f"{table.member}, inside,", table.facts) for table in tracks]
    release, notes = identify(source.name, requested, stated_dates)
    return Draft(
        release=release,
        frames={table: kept[table].frame for table in ("rvu", "rvu_qp", *RELEASE_TABLES[1:]) if table in kept},
        facts=facts,
        members={table: kept_table.member for table, kept_table in kept.items()},
        notes=(*notes, *_notes(tables, choice, release.year, kept), *_set_apart(apart)),
    )


def _by_track(source: str, tracks: list[ReadTable]) -> dict[str, ReadTable]:
    """Return the relative value members by the table each fills: ``rvu`` everybody's, ``rvu_qp`` the QPs'."""
    by_table = {"rvu_qp" if table.facts.get("track") == _QP else "rvu": table for table in tracks}
    if "rvu" not in by_table:
        raise MissingMember(
            f"{source}: of the relative value members only {by_table['rvu_qp'].member} could be read, the QPP member, "
            "which leaves out rows that are not paid; the release needs the nonQPP member beside it. Get the whole "
            "zip, or see why its nonQPP member is not one (its name, its first lines)"
        )
    return by_table


def _of_qps_alone(picks: list[Pick]) -> list[Pick]:
    """Return members of QPs beside one of everybody else's, of tables that are kept once."""
    twice = {
        pick.table for pick in picks if pick.table != "rvu" and sum(other.table == pick.table for other in picks) > 1
    }
    return [pick for pick in picks if pick.table in twice and track(pick.member) == _QP]


def _set_apart(picks: list[Pick]) -> Iterator[str]:
    for pick in picks:
        yield f"{pick.member.name}: of qualifying participants alone, not read; the other {pick.table} member is"


def _notes(
    tables: list[tuple[Pick, ReadTable]], choice: Choice, year: int, kept: Mapping[str, ReadTable]
) -> Iterator[str]:
    for pick, table in tables:
        if pick.passed_over:
            yield f"{', '.join(pick.passed_over)}: passed over, the same table as {pick.member.name}"
        yield from (f"{table.member}: {note}" for note in table.notes)
    used = {pick.member.name for pick, _ in tables}
    apart = [pick.member.name for pick in choice.of(*RELEASE_TABLES) if pick.member.name not in used]
    if apart:
        yield f"{', '.join(apart)}: passed over, not of this release"
    if choice.unknown:
        yield f"{', '.join(choice.unknown)}: not a table of the release, not read"
    if old := old_workbooks([*choice.unknown, *used, *(name for pick, _ in tables for name in pick.passed_over)]):
        yield old
    lacking = [words for table, words in OPTIONAL.items() if not any(pick.table == table for pick, _ in tables)]
    if lacking:
        yield f"no {', no '.join(lacking)} member: optional"
    if "rvu_qp" in kept:
        yield from between_tracks((kept["rvu"].member, kept["rvu_qp"].member), kept["rvu"].frame, kept["rvu_qp"].frame)
    elif "track" in kept["rvu"].facts:
        yield f"no QPP member: its conversion factor of {year} comes from the dated rule"
