"""Layouts of CMS's file families: the places of their columns, as data in layouts/*.toml.

A layout names up to three ways the family is written:

- ``delimited`` (csv, and xlsx cell by cell): a header cell to find, and labels, each the stacked header cells joined
  top-down, matched as regular expressions without footnote marks, spaces and case (``header.py``), so that a moved
  column is no change;
- ``fixed``: 1-based inclusive positions, as CMS's record layouts print them;
- ``lines``: one regular expression with named groups, for text whose columns float.

``fixed`` and ``lines`` may each be several, where the positions of older years are others: the first whose
``recognize`` is found in the member's first lines is the member's.

``versions`` names columns that some years print twice: X, and X once more as NAME_X. Which of the two was paid is a
dated rule of the reference table it names.

``cells`` says how figures, codes and days are printed: what stands for a blank, dollar signs and thousands' commas,
percents, marks after a code, codes printed with more zeros than they have, days; ``noted``, that a cell in which no
figure can be read stops no file: the row is kept without it, and that is noted. ``stated_in`` must be found in the
banner, the name of the sheet or that of the file, where labels alone do not tell one table from another; ``whole``
refuses a header with a label that is not known, ``without`` one with a label of another table. ``counted`` numbers the
rows that share a cell. ``addendum`` is the letter of the addendum a file is, where CMS publishes many of one form
beside each other; ``sheet`` and ``other_sheet`` tell sheets of a workbook apart that look alike.

Patterns are written for Rust's regex as well as Python's: no look-around. ``facts`` are named groups found in the
banner or the member's name, or columns that hold one value.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Delimited:
    """The header cell and labels of a table with a header."""

    header: re.Pattern[str]
    labels: tuple[tuple[re.Pattern[str], str], ...]
    optional: frozenset[str] = frozenset()  # columns that files of some years do not have
    unread: frozenset[str] = frozenset()  # labels that are known and not read
    stated_in: re.Pattern[str] | None = None  # what the banner, the sheet's name or the file's must say
    without: re.Pattern[str] | None = None  # a label that would make it another table's header
    whole: bool = False  # every label must be known: a header with another is another table's
    printed: Mapping[str, str] = field(default_factory=dict)  # column -> how a person would read its label
    unlabeled: Mapping[str, str] = field(default_factory=dict)  # column without a label -> the column before it

    @property
    def required(self) -> tuple[str, ...]:
        """Return the columns a file of the family cannot do without."""
        return tuple(dict.fromkeys(column for _, column in self.labels if column not in self.optional))


@dataclass(frozen=True)
class Lines:
    """A text member without a header: by positions (``columns``) or by the groups of ``record``."""

    recognize: re.Pattern[str]
    record: str  # what a record looks like; "" where every line is one, but those passed over
    suspect: str  # a line like this that is no record is refused: it may be a damaged one
    passed_over: str  # and these never are
    columns: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    shortest: int = 0
    implied_decimals: Mapping[str, int] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cells:
    """The way a family prints its cells, beyond plain text and figures."""

    blank: frozenset[str] = frozenset()  # in a figure's or day's column, what means that there is none: "."
    money: bool = False  # "$1,952.77"
    percent: frozenset[str] = frozenset()  # columns of rates: "20.000%" is 0.2
    marked: frozenset[str] = frozenset()  # codes, with a width in pad, that may carry marks: "A4341*"
    capital: frozenset[str] = frozenset()  # columns of indicators that are at times printed in small letters
    width: Mapping[str, int] = field(default_factory=dict)  # codes printed with more zeros: 05431 is 5431
    dates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # columns of days: the forms they come in
    noted: bool = False  # a cell that is no figure, and a mark behind one, is noted and stops no file


@dataclass(frozen=True)
class Versions:
    """Columns that some years print in a second version, named with the prefix ``name`` and "_"."""

    name: str
    rule: str  # the reference table that says, by day, which of the two Medicare paid
    columns: tuple[str, ...]

    def second(self, column: str) -> str:
        """Return what the second version of a column is called."""
        return f"{self.name}_{column}"


@dataclass(frozen=True)
class Layout:
    """The layout of one table in one family of CMS files."""

    table: str
    family: str
    pad: Mapping[str, int]  # codes of digits that spreadsheets strip of their zeros
    delimited: Delimited | None
    lines: tuple[Lines, ...]  # the ways it is written without a header
    versions: Versions | None = None
    cells: Cells = Cells()
    footnoted: tuple[str, ...] = ()  # names that carry footnote marks
    repeats: bool = False  # CMS prints some rows twice, word for word
    counted: Mapping[str, str] = field(default_factory=dict)  # column -> the column whose equal cells it counts
    banner_facts: tuple[re.Pattern[str], ...] = ()  # what the lines above the data say of the file
    name_facts: tuple[re.Pattern[str], ...] = ()  # what its name says
    column_facts: tuple[str, ...] = ()  # columns that hold one value throughout
    addendum: str = ""  # the letter of the addendum it is: a file that says another letter is another file
    sheet: re.Pattern[str] | None = None  # what the sheet that holds it is called, of several alike in a workbook
    other_sheet: re.Pattern[str] | None = None  # and what a sheet is called that only looks like it


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def _as_printed(text: str) -> str:
    """Return a label's pattern as readable text: its first alternative, without optional parts."""
    shorn = re.sub(r"\(\s*\\\([^()]*\\\)\)\?", " ", text)
    shorn = re.sub(r"\\([().])|\(\?P<\w+>[^()]*\)|\w\?|\[A-Z\]\+", lambda found: found[1] or " ", shorn)
    while (once := re.sub(r"\([^()]*\)\s*\?|\(\s*\)", " ", shorn)) != shorn:
        shorn = once
    shorn = re.sub(r"\(([^()|]*)\|[^()]*\)", r"\1", shorn).split("|")[0]
    return " ".join(re.sub(r"\\\w[*+]?|[\\^$\[\]*+?]", " ", shorn).split())


def _heading(text: str) -> re.Pattern[str]:
    """Return a label's pattern, with any number of spaces, or none, where it has one."""
    return _pattern(re.sub(r"\[[^\]]*\]| [?*+]?", lambda found: found[0] if found[0][0] == "[" else r"\s*", text))


def _delimited(section: Mapping[str, Any] | None, versions: Mapping[str, Any] | None) -> Delimited | None:
    if section is None:
        return None
    second = _versions(versions)
    optional = {second.second(column) for column in second.columns} if second else set()
    return Delimited(
        header=_heading(section["header"]),
        labels=tuple((_heading(label), column) for label, column in section["columns"].items()),
        optional=frozenset({*section.get("optional", ()), *optional}),
        unread=frozenset(section.get("unread", ())),
        stated_in=_pattern(section["stated_in"]) if "stated_in" in section else None,
        without=_pattern(section["without"]) if "without" in section else None,
        whole=section.get("whole", False),
        unlabeled=section.get("unlabeled", {}),
        printed={column: _as_printed(label) for label, column in reversed(section["columns"].items())},
    )


def _cells(section: Mapping[str, Any]) -> Cells:
    return Cells(
        blank=frozenset(section.get("blank", ())),
        money=section.get("money", False),
        percent=frozenset(section.get("percent", ())),
        marked=frozenset(section.get("marked", ())),
        capital=frozenset(section.get("capital", ())),
        width=section.get("width", {}),
        dates={column: tuple(forms) for column, forms in section.get("dates", {}).items()},
        noted=section.get("noted", False),
    )


def _versions(section: Mapping[str, Any] | None) -> Versions | None:
    if section is None:
        return None
    return Versions(section["name"], section["rule"], tuple(section["columns"]))


def _line_forms(raw: Mapping[str, Any]) -> tuple[Lines, ...]:
    section = raw.get("lines") or raw.get("fixed") or []
    return tuple(_lines(form) for form in (section if isinstance(section, list) else [section]))


def _lines(section: Mapping[str, Any]) -> Lines:
    return Lines(
        recognize=re.compile(section["recognize"]),
        record=section.get("record", ""),
        suspect=section.get("suspect", r"\S"),
        passed_over=section.get("passed_over", r"^\s*$"),
        columns={name: (first, last) for name, (first, last) in section.get("columns", {}).items()},
        shortest=section.get("shortest", 0),
        implied_decimals=section.get("implied_decimals", {}),
        constants=section.get("constants", {}),
    )


def _layout(raw: Mapping[str, Any]) -> Layout:
    facts = raw.get("facts", {})
    return Layout(
        table=raw["table"],
        family=raw["family"],
        pad=raw.get("pad", {}),
        delimited=_delimited(raw.get("delimited"), raw.get("versions")),
        lines=_line_forms(raw),
        versions=_versions(raw.get("versions")),
        cells=_cells(raw.get("cells", {})),
        footnoted=tuple(raw.get("footnoted", ())),
        repeats=raw.get("repeats", False),
        counted=raw.get("counted", {}),
        banner_facts=tuple(_pattern(text) for text in facts.get("banner", ())),
        name_facts=tuple(_pattern(text) for text in facts.get("name", ())),
        column_facts=tuple(facts.get("columns", ())),
        addendum=raw.get("addendum", ""),
        sheet=_pattern(raw["sheet"]) if "sheet" in raw else None,
        other_sheet=_pattern(raw["other_sheet"]) if "other_sheet" in raw else None,
    )


@cache
def layouts() -> tuple[Layout, ...]:
    """Return every layout, by file name."""
    folder = files("feecalc.ingest.files").joinpath("layouts")
    entries = sorted(folder.iterdir(), key=lambda item: item.name)
    return tuple(
        _layout(tomllib.loads(entry.read_text(encoding="utf-8"))) for entry in entries if entry.name.endswith(".toml")
    )
