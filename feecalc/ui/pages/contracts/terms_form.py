"""The form of a contract's terms, in the order a negotiator reads them; each term says which boxes it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from feecalc.contracts.contract import Contract
from feecalc.contracts.files.toml import keys_of
from feecalc.contracts.files.workbook import CELLS
from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.cells import Box, Cell, Kind, Part, text_of
from feecalc.contracts.terms.medicare_year import CURRENT
from feecalc.ui.pages.contracts import sheets
from feecalc.ui.shared import opening
from feecalc.ui.shared.figures import grid

_UNSAID, _NOT_SAID = "", "not said"
_YES_OR_NO = {"true": "yes", "false": "no"}
_IN_SIGHT = (Part.HEAD, Part.BASIS, Part.LIMITS)


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
        for part in Part:
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


def _boxes(part: Part, tables: Mapping[str, Any], key: str) -> dict[str, Any]:
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


def _widths(box: Box) -> list[int]:
    """Return the widths of the columns that a box takes."""
    return [box.width] * (2 if box.kind == Kind.CHOICE_OR_PERCENT else 1)


def _drawn(columns: Sequence[Any], cell: Cell, box: Box, value: Any, key: str) -> Any:
    """Draw a box that shows a value. Return what stands in it, as the reader takes it; None or "" for nothing."""
    column = columns[0]
    if box.kind == Kind.DAY:
        return column.date_input(
            box.label, value, key=key, format="YYYY-MM-DD", min_value=date.min, max_value=date.max
        )
    if box.kind == Kind.TEXT:
        typed = column.text_input(
            box.label, text_of(value), key=key, max_chars=box.longest, placeholder=box.empty or None,
            help=box.help or None,
        )  # fmt: skip
        return cell.read(typed.strip()) if typed.strip() else None
    if box.kind == Kind.YES_OR_NO:
        chosen = _chosen(column, box, _YES_OR_NO, text_of(value), key)
        return None if chosen == _UNSAID else chosen == "true"
    if box.kind == Kind.YEAR:
        years = {CURRENT, text_of(value), *_years()} - {_UNSAID}
        in_order = sorted(years, key=lambda year: (year == CURRENT, year), reverse=True)
        return cell.read(_chosen(column, box, {year: year for year in in_order}, text_of(value), key))
    if box.kind == Kind.CHOICE_OR_PERCENT:
        return _choice_or_percent(columns, box, value, key)
    return _chosen(column, box, box.choices, text_of(value), key)


def _years() -> list[str]:
    days = (release.first_date_of_service for release in opening.choices())
    return [str(day.year) for day in days if day]


def _choice_or_percent(columns: Sequence[Any], box: Box, value: Any, key: str) -> Any:
    """Draw a choice, and the percent that the last of the choices has."""
    *_, with_percent = box.choices
    has_percent = isinstance(value, dict)
    chosen = _chosen(columns[0], box, box.choices, with_percent if has_percent else text_of(value), key)
    typed = columns[1].text_input(
        "Percent of the charge", text_of(value[with_percent]) if has_percent else "", key=f"{key}_percent",
        max_chars=box.longest, disabled=chosen != with_percent,
    )  # fmt: skip
    return {with_percent: typed} if chosen == with_percent else chosen


def _chosen(column: Any, box: Box, choices: Mapping[str, str], value: str, key: str) -> str:
    """Draw a list of choices, before them that the contract does not say."""
    words = {_UNSAID: _NOT_SAID, **choices}
    options = list(words)
    chosen: str = column.selectbox(
        box.label, options, options.index(value), key=key, format_func=words.__getitem__, help=box.help or None
    )
    return chosen


def _sheet(name: str, tables: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Draw a table to type in. Return its rows."""
    begun = sheets.sheet(tables, name)
    columns = sheets.COLUMNS[name]
    shown = [column for column in columns if column != "rbcs" or begun["rbcs"].str.len_chars().sum()]
    edited = grid(
        begun, key=f"{key}_{name}", num_rows="dynamic", hide_index=True, width="stretch", column_order=shown,
        column_config={
            heading: st.column_config.TextColumn(column.heading, help=column.help or None, max_chars=2000)
            for heading, column in columns.items()
        },
        placeholder="", alt=f"The contract's rows of {name.replace('_', ' ')}, to be edited",
    )  # fmt: skip
    return sheets.rows(edited, name)
