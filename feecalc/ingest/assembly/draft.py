"""A release put together from its members and not yet checked or installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from feecalc.errors import CheckFailed, MissingMember
from feecalc.ingest.assembly.choice import RELEASE_TABLES, Choice, Pick
from feecalc.ingest.assembly.identity import identify, said_by_content
from feecalc.ingest.files.archive import Source, old_workbooks
from feecalc.ingest.files.conversion import ReadTable, read_table
from feecalc.ingest.releases import KnownRelease

REQUIRED = {"rvu": "PPRRVU, the relative value file", "gpci": "GPCI, the geographic indices"}
OPTIONAL = {"oppscap": "OPPSCAP", "anesthesia": "ANES", "county": "LOCCO"}
SAMPLE_ROWS = 10
_OF_THE_FILE = ["conversion_factor", "source_line"]  # the columns in which the two tracks' files may differ


@dataclass(frozen=True)
class Draft:
    """The tables of one release, what its members say of themselves, and what a person should know."""

    release: KnownRelease
    frames: Mapping[str, pl.DataFrame]
    facts: Mapping[str, Mapping[str, str]]
    members: Mapping[str, str]  # table -> the member it was read from
    notes: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The day whose rules the release must obey: its first date of service."""
        return self.release.first_date_of_service or date(self.release.year, 1, 1)


def sample_of(rows: pl.DataFrame) -> tuple[dict[str, str], ...]:
    """The first rows of a frame as text, for a person."""
    return tuple(
        {column: "" if value is None else str(value) for column, value in row.items()}
        for row in rows.head(SAMPLE_ROWS).to_dicts()
    )


def seen(source: Source) -> str:
    """The members of a source, for a message; and what to do with those that are old Excel workbooks."""
    names = [member.name for member in source.members] + list(source.passed_over)
    old = old_workbooks(names)
    return (", ".join(names) or "no member at all") + (f". {old}" if old else "")


def read(pick: Pick) -> ReadTable:
    """The table of a chosen member. Raises SourceFileError."""
    table = read_table(pick.member, expected=pick.table)
    if table is None:
        raise MissingMember(f"{pick.member.name}: cannot be read as the {pick.table} table it seemed to be")
    return table


def assemble(source: Source, picks: list[Pick], choice: Choice, asked: str | None) -> Draft:
    """Read the chosen members of one release. ``asked`` is the release a person named.

    Raises MissingMember, CheckFailed where the members contradict each other or the name, and what reading raises.
    """
    for table, words in REQUIRED.items():
        if not any(pick.table == table for pick in picks):
            raise MissingMember(f"{source.name}: no member holds {words}. Seen: {seen(source)}")
    tables = [(pick, read(pick)) for pick in picks]
    tracks = [table for pick, table in tables if pick.table == "rvu"]
    kept = {pick.table: table for pick, table in tables}
    facts = {table: dict(each.facts) for table, each in kept.items()}
    kept["rvu"], facts["rvu"] = _one_file(source.name, tracks)
    for pick, _ in tables:
        if pick.table != "rvu" and pick.said.year:
            facts[pick.table].setdefault("year", str(pick.said.year))
    voices = [pick.said for pick in picks if pick.table == "rvu"]
    voices += [said_by_content(f"{table.member}, inside,", table.facts) for table in tracks]
    release, notes = identify(source.name, asked, voices)
    return Draft(
        release=release,
        frames={table: kept[table].frame for table in RELEASE_TABLES if table in kept},
        facts=facts,
        members={table: each.member for table, each in kept.items()}
        | {"rvu": " and ".join(table.member for table in sorted(tracks, key=lambda each: each is not kept["rvu"]))},
        notes=(*notes, *_notes(tables, choice, tracks, release.year)),
    )


def _one_file(source: str, tracks: list[ReadTable]) -> tuple[ReadTable, dict[str, str]]:
    """The relative value file, of the two where there are two: one set of figures, two conversion factors."""
    main = next((table for table in tracks if table.facts.get("track") != "qp"), tracks[0])
    facts = dict(main.facts)
    for table in tracks:
        if "track" in table.facts and "conversion_factor" in table.facts:
            facts[f"conversion_factor.{table.facts['track']}"] = table.facts["conversion_factor"]
    for table in tracks:
        if table is not main:
            _refuse_apart(source, main, table)
    return main, facts


def _refuse_apart(source: str, main: ReadTable, other: ReadTable) -> None:
    frames = [each.frame.drop(_OF_THE_FILE).sort("hcpcs", "modifier") for each in (main, other)]
    if frames[0].equals(frames[1]):
        return
    only_main = frames[0].join(frames[1], on=frames[0].columns, how="anti", nulls_equal=True)
    only_other = frames[1].join(frames[0], on=frames[0].columns, how="anti", nulls_equal=True)
    rows = pl.concat(
        each.select(pl.lit(name).alias("member"), pl.exclude("description"))
        for name, each in ((main.member, only_main), (other.member, only_other))
    ).sort("hcpcs", "modifier")
    lines = ("  " + ", ".join(f"{name} {value}" for name, value in row.items() if value) for row in sample_of(rows))
    raise CheckFailed(
        f"{source}: {main.member} and {other.member} may differ in the conversion factor only, but "
        f"{only_main.height:,} rows of the one and {only_other.height:,} of the other have no equal:\n"
        + "\n".join(lines)
    )


def _notes(
    tables: list[tuple[Pick, ReadTable]], choice: Choice, tracks: list[ReadTable], year: int
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
    if len(tracks) == 1 and "track" in tracks[0].facts:
        other = "QPP" if tracks[0].facts["track"] == "other" else "nonQPP"
        yield f"no {other} member: its conversion factor of {year} comes from the dated rule"
