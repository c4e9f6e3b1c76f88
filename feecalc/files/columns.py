"""Which column of a person's file is which of ours: by its name, by a usual name, or by what the person said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from feecalc import reference
from feecalc.errors import InvalidValue, MissingColumn

# Looked for in every file; what stands in for each where the file does not have it.
REQUIRED = ("hcpcs", "date_of_service", "place_of_service", "locality")
_INSTEAD = {
    "date_of_service": "--date YYYY-MM-DD",
    "place_of_service": "--pos CODE",
    "locality": "--locality PLACE for all lines, or a column zip_code, or a column mac beside it",
}
_MODIFIER_COLUMNS = 4
# Recognised, and no price depends on it: of two headings for it the first is taken.
_NOT_PRICED_BY = re.compile(r"diagnosis_\d+|diagnoses|purpose|prior_authorization")
_ALIASES_NAMED = 6
_HEADINGS_NAMED = 40
_HEADING_SHOWN = 60


@dataclass(frozen=True)
class Recognised:
    """The columns of a file that are ours: our name to their heading."""

    theirs: Mapping[str, str]
    headings: tuple[str, ...]

    def __contains__(self, ours: str) -> bool:
        return ours in self.theirs

    def lines(self) -> tuple[str, ...]:
        """``CPT -> hcpcs``, a line a column, in the file's order."""
        ours = {heading: name for name, heading in self.theirs.items()}
        return tuple(f"{shown(heading)} -> {ours[heading]}" for heading in self.headings if heading in ours)

    def require(self, given: Iterable[str]) -> None:
        """Raises MissingColumn for what is in neither the file nor ``given``, with what was looked for and seen."""
        has = {*self.theirs, *given}
        missing = [name for name in REQUIRED if name not in has and not (name == "locality" and "zip_code" in has)]
        if not missing:
            return
        looked = "".join(
            f"\n  {looked_for(name)}"
            + (f" (or {_INSTEAD[name]})" if name in _INSTEAD else "")
            for name in missing
        )
        seen = ", ".join(shown(heading) for heading in self.headings[:_HEADINGS_NAMED]) or "none"
        more = len(self.headings) - _HEADINGS_NAMED
        raise MissingColumn(
            f"no column for {', '.join(missing)}. Looked for:{looked}\nThe file's headings: {seen}"
            + (f" and {more} more" if more > 0 else "")
            + "\nRename one, or say which is which with --map FILE"
        )


def shown(heading: str) -> str:
    """A heading for a message: in one line, escaped where it must be, cut."""
    cut = heading if len(heading) <= _HEADING_SHOWN else heading[:_HEADING_SHOWN] + "…"
    return cut if cut.isprintable() else repr(cut)


@cache
def our_names() -> tuple[str, ...]:
    """Every column of claims that is looked for."""
    return tuple(row["column"] for row in reference.rows("column_name"))


def plain(heading: str) -> str:
    """A heading without case, spaces and punctuation; ``#`` is a number."""
    return re.sub(r"[^a-z0-9]+", "", heading.lower().replace("#", "number"))


def recognised_count(cells: Sequence[str], theirs: Iterable[str] = ()) -> int:
    """How many of our columns a row of cells names, were it the headings: to find the row that is.

    ``theirs`` are headings that a person has mapped.
    """
    names, mapped = {**_last_by_plain_name(), **_by_plain_name()}, {plain(heading) for heading in theirs}
    found = {plain(cell) for cell in cells if cell.strip()}
    return len({names[cell] for cell in found - mapped if cell in names}) + len(found & mapped)


def recognise(headings: Sequence[str], said: Mapping[str, str] | None = None) -> Recognised:
    """Which heading is which of our columns; ``said`` (their heading to our name, "" for none) goes before all else.

    A heading that is our name exactly goes before one that is a usual name for it. Raises InvalidValue where two
    headings remain for one column, MissingColumn where ``said`` names a heading the file does not have.
    """
    theirs = _as_said(headings, said or {})
    spoken_for = {*theirs.values(), *_found_headings(headings, said or {}).values()}
    free = [heading for heading in headings if heading not in spoken_for]
    for heading in free:
        if heading in our_names() and heading not in theirs:
            theirs[heading] = heading
    candidates: dict[str, list[str]] = {}
    for heading in free:
        name = _by_plain_name().get(plain(heading))
        if name is not None and name not in theirs:
            candidates.setdefault(name, []).append(heading)
    for name, several in candidates.items():
        if len(several) > 1 and not _NOT_PRICED_BY.fullmatch(name):
            raise InvalidValue(
                f"{len(several)} columns could be {name}: {', '.join(shown(each) for each in several)}; say which with "
                f'--map FILE, a line "heading,{name}" (and "heading," for one to leave alone)'
            )
        theirs[name] = several[0]
    for heading in free:
        name = _last_by_plain_name().get(plain(heading))
        if name is not None and name not in theirs:
            theirs[name] = heading
    return Recognised(_with_modifiers_apart(theirs), tuple(headings))


def _as_said(headings: Sequence[str], said: Mapping[str, str]) -> dict[str, str]:
    theirs: dict[str, str] = {}
    for heading, found in _found_headings(headings, said).items():
        name = said[heading].strip().lower()
        if name and name not in our_names():
            raise InvalidValue(
                f"{shown(said[heading])} is not a column of claims; --map knows {', '.join(our_names())}"
            )
        if name in theirs:
            raise InvalidValue(f"--map gives {name} twice: {shown(theirs[name])} and {shown(found)}")
        if name:
            theirs[name] = found
    return theirs


def _found_headings(headings: Sequence[str], said: Mapping[str, str]) -> dict[str, str]:
    """The file's spelling of each heading that ``said`` names."""
    by_plain = {plain(heading): heading for heading in reversed(headings)}
    found = {}
    for heading in said:
        match = heading if heading in headings else by_plain.get(plain(heading))
        if match is None:
            named = ", ".join(shown(each) for each in headings[:_HEADINGS_NAMED])
            raise MissingColumn(f"--map names a column {shown(heading)}, which the file does not have; it has {named}")
        found[heading] = match
    return found


def _with_modifiers_apart(theirs: dict[str, str]) -> dict[str, str]:
    """``Mod, Mod 2, Mod 3``: beside numbered columns one called just modifier is the first."""
    numbered = [f"modifier_{number}" for number in range(1, _MODIFIER_COLUMNS + 1)]
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
    """Names that are taken where a file has no other for the column."""
    return {plain(alias): row["column"] for row in reference.rows("column_name") for alias in row.get("last", ())}


def looked_for(name: str) -> str:
    """The headings that a column of ours is found by, for a message: the name, then the first usual ones."""
    return f"{name}: {', '.join((name, *_usual(name)[:_ALIASES_NAMED]))}, ..."


def _usual(name: str) -> list[str]:
    aliases = next(row["aliases"] for row in reference.rows("column_name") if row["column"] == name)
    return [alias for alias in aliases if alias != name]
