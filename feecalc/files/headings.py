"""Which column of a person's file is which of ours: by its name, by a usual name, or as ``--map FILE`` says.

The usual names are rows of reference/: column_name for all files, payer_column_name for volumes and fee tables,
paid_column_name for remittances, facility_column_name for a facility's claims, diagnosis_column_name for a list of
diagnoses.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from feecalc import reference
from feecalc.errors import InvalidValue, MissingColumn, UnreadableFile
from feecalc.files.toml import parse_toml, read_text

KEPT = "input:"  # before the heading of each column as it came, so that no name of ours can be another's
# Looked for in every file; what stands in for each where the file does not have it.
REQUIRED = ("hcpcs", "date_of_service", "place_of_service", "locality")
_INSTEAD = {
    "date_of_service": "--date YYYY-MM-DD",
    "place_of_service": "--pos CODE",
    "locality": "--locality PLACE for all lines, or a column zip_code, or a column mac beside it",
}
MODIFIER_COLUMNS = 4
_TABLES = ("column_name", "payer_column_name", "paid_column_name", "facility_column_name", "diagnosis_column_name")
# Recognized, and no price depends on it: of two headings for it the first is taken.
_NOT_PRICED_BY = re.compile(r"diagnosis_\d+|diagnoses|purpose|prior_authorization")
_ALIASES_NAMED = 6
_HEADINGS_NAMED = 40
_HEADING_SHOWN = 60
_MOST_MAP_BYTES = 2**20
_HEADING_ROW = ("their", "theirs", "heading", "column")


@dataclass(frozen=True)
class RecognizedColumns:
    """The columns of a file that are ours: our name to their heading."""

    theirs: Mapping[str, str]
    headings: tuple[str, ...]

    def __contains__(self, ours: str) -> bool:
        return ours in self.theirs

    @property
    def columns(self) -> dict[str, str]:
        """Return our name to the column of the opened file."""
        return {name: KEPT + heading for name, heading in self.theirs.items()}

    def lines(self) -> tuple[str, ...]:
        """Return ``CPT -> hcpcs``, a line a column, in the file's order."""
        ours = {heading: name for name, heading in self.theirs.items()}
        return tuple(f"{shown(heading)} -> {ours[heading]}" for heading in self.headings if heading in ours)

    def require(self, given: Iterable[str]) -> None:
        """Raise MissingColumn for what is in neither the file nor ``given``, with what was looked for and seen."""
        has = {*self.theirs, *given}
        missing = [name for name in REQUIRED if name not in has and not (name == "locality" and "zip_code" in has)]
        if not missing:
            return
        looked = "".join(
            f"\n  {looked_for(name)}"
            + (f" (or {_INSTEAD[name]})" if name in _INSTEAD else "")
            for name in missing
        )
        raise MissingColumn(
            f"no column for {', '.join(missing)}. Looked for:{looked}\nThe file's headings: "
            f"{listed_headings(self.headings)}\nRename one, or say which is which with --map FILE"
        )


def shown(heading: str) -> str:
    """Return a heading for a message: in one line, escaped where it must be, cut."""
    cut = heading if len(heading) <= _HEADING_SHOWN else heading[:_HEADING_SHOWN] + "…"
    return cut if cut.isprintable() else repr(cut)


@cache
def our_names() -> tuple[str, ...]:
    """Return every column of claims that is looked for."""
    return tuple(row["column"] for row in reference.rows("column_name"))


def plain(heading: str) -> str:
    """Return a heading without case, spaces and punctuation; ``#`` is a number."""
    return re.sub(r"[^a-z0-9]+", "", heading.lower().replace("#", "number"))


def recognized_count(cells: Sequence[str], theirs: Iterable[str] = ()) -> int:
    """Count the columns of ours that a row of cells names, were it the headings: to find the row that is.

    ``theirs`` are headings that a person has mapped.
    """
    names, mapped = {**_last_by_plain_name(), **_by_plain_name()}, {plain(heading) for heading in theirs}
    found = {plain(cell) for cell in cells if cell.strip()}
    return len({names[cell] for cell in found - mapped if cell in names}) + len(found & mapped)


def recognize(headings: Sequence[str], column_map: Mapping[str, str] | None = None) -> RecognizedColumns:
    """Return which heading is which of our columns of claims.

    ``column_map`` (their heading to our name, "" for none) goes before all else.
    A heading that is our name exactly goes before one that is a usual name for it. Raises InvalidValue where two
    headings remain for one column, MissingColumn where ``column_map`` names a heading the file does not have.
    """
    theirs = _as_mapped(headings, column_map or {})
    spoken_for = {*theirs.values(), *_found_headings(headings, column_map or {}).values()}
    free = [heading for heading in headings if heading not in spoken_for]
    for heading in free:
        if heading in our_names() and heading not in theirs:
            theirs[heading] = heading
    candidates: dict[str, list[str]] = {}
    for heading in free:
        name = _by_plain_name().get(plain(heading))
        if name is not None and name not in theirs:
            candidates.setdefault(name, []).append(heading)
    for name, found in candidates.items():
        if len(found) > 1 and not _NOT_PRICED_BY.fullmatch(name):
            raise InvalidValue(
                f"{len(found)} columns could be {name}: {', '.join(map(shown, found))}; say which with "
                f'--map FILE, a line "heading,{name}" (and "heading," for one to leave alone)'
            )
        theirs[name] = found[0]
    for heading in free:
        name = _last_by_plain_name().get(plain(heading))
        if name is not None and name not in theirs:
            theirs[name] = heading
    return RecognizedColumns(_with_modifiers_apart(theirs), tuple(headings))


def _as_mapped(headings: Sequence[str], column_map: Mapping[str, str]) -> dict[str, str]:
    theirs: dict[str, str] = {}
    for heading, found in _found_headings(headings, column_map).items():
        name = column_map[heading].strip().lower()
        if name and name not in our_names():
            raise InvalidValue(
                f"{shown(column_map[heading])} is not a column of claims; --map knows {', '.join(our_names())}"
            )
        if name in theirs:
            raise InvalidValue(f"--map gives {name} twice: {shown(theirs[name])} and {shown(found)}")
        if name:
            theirs[name] = found
    return theirs


def _found_headings(headings: Sequence[str], column_map: Mapping[str, str]) -> dict[str, str]:
    """Return the file's spelling of each heading that ``column_map`` names."""
    return {heading: spelled(heading, headings) for heading in column_map}


def spelled(heading: str, headings: Sequence[str]) -> str:
    """Return the file's spelling of a heading that a map names. Raises MissingColumn."""
    by_plain = {plain(each): each for each in reversed(headings)}
    match = heading if heading in headings else by_plain.get(plain(heading))
    if match is None:
        raise MissingColumn(
            f"--map names a column {shown(heading)}, which the file does not have; it has {listed_headings(headings)}"
        )
    return match


def _with_modifiers_apart(theirs: dict[str, str]) -> dict[str, str]:
    """Take ``Mod`` as the first modifier where numbered ones stand beside it: Mod, Mod 2, Mod 3."""
    numbered = [f"modifier_{number}" for number in range(1, MODIFIER_COLUMNS + 1)]
    if "modifiers" not in theirs or not any(name in theirs for name in numbered):
        return theirs
    if numbered[0] in theirs:
        raise InvalidValue(
            f"two columns could be {numbered[0]}: {shown(theirs['modifiers'])} and {shown(theirs[numbered[0]])}; say "
            "which with --map FILE"
        )
    return {(numbered[0] if name == "modifiers" else name): heading for name, heading in theirs.items()}


@cache
def _by_plain_name() -> dict[str, str]:
    names = {plain(alias): row["column"] for row in reference.rows("column_name") for alias in row["aliases"]}
    return names | {plain(name): name for name in our_names()}


@cache
def _last_by_plain_name() -> dict[str, str]:
    """Return names that are taken where a file has no other for the column."""
    return {plain(alias): row["column"] for row in reference.rows("column_name") for alias in row.get("last", ())}


def by_usual_names(headings: Sequence[str], table: str, taken: Container[str] = ()) -> dict[str, list[str]]:
    """Return our columns of a table of reference/ that a file has: our name to their headings.

    Of several headings for a column the one goes first whose usual name stands first in the table. ``taken`` are
    headings that are known to be another column's.
    """
    by_plain: dict[str, list[str]] = {}
    for heading in headings:
        if heading not in taken:
            by_plain.setdefault(plain(heading), []).append(heading)
    found: dict[str, list[str]] = {}
    for row in reference.rows(table):
        for alias in dict.fromkeys(map(plain, row["aliases"])):
            if alias in by_plain:
                found.setdefault(row["column"], []).extend(by_plain[alias])
    return found


def usual_names(table: str) -> tuple[str, ...]:
    """Return every heading that a table of reference/ knows."""
    return tuple(alias for row in reference.rows(table) for alias in row["aliases"])


def looked_for(name: str, *, itself: bool = True) -> str:
    """Return the headings that a column is found by, for a message: the name ``itself``, then the first usual ones."""
    table = next(table for table in _TABLES if any(row["column"] == name for row in reference.rows(table)))
    aliases = next(row["aliases"] for row in reference.rows(table) if row["column"] == name)
    usual = [alias for alias in aliases if alias != name]
    more = ", ..." if len(usual) > _ALIASES_NAMED else ""
    return f"{name}: {', '.join((*([name] if itself else []), *usual[:_ALIASES_NAMED]))}{more}"


def listed_headings(headings: Sequence[str]) -> str:
    """Return the headings of a file, for a message: the first of them, and how many more there are."""
    more = len(headings) - _HEADINGS_NAMED
    named = ", ".join(shown(heading) for heading in headings[:_HEADINGS_NAMED]) or "none"
    return f"{named} and {more} more" if more > 0 else named


def read_column_map(path: Path) -> dict[str, str]:
    """Read a map: their heading to our name, "" for a column that is to be left alone.

    TOML holds ``"Svc Date" = "date_of_service"``, at its top or under ``[columns]``.

    Raises InvalidValue, UnreadableFile.
    """
    text = read_text(path, "column map", 'write one with lines such as "Svc Date,date_of_service"', _MOST_MAP_BYTES)
    found = _map_of_toml(path, text) if path.suffix.lower() == ".toml" else _map_of_lines(path, text)
    if not found:
        raise InvalidValue(f'{path}: maps no column; write lines such as "Svc Date,date_of_service"')
    return found


def _map_of_toml(path: Path, text: str) -> dict[str, str]:
    tables = parse_toml(text, str(path)).tables
    inner = tables.get("columns")
    table = inner if isinstance(inner, dict) else tables
    for heading, name in table.items():
        if not isinstance(name, str):
            raise InvalidValue(f'{path}: write "{shown(heading)}" = "our_name", with text on both sides')
    return table


def _map_of_lines(path: Path, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines()) if any(row)]
    except csv.Error as error:
        raise UnreadableFile(f"{path}: not a csv file ({error})") from error
    for number, row in enumerate(rows, start=1):
        if len(row) != 2 or not row[0]:
            raise InvalidValue(f'{path}, row {number}: write "heading,our_name", such as "Svc Date,date_of_service"')
        if number == 1 and row[0].lower() in _HEADING_ROW and row[1].lower() in ("our", "ours", "name"):
            continue
        if found.setdefault(row[0], row[1]) != row[1]:
            raise InvalidValue(f"{path}, row {number}: {shown(row[0])} is mapped twice")
    return found
