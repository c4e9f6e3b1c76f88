"""The form of a contract's terms, in the order a negotiator reads them: its boxes, and its tables as rows of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from feecalc.contracts.contract import Contract
from feecalc.contracts.files.toml import keys_of
from feecalc.contracts.files.workbook import CELLS
from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.cells import Cell, Column, FormBox, FormPart, InputKind, as_list, text_of
from feecalc.contracts.terms.medicare_year import CURRENT
from feecalc.ui.shared import opening
from feecalc.ui.shared.figures import grid

_EMPTY, _EMPTY_SHOWN = "", "not stated"
_YES_OR_NO = {"true": "yes", "false": "no"}
_IN_SIGHT = (FormPart.HEAD, FormPart.BASIS, FormPart.LIMITS)
_COLUMNS: Mapping[str, Mapping[str, Column]] = {term.sheet: term.columns for term in TERMS if term.sheet}


def draw(contract: Contract, key: str, day: date) -> dict[str, Any]:
    """Draw the form, begun with a contract. Return the tables it says, as ``files.tables.contract_of`` takes them."""
    tables = keys_of(contract)
    typed = dict[str, Any]()
    for part in _IN_SIGHT:
        typed |= _boxes(part, tables, key)
    rows = [term for term in TERMS if term.sheet]
    for term in rows:
        if term.pays_alone:
            st.markdown(f"##### {term.heading}")
            if term.help(day):
                st.caption(term.help(day))
            typed[term.sheet] = _sheet(term.sheet, tables, key)
    with st.expander("Payment rules, factor and floor"):
        for part in FormPart:
            if part not in _IN_SIGHT:
                typed |= _boxes(part, tables, key)
    for term in rows:
        if not term.pays_alone:
            with st.expander(f"{term.heading} ({len(tables.get(term.sheet, ()))})"):
                typed[term.sheet] = _sheet(term.sheet, tables, key)
    for name, value in typed.items():
        table, _, inner = name.rpartition(".")
        if table:
            tables[table] = {**tables.get(table, {}), inner: value}
        else:
            tables[inner] = value
    return tables


def _boxes(part: FormPart, tables: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Draw the boxes of a part of the form. Return the value of each key, with its table."""
    cells = [(name, cell, cell.box) for name, cell in CELLS.items() if cell.box is not None and cell.box.part == part]
    widths = [width for _, _, box in cells for width in _widths(box)]
    across = part.value[1] or len(widths)
    rows = [widths[begin : begin + across] for begin in range(0, len(widths), across)]
    columns = [column for row in rows for column in st.columns(row)]
    found = {}
    for name, cell, box in cells:
        own, columns = columns[: len(_widths(box))], columns[len(_widths(box)) :]
        table, _, inner = name.rpartition(".")
        value = (tables.get(table, {}) if table else tables).get(inner)
        found[name] = _drawn(own, cell, box, value, f"{key}_{name.replace('.', '_')}")
    return found


def _widths(box: FormBox) -> list[int]:
    """Return the widths of the columns that a box takes."""
    return [box.width] * (2 if box.kind == InputKind.CHOICE_OR_PERCENT else 1)


def _drawn(columns: Sequence[Any], cell: Cell, box: FormBox, value: Any, key: str) -> Any:
    """Draw a box that shows a value. Return its value, as the reader of contracts takes it; None or "" for nothing."""
    column = columns[0]
    if box.kind == InputKind.DAY:
        return column.date_input(
            box.label, value, key=key, format="YYYY-MM-DD", min_value=date.min, max_value=date.max
        )
    if box.kind == InputKind.TEXT:
        typed = column.text_input(
            box.label, text_of(value), key=key, max_chars=box.longest, placeholder=box.empty or None,
            help=box.help or None,
        )  # fmt: skip
        return cell.read(typed.strip()) if typed.strip() else None
    if box.kind == InputKind.YES_OR_NO:
        chosen = _chosen(column, box, _YES_OR_NO, text_of(value), key)
        return None if chosen == _EMPTY else chosen == "true"
    if box.kind == InputKind.YEAR:
        years = {CURRENT, text_of(value), *_years()} - {_EMPTY}
        in_order = sorted(years, key=lambda year: (year == CURRENT, year), reverse=True)
        return cell.read(_chosen(column, box, {year: year for year in in_order}, text_of(value), key))
    if box.kind == InputKind.CHOICE_OR_PERCENT:
        return _choice_or_percent(columns, box, value, key)
    return _chosen(column, box, box.choices, text_of(value), key)


def _years() -> list[str]:
    days = (release.first_date_of_service for release in opening.choices())
    return [str(day.year) for day in days if day]


def _choice_or_percent(columns: Sequence[Any], box: FormBox, value: Any, key: str) -> Any:
    """Draw a choice, and the percent that the last of the choices has."""
    *_, with_percent = box.choices
    has_percent = isinstance(value, dict)
    chosen = _chosen(columns[0], box, box.choices, with_percent if has_percent else text_of(value), key)
    typed = columns[1].text_input(
        "Percent of the charge", text_of(value[with_percent]) if has_percent else "", key=f"{key}_percent",
        max_chars=box.longest, disabled=chosen != with_percent,
    )  # fmt: skip
    return {with_percent: typed} if chosen == with_percent else chosen


def _chosen(column: Any, box: FormBox, choices: Mapping[str, str], value: str, key: str) -> str:
    """Draw a list of choices, before them that the contract does not say."""
    words = {_EMPTY: _EMPTY_SHOWN, **choices}
    options = list(words)
    chosen: str = column.selectbox(
        box.label, options, options.index(value), key=key, format_func=words.__getitem__, help=box.help or None
    )
    return chosen


def _sheet(name: str, tables: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Draw a table to type in. Return its rows."""
    given = table_rows(tables, name)
    columns = _COLUMNS[name]
    shown = [column for column in columns if column != "rbcs" or given["rbcs"].str.len_chars().sum()]
    edited = grid(
        given, key=f"{key}_{name}", num_rows="dynamic", hide_index=True, width="stretch", column_order=shown,
        column_config={
            heading: st.column_config.TextColumn(column.heading, help=column.help or None, max_chars=2000)
            for heading, column in columns.items()
        },
        placeholder="", alt=f"The contract's rows of {name.replace('_', ' ')}, to be edited",
    )  # fmt: skip
    return typed_rows(edited, name)


def table_rows(tables: Mapping[str, Any], name: str) -> pl.DataFrame:
    """Return the rows of a table (category, carve_out, test) as text. Shape: the columns of the term."""
    columns = _COLUMNS[name]
    rows = [{column: text_of(row.get(column)) for column in columns} for row in tables.get(name, ())]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))


def typed_rows(edited: Iterable[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    """Return the rows of a table as the reader takes them, without its empty cells and rows."""
    columns, found = _COLUMNS[name], []
    for row in edited:
        cells = {key: str(cell).strip() for key, cell in row.items() if cell is not None and str(cell).strip()}
        if cells:
            found.append({key: as_list(cell) if columns[key].read is as_list else cell for key, cell in cells.items()})
    return found


def without_none(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables without what the contract does not say."""
    found: dict[str, Any] = {}
    for name, value in tables.items():
        kept = without_none(value) if isinstance(value, dict) else value
        if kept not in (None, "", {}, [], ()):
            found[name] = kept
    return found
