"""A contract's terms as the form shows them: rows of text, and back; the reader of contracts judges what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from feecalc.contracts.contract import Contract
from feecalc.contracts.files.template import SHEETS

_LISTS = ("modifiers",)


def said(contract: Contract) -> dict[str, Any]:
    """What the contract says, table by table, as the reader takes it."""
    told: dict[str, Any] = contract.model_dump(exclude_none=True, exclude_defaults=True)
    return told


def text(value: Any) -> str:
    """A term as it is typed; "" for what is not said."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(text, value))
    return f"{value:f}" if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else str(value)


def sheet(told: Mapping[str, Any], name: str) -> pl.DataFrame:
    """The rows of a table (category, carve_out, test) as text. Shape: the columns of ``template.SHEETS``."""
    columns = SHEETS[name]
    rows = [{column: text(row.get(column)) for column in columns} for row in told.get(name, ())]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))


def rows(edited: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows back as the reader takes them; a cell without text is not said, a row without any is none."""
    found = []
    for row in edited:
        cells = {name: str(cell).strip() for name, cell in row.items() if cell is not None and str(cell).strip()}
        if cells:
            found.append({name: parts(cell) if name in _LISTS else cell for name, cell in cells.items()})
    return found


def parts(cell: str) -> list[str]:
    """A list as it is typed, with commas."""
    return [part.strip() for part in re.split(r"[,;]", cell) if part.strip()]


def several(cell: str) -> str | list[str] | None:
    """How several procedures are paid: a word, or percents with commas."""
    plain = cell.strip()
    return (parts(plain) if re.match(r"[\d.]", plain) else plain) or None


def without_none(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables without what is not said."""
    found: dict[str, Any] = {}
    for name, value in tables.items():
        kept = without_none(value) if isinstance(value, dict) else value
        if kept not in (None, "", {}, [], ()):
            found[name] = kept
    return found
