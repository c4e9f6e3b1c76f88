"""A contract's workbook, read and written: one sheet of terms, and a sheet for each term that has rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from feecalc.contracts.contract import FILE_KEYS, Contract
from feecalc.contracts.files.tables import contract_of
from feecalc.contracts.files.toml import contract_toml, keys_of
from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.cells import Cell, Column, text_of
from feecalc.errors import InvalidValue, UnreadableFile
from feecalc.files.atomic_write import atomic_write
from feecalc.files.opening import BOUNDS, read_sheets
from feecalc.files.toml import Places

_FIRST = "contract"
_HEAD = ("key", "value", "what it is")
# The order of the first sheet's keys, or of their tables; a key of a later term comes after these.
_ORDER = (
    "payer", "effective_from", "effective_to", "percent", "note", "basis", "without_medicare_price", "lesser_of_billed",
    "rules", "escalator", "fee_table",
)  # fmt: skip
# More carve-outs than there are codes; a dozen columns are filled in.
_BOUNDS: Mapping[str, int] = {"rows": 20_000, "cells": 1_000_000, "text": 2**25, "tags": 2**23, "unpacked": 2**27}


def _cells() -> dict[str, Cell]:
    """Return the cells of the first sheet by key, in order; a key includes its table: "basis.year"."""
    cells = {f"{term.table}.{key}" if term.table else key: cell for term in TERMS for key, cell in term.cells.items()}

    def place(key: str) -> tuple[int, int]:
        head = key.partition(".")[0]
        return _ORDER.index(head) if head in _ORDER else len(_ORDER), FILE_KEYS.index(key) if "." in key else 0

    return {key: cells[key] for key in sorted(cells, key=place)}


CELLS = _cells()
_SHEETS: Mapping[str, Mapping[str, Column]] = {term.sheet: term.columns for term in TERMS if term.sheet}


class SheetPlaces(Places):
    """Places in a workbook, for error messages: sheet, row and column."""

    def __init__(self, name: str, rows: Mapping[str, Sequence[int]]) -> None:
        super().__init__(name)
        self.rows = rows

    def row(self, table: str, number: int | None) -> str:
        if number is None or table not in self.rows:
            return f"sheet {_FIRST!r}"
        numbers = self.rows[table]
        return f"sheet {table!r}, row {numbers[number] if number < len(numbers) else '?'}"

    def of(self, table: str, number: int | None, key: str) -> str:
        if number is None:
            full_key = f"{table}.{key}" if table and key else table or key
            return f"{self.name}, sheet {_FIRST!r}, key {full_key!r}"
        return f"{self.name}, {self.row(table, number)}" + (f", column {key!r}" if key else "")


def read_workbook(path: Path) -> Contract:
    """Return a contract from its workbook. Raises InvalidValue, UnreadableFile, UnsafeArchive."""
    sheets = _read_sheets(path)
    if _FIRST not in sheets:
        raise UnreadableFile(
            f"{path.name}: no sheet {_FIRST!r}; write the template with feecalc contract template {path.stem}.xlsx"
        )
    tables: dict[str, Any] = {}
    for number, row in enumerate(sheets[_FIRST], 1):
        key, value = [*row, "", ""][:2]
        if not key or not value or key == _HEAD[0]:
            continue
        if key not in CELLS:
            raise InvalidValue(f"{path.name}, sheet {_FIRST!r}, row {number}: no such key {key!r}; see the template")
        table, _, key_in_table = key.rpartition(".")
        target = tables.setdefault(table, {}) if table else tables
        target[key_in_table] = CELLS[key].read(value)
    rows: dict[str, list[int]] = {}
    for name, columns in _SHEETS.items():
        sheet_rows = list(_rows(path.name, name, columns, sheets.get(name, [])))
        rows[name] = [number for number, _ in sheet_rows]
        if sheet_rows:
            tables[name] = [cells for _, cells in sheet_rows]
    return contract_of(tables, SheetPlaces(path.name, rows))


def _rows(
    file: str, name: str, columns: Mapping[str, Column], rows: Sequence[Sequence[str]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a sheet below its headings, with their numbers; empty cells are left out."""
    if not rows:
        return
    unknown = [cell for cell in rows[0] if cell and cell not in columns]
    if unknown:
        raise InvalidValue(
            f"{file}, sheet {name!r}, row 1: no such column {unknown[0]!r}; there are {', '.join(columns)}"
        )
    for number, row in enumerate(rows[1:], 2):
        filled_cells = [(heading, cell) for heading, cell in zip(rows[0], row, strict=False) if cell and heading]
        if filled_cells:
            yield number, {heading: columns[heading].read(cell) for heading, cell in filled_cells}


def _read_sheets(path: Path) -> dict[str, list[list[str]]]:
    """Return every sheet as rows of stripped text."""
    bounds = replace(BOUNDS, **_BOUNDS, advice="no contract does", far_advice="delete what stands there")
    sheets = read_sheets(path, bounds, only=(_FIRST, *_SHEETS))
    return {name: [[(cell or "").strip() for cell in row] for row in sheet.rows()] for name, sheet in sheets}


def write_contract(contract: Contract | None, path: Path) -> None:
    """Write a contract, or (None) an example to fill in, as .xlsx or .toml. Raises InvalidValue, StoreError."""
    written = contract or Contract.model_validate(_EXAMPLE)
    ending = path.suffix.lower()
    if ending not in (".xlsx", ".toml"):
        raise InvalidValue(f"{path.name!r}: a contract is written as .xlsx or .toml")
    with atomic_write(path) as temporary:
        if ending == ".toml":
            temporary.write_text(contract_toml(written), encoding="utf-8")
        else:
            _write_workbook(written, temporary)


_EXAMPLE: dict[str, Any] = {
    "payer": "Example Health",
    "percent": "120",
    "basis": {"year": "current", "locality": "own"},
    "category": [{"name": "visits", "percent": "115"}, {"name": "imaging", "percent": "105"}],
    "without_medicare_price": {"percent_of_charge": "60"},
    "lesser_of_billed": "line",
}


def _write_workbook(contract: Contract, path: Path) -> None:
    import xlsxwriter

    keys = keys_of(contract)
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(_FIRST)
        sheet.write_row(0, 0, _HEAD, bold)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 24, text)
        sheet.set_column(2, 2, 70)
        for number, (key, cell) in enumerate(CELLS.items(), 1):
            table, _, key_in_table = key.rpartition(".")
            values = keys.get(table, {}) if table else keys
            sheet.write_string(number, 0, key)
            sheet.write_string(number, 1, cell.write(values.get(key_in_table)), text)
            sheet.write_string(number, 2, cell.what)
        sheet.freeze_panes(1, 0)
        for name, columns in _SHEETS.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(columns), bold)
            sheet.set_column(0, len(columns) - 1, 18, text)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(keys.get(name, ()), 1):
                for place, column in enumerate(columns):
                    sheet.write_string(number, place, text_of(row.get(column)), text)
