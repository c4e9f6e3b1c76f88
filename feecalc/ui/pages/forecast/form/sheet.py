"""A table of the scenario as a grid to type into: its columns, what was typed, and what a message calls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import polars as pl
import streamlit as st

from feecalc.files.toml import TomlPlaces
from feecalc.ui.shared import figures
from feecalc.ui.shared.words import one_line

Row = dict[str, Any]
Kind = Literal["text", "number", "day", "choice", "choices", "flag"]

_KINDS: Mapping[Kind, pl.DataType] = {
    "text": pl.String(),
    "number": pl.Float64(),
    "day": pl.Date(),
    "choice": pl.String(),
    "choices": pl.List(pl.String()),
    "flag": pl.Boolean(),
}
_ROW_PIXELS, _MOST_ROWS_TALL = 35, 11
PAYS_BY = "pays_by"
MEDICARE, PERCENT, CHARGE, CONTRACT = "Medicare's amounts", "% of Medicare", "% of the charge", "contract"
TERMS: Mapping[str, str] = {
    "medicare": MEDICARE, "percent": PERCENT, "percent_of_charge": CHARGE, "contract": CONTRACT,
}  # fmt: skip
EVENT_KINDS: Mapping[str, str] = {
    "conversion_factor": "conversion factor",
    "gpci_floor_lapse": "work GPCI floor ends",
    "sequestration": "sequestration",
    "site_shift": "services move",
    "hire": "hire",
    "contract_renewal": "contract renewed",
    "payer_mix": "payer mix",
}
_TABS = {
    "payer": "Payers", "location": "Practice, locations", "provider": "Practice, providers", "event": "Events",
    "alternative": "Alternatives", "growth": "Growth", "uncertainty": "Growth, how sure", "practice": "Practice",
}  # fmt: skip
_WORDS = {
    "name": "Name", "share": "Share %", "percent": "Percent", "percent_of_charge": "Percent", "contract": "Contract",
    "denial_rate": "Denied %", "collection_rate": "Collected %", "growth": "Growth %", "volume": "Volume",
    "facility_percent": "Center %", "locality": "Locality", "cbsa": "Area (CBSA)", "asc_share": "Center's share %",
    "provider_type": "Type", "qp": "QP", "mips_percent": "MIPS %", "effective_from": "From", "effective_to": "Until",
    "odds": "Odds %", "cost": "Cost a year", "without": "Without", "base_year": "Base year", "target": "Target",
    "codes": "Codes", "to_place": "To place", "from_place": "From place", "adds": "Adds %", "change": "Change %",
    "conversion_factor": "Conversion factor", "conversion_factor_qp": "Conversion factor of QPs", "payer": "Payer",
    "category": "a category's growth", "kind": "Kind", "provider": "who joins", "medicare": "Pays by",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a grid. ``key``: of the row; ``needed``: left empty it is empty text, which the reader refuses;
    ``otherwise``: what an empty cell of a flag stands for."""

    key: str
    heading: str
    kind: Kind = "text"
    options: tuple[str, ...] = ()
    help: str = ""
    needed: bool = False
    locked: bool = False
    otherwise: bool = False


def grid(key: str, rows: Sequence[Row], columns: Sequence[Column], *, alt: str, fixed: bool = False) -> list[Row]:
    """Draw the grid; the rows with what was typed since its key is new. ``fixed``: none is added or taken out."""
    names = [column.key for column in columns]
    frame = pl.DataFrame(
        [{column.key: _shown(row.get(column.key), column) for column in columns} for row in rows],
        schema={column.key: _KINDS[column.kind] for column in columns},
    )
    shown = min(len(rows) + (not fixed), _MOST_ROWS_TALL)
    figures.grid(
        frame, key=key, hide_index=True, width="stretch", num_rows="fixed" if fixed else "dynamic",
        column_config={column.key: _config(column, pinned=column.key == names[0]) for column in columns}, alt=alt,
        placeholder="–", height=(shown + 1) * _ROW_PIXELS + 3,
        disabled=[column.key for column in columns if column.locked],
    )  # fmt: skip
    return typed_into(rows, st.session_state.get(key) or {}, columns)


def typed_into(rows: Sequence[Row], typed: Mapping[str, Any], columns: Sequence[Column]) -> list[Row]:
    """Return the rows with what was typed. ``typed``: as streamlit's data editor keeps it.

    Numbers become exact decimals.
    """
    about = {column.key: column for column in columns}
    gone = set(typed.get("deleted_rows", ()))
    changed = {int(number): changes for number, changes in typed.get("edited_rows", {}).items()}
    found = [
        _changed(row, changed.get(number, {}), about) for number, row in enumerate(rows) if number not in gone
    ]
    empty = {column.key: None for column in columns}
    begun = [row for row in typed.get("added_rows", ()) if any(cell not in (None, "", []) for cell in row.values())]
    return found + [_changed({}, empty | dict(row), about) for row in begun]


def _changed(row: Row, changes: Mapping[str, Any], about: Mapping[str, Column]) -> Row:
    cells = dict(row)
    for key, value in changes.items():
        column = about.get(key)
        if column is None:
            continue
        read = _read(value, column)
        if read is None:
            cells.pop(key, None)
        else:
            cells[key] = read
    return cells


def _read(value: Any, column: Column) -> Any:
    """Return a typed cell as the row has it; None where the key is to be left out."""
    if value is None or value == "":
        return "" if column.needed else (column.otherwise or None)
    if column.kind == "number":
        return Decimal(str(value))
    if column.kind == "day":
        return date.fromisoformat(str(value)[:10])
    return value


def _shown(value: Any, column: Column) -> Any:
    """Return a row's value as a cell. What is not of the column's kind shows as an empty cell."""
    if column.kind == "flag":
        return column.otherwise if value is None else bool(value)
    if column.kind == "number":
        return number_of(value)
    if column.kind == "day":
        return day_of(value)
    if column.kind == "choices":
        return [one_line(item) for item in value] if isinstance(value, list | tuple) else []
    return None if value is None else one_line(value)


def number_of(value: Any) -> float | None:
    """Return a number of a table as a widget shows it."""
    try:
        return None if value in (None, "") else float(value)
    except (TypeError, ValueError):
        return None


def day_of(value: Any) -> date | None:
    """Return a day of a table, which in a saved file is text."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _config(column: Column, *, pinned: bool) -> Any:
    kinds = st.column_config
    common: dict[str, Any] = {"help": column.help or None, "pinned": pinned or None}
    if column.kind == "number":
        return kinds.NumberColumn(column.heading, **common)
    if column.kind == "day":
        return kinds.DateColumn(column.heading, format="YYYY-MM-DD", **common)
    if column.kind == "choice":
        return kinds.SelectboxColumn(column.heading, options=list(column.options), **common)
    if column.kind == "choices":
        return kinds.MultiselectColumn(column.heading, options=list(column.options), **common)
    if column.kind == "flag":
        return kinds.CheckboxColumn(column.heading, default=column.otherwise, **common)
    return kinds.TextColumn(column.heading, **common)


def payer_columns(contracts: Sequence[str], *, shares: bool) -> list[Column]:
    """Return ``shares``: whether the payers have shares; otherwise the volume names the payer of each row."""
    share = [Column("share", "Share %", "number", help="Percent of the units; together 100.")] if shares else []
    return [
        Column("name", "Payer", needed=True),
        *share,
        Column(PAYS_BY, "Pays by", "choice", tuple(TERMS.values())),
        Column("percent", "Percent", "number", help="Of Medicare or of the charge, as the payer pays."),
        Column("contract", "Contract", "choice", tuple(contracts), help="A contract's file, dropped in under Files."),
        Column("denial_rate", "Denied %", "number", help="Of what is billed, denied for good."),
        Column("collection_rate", "Collected %", "number", help="Of what is not denied; empty is all of it."),
        Column("growth", "Growth %", "number", help="A year, on top of the practice's own growth."),
        Column("facility_percent", "Center %", "number",
               help="Of Medicare's payment to the surgery center, where that is the practice's."),
    ]  # fmt: skip


def payer_shown(row: Row) -> Row:
    """Return a payer with its terms as two cells, by what it pays and how much."""
    kind = next((key for key in TERMS if row.get(key) is not None and row.get(key) is not False), None)
    cells = {key: value for key, value in row.items() if key not in TERMS}
    cells |= {PAYS_BY: TERMS[kind]} if kind else {}
    if kind in ("percent", "percent_of_charge"):
        cells["percent"] = row[kind]
    return cells | ({"contract": row["contract"]} if kind == "contract" else {})


def payer_read(row: Row) -> Row:
    """Return the payer as the scenario has it. An amount that is lacking is empty text, which the reader refuses."""
    cells = {key: value for key, value in row.items() if key not in (PAYS_BY, *TERMS)}
    by = row.get(PAYS_BY)
    if by == MEDICARE:
        cells["medicare"] = True
    elif by == PERCENT:
        cells["percent"] = row.get("percent", "")
    elif by == CHARGE:
        cells["percent_of_charge"] = row.get("percent", "")
    elif by == CONTRACT:
        cells["contract"] = row.get("contract", "")
    return cells


class PagePlaces(TomlPlaces):
    """Where a key stands on the page: the tab, the row by its name, the column."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        super().__init__("Scenario", "")
        self._tables = tables

    def row(self, table: str, number: int | None) -> str:
        tab = _TABS.get(table, table)
        if number is None:
            return tab
        rows = self._tables.get(table, ())
        name = rows[number].get("name") if number < len(rows) else None
        return f"{tab}, {name}" if name else f"{tab}, row {number + 1}"

    def of(self, table: str, number: int | None, key: str) -> str:
        parts = [self.row(table, number)] if table else []
        if key:
            parts.append(_WORDS.get(key, key.replace("_", " ")))
        return ", ".join(parts) or self.name
