"""A contract's terms as the form shows them: rows of text, and back; the reader of contracts judges what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.cells import Column, listed, text_of

COLUMNS: Mapping[str, Mapping[str, Column]] = {term.sheet: term.columns for term in TERMS if term.sheet}


def sheet(tables: Mapping[str, Any], name: str) -> pl.DataFrame:
    """Return the rows of a table (category, carve_out, test) as text. Shape: the columns of the term."""
    columns = COLUMNS[name]
    rows = [{column: text_of(row.get(column)) for column in columns} for row in tables.get(name, ())]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))


def rows(edited: Iterable[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    """Return the rows of a table as the reader takes them; an empty cell says nothing, a row without any is none."""
    columns, found = COLUMNS[name], []
    for row in edited:
        cells = {key: str(cell).strip() for key, cell in row.items() if cell is not None and str(cell).strip()}
        if cells:
            found.append({key: listed(cell) if columns[key].read is listed else cell for key, cell in cells.items()})
    return found


def without_none(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables without what is not said."""
    found: dict[str, Any] = {}
    for name, value in tables.items():
        kept = without_none(value) if isinstance(value, dict) else value
        if kept not in (None, "", {}, [], ()):
            found[name] = kept
    return found
