"""A contract as a spreadsheet to fill in, or as TOML: written here, and the spreadsheet read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from feecalc.contracts.contract import Contract
from feecalc.contracts.files.reading import contract_of
from feecalc.errors import InvalidValue, UnreadableFile
from feecalc.files.toml import Places, toml_text

# The keys of the sheet of terms, what each means, and what may stand there.
TERMS: Mapping[str, str] = {
    "payer": "the payer's name",
    "effective_from": "first day, 2026-01-01",
    "effective_to": "last day",
    "percent": "percent of Medicare for all that no other sheet speaks of, 125",
    "note": "anything",
    "basis.year": "Medicare of which year: 2025, or current",
    "basis.release": "of which quarter, 2025D; empty where the contract does not say",
    "basis.locality": 'own, national, or one for all: "Miami, FL"',
    "basis.conversion_factor": "dollars per RVU in place of Medicare's",
    "basis.qp": "the factor of qualifying APM participants: true or false",
    "basis.gpci_floor": "the work index has its floor of 1.0: true or false",
    "without_medicare_price": "where Medicare has no price: not_paid, or a percent of the charge, 60",
    "lesser_of_billed": "no more than the charge, by: line, claim, or no",
    "rules.multiple_procedure": "medicare, none, or percents: 100, 50, 25",
    "rules.bilateral": "both sides, as a percent of one: 150",
    "rules.assistant": "assistant at surgery, percent: 16",
    "rules.practitioner_percent": "a nurse practitioner's lower percent is taken: true or false",
    "rules.site_of_service": "facility amounts in facilities: true; office amounts everywhere: false",
    "rules.sequestration": "Medicare's cut is passed on: true or false",
    "escalator.percent": "rise a year, 3",
    "escalator.first_applied": "first day of the first rise, 2027-01-01",
    "fee_table.path": "the payer's own fees, a csv beside this file",
    "fee_table.percent": "of those fees, 100",
}
SHEETS: Mapping[str, Sequence[str]] = {
    "category": ("name", "percent", "codes", "rbcs", "without", "effective_from", "effective_to"),
    "carve_out": ("hcpcs", "modifier", "place_of_service", "amount", "effective_from", "effective_to"),
    "test": (
        "name", "date_of_service", "hcpcs", "modifiers", "place_of_service", "locality", "units", "billed_amount",
        "provider_type", "amount", "not_paid",
    ),
}  # fmt: skip
_FIRST = "contract"
_HEAD = ("key", "value", "what it is")
_LISTS = ("codes", "rbcs", "without", "modifiers")
_TEXTS = ("hcpcs", "modifier", "place_of_service", "release")
# More carve-outs than there are codes; a dozen columns are filled in.
_BOUNDS: Mapping[str, int] = {"rows": 20_000, "cells": 1_000_000, "text": 2**25, "tags": 2**23, "unpacked": 2**27}


class SheetPlaces(Places):
    """Places of a workbook: sheet, row and column."""

    def __init__(self, name: str, rows: Mapping[str, Sequence[int]]) -> None:
        super().__init__(name)
        self.rows = rows

    def row(self, table: str, number: int | None) -> str:
        if number is None or table not in self.rows:
            return f"sheet {_FIRST!r}"
        listed = self.rows[table]
        return f"sheet {table!r}, row {listed[number] if number < len(listed) else '?'}"

    def of(self, table: str, number: int | None, key: str) -> str:
        if number is None:
            whole = f"{table}.{key}" if table and key else table or key
            return f"{self.name}, sheet {_FIRST!r}, key {whole!r}"
        return f"{self.name}, {self.row(table, number)}" + (f", column {key!r}" if key else "")


def read_template(path: Path) -> Contract:
    """A contract from the spreadsheet. Raises InvalidValue, UnreadableFile, UnsafeArchive."""
    sheets = _sheets(path)
    if _FIRST not in sheets:
        raise UnreadableFile(
            f"{path.name}: no sheet {_FIRST!r}; write the template with feecalc contract template {path.stem}.xlsx"
        )
    tables: dict[str, Any] = {}
    for number, row in enumerate(sheets[_FIRST], 1):
        key, value = [*row, "", ""][:2]
        if not key or not value or key == _HEAD[0]:
            continue
        if key not in TERMS:
            raise InvalidValue(f"{path.name}, sheet {_FIRST!r}, row {number}: no such key {key!r}; see the template")
        table, _, inner = key.rpartition(".")
        target = tables.setdefault(table, {}) if table else tables
        target[inner] = _term(inner, value)
    rows: dict[str, list[int]] = {}
    for name, columns in SHEETS.items():
        found = list(_table(path.name, name, columns, sheets.get(name, [])))
        rows[name] = [number for number, _ in found]
        if found:
            tables[name] = [cells for _, cells in found]
    return contract_of(tables, SheetPlaces(path.name, rows))


def _table(
    file: str, name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a sheet below its headings, with their numbers; empty cells are not said."""
    if not rows:
        return
    unknown = [cell for cell in rows[0] if cell and cell not in columns]
    if unknown:
        raise InvalidValue(
            f"{file}, sheet {name!r}, row 1: no such column {unknown[0]!r}; there are {', '.join(columns)}"
        )
    for number, row in enumerate(rows[1:], 2):
        cells = {heading: _cell(heading, cell) for heading, cell in zip(rows[0], row, strict=False) if cell and heading}
        if cells:
            yield number, cells


def _term(key: str, text: str) -> Any:
    if key == "without_medicare_price":
        return text if re.search(r"[a-z]", text) else {"percent_of_charge": text}
    if key == "multiple_procedure":
        return [part for part in re.split(r"[,;\s]+", text) if part] if re.match(r"[\d.]", text) else text
    if key == "year" and text.isdigit():
        return int(text)
    return _cell(key, text)


def _cell(key: str, text: str) -> Any:
    if key in _LISTS:
        return [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    if key.startswith("effective") or key in ("date_of_service", "first_applied"):
        return re.sub(r"[T ]\d\d:\d\d.*$", "", text)
    if key in _TEXTS:
        bare = re.sub(r"^(\d+)\.0$", r"\1", text)
        return bare.zfill(5) if key == "hcpcs" and bare.isdigit() else bare
    if key == "units":
        return re.sub(r"\.0$", "", text)
    return text


def _sheets(path: Path) -> dict[str, list[list[str]]]:
    """Every sheet as rows of text without spaces around it."""
    from feecalc.files.workbook import BOUNDS, read_sheets

    bounds = replace(BOUNDS, **_BOUNDS, advice="no contract does", far_advice="delete what stands there")
    found = read_sheets(path, bounds, only=(_FIRST, *SHEETS))
    return {name: [[(cell or "").strip() for cell in row] for row in sheet.rows()] for name, sheet in found}


def write_contract(contract: Contract | None, path: Path) -> None:
    """A contract, or (None) an example to fill in, as .xlsx or .toml. Raises InvalidValue, StoreError."""
    from feecalc.files.atomic_write import atomic_write

    shown = contract or Contract.model_validate(_EXAMPLE)
    ending = path.suffix.lower()
    if ending not in (".xlsx", ".toml"):
        raise InvalidValue(f"{path.name!r}: a contract is written as .xlsx or .toml")
    with atomic_write(path) as temporary:
        if ending == ".toml":
            temporary.write_text(contract_toml(shown), encoding="utf-8")
        else:
            _write_workbook(shown, temporary)


_EXAMPLE: dict[str, Any] = {
    "payer": "Example Health",
    "percent": "120",
    "basis": {"year": "current", "locality": "own"},
    "category": [{"name": "visits", "percent": "115"}, {"name": "imaging", "percent": "105"}],
    "without_medicare_price": {"percent_of_charge": "60"},
    "lesser_of_billed": "line",
}


def _said(contract: Contract) -> dict[str, Any]:
    """The contract's keys that say something, in their order."""
    told: dict[str, Any] = contract.model_dump(exclude_none=True, exclude_defaults=True)
    return told


def contract_toml(contract: Contract) -> str:
    """A contract as TOML, which reads as the same contract."""
    return toml_text(_said(contract))


def _write_workbook(contract: Contract, path: Path) -> None:
    import xlsxwriter

    told = _said(contract)
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(_FIRST)
        sheet.write_row(0, 0, _HEAD, bold)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 24, text)
        sheet.set_column(2, 2, 70)
        for number, (key, what) in enumerate(TERMS.items(), 1):
            table, _, inner = key.rpartition(".")
            held = told.get(table, {}) if table else told
            sheet.write_string(number, 0, key)
            sheet.write_string(number, 1, _text(held.get(inner)), text)
            sheet.write_string(number, 2, what)
        sheet.freeze_panes(1, 0)
        for name, columns in SHEETS.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, columns, bold)
            sheet.set_column(0, len(columns) - 1, 18, text)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(told.get(name, ()), 1):
                for place, column in enumerate(columns):
                    sheet.write_string(number, place, _text(row.get(column)), text)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return _text(value.get("percent_of_charge"))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(each) for each in value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
