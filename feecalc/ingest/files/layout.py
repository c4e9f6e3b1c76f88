"""Layouts: where each CMS file family keeps its columns, as data in layouts/*.toml.

A layout names up to three ways the family is written:

- ``delimited`` (csv, and xlsx cell by cell): a header cell to find, and labels, each the stacked header cells joined
  top-down, matched as regular expressions, so that a moved column is no change;
- ``fixed``: 1-based inclusive positions, as CMS's record layouts print them;
- ``lines``: one regular expression with named groups, for text whose columns float.
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
    """Header cell and labels of a table with a header."""

    header: re.Pattern[str]
    labels: tuple[tuple[re.Pattern[str], str], ...]
    unread: frozenset[str]


@dataclass(frozen=True)
class Lines:
    """A text member without a header: by positions (``columns``) or by the groups of ``record``."""

    recognise: re.Pattern[str]
    record: str
    suspect: re.Pattern[str]
    columns: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    shortest: int = 0
    implied_decimals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """How one family of CMS files holds one table."""

    table: str
    family: str
    pad: Mapping[str, int]
    delimited: Delimited | None
    lines: Lines | None


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def _delimited(section: Mapping[str, Any] | None) -> Delimited | None:
    if section is None:
        return None
    return Delimited(
        header=_pattern(section["header"]),
        labels=tuple((_pattern(label), column) for label, column in section["columns"].items()),
        unread=frozenset(section.get("unread", {}).get("columns", ())),
    )


def _lines(raw: Mapping[str, Any]) -> Lines | None:
    if "lines" in raw:
        section = raw["lines"]
        return Lines(
            recognise=re.compile(section["recognise"]),
            record=section["record"],
            suspect=re.compile(section["suspect"]),
            implied_decimals=section.get("implied_decimals", {}),
        )
    if "fixed" in raw:
        section = raw["fixed"]
        # Without a record pattern every line is a record, but those the layout passes over.
        passed_over = section.get("passed_over", "^$")
        return Lines(
            recognise=re.compile(section["recognise"]),
            record=section.get("record", ""),
            suspect=re.compile(section.get("suspect", rf"^(?!{passed_over.lstrip('^')}).*\S")),
            columns={name: (first, last) for name, (first, last) in section["columns"].items()},
            shortest=section.get("shortest", 0),
        )
    return None


@cache
def layouts() -> tuple[Layout, ...]:
    """Every layout, by file name."""
    folder = files("feecalc.ingest.files").joinpath("layouts")
    found = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            raw = tomllib.loads(entry.read_text(encoding="utf-8"))
            found.append(
                Layout(raw["table"], raw["family"], raw.get("pad", {}), _delimited(raw.get("delimited")), _lines(raw))
            )
    return tuple(found)


def layout_of(table: str) -> Layout:
    """The layout that fills ``table``."""
    return next(layout for layout in layouts() if layout.table == table)
