"""The tab Alternatives: the scenario with a few things changed, beside itself."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from feecalc.ui.pages.forecast.draft.state import OFF, Draft
from feecalc.ui.pages.forecast.form.event_terms import shares
from feecalc.ui.pages.forecast.form.sheet import Column, Row, grid
from feecalc.ui.shared.words import one_line, plain

CHOSEN = "forecast_alternative"
_IN = "in"
_OWN = ("share", "percent")


def alternatives(draft: Draft, payers: Sequence[str], *, has_shares: bool) -> list[Row]:
    """The alternatives with what was typed."""
    names = tuple(row["name"] for row in draft.tables.get("event", ()) if row.get("name"))
    columns = [
        Column("name", "Alternative", needed=True),
        Column(_IN, "In", "flag", help="Whether it is computed.", otherwise=True),
        Column("without", "Without", "choices", names, help="Events of the scenario that do not happen in it."),
        Column("volume", "Volume %", "number", help="More or less units, all years."),
        Column("cost", "Cost a year", "number", help="USD."),
    ]
    given = draft.tables.get("alternative", [])
    shown = [row | {_IN: not row.get(OFF)} for row in given]
    rows = [_read(row) for row in grid(draft.key("alternative"), shown, columns, alt="Alternatives")]
    st.caption(
        "An alternative is the scenario with these things changed; volume and cost stand further right. A row is added "
        "at the bottom. Events that only an alternative has come from a scenario's file: drop one in under Files."
    )
    if rows:
        _chosen(draft, rows, payers, has_shares=has_shares)
    return rows


def _read(row: Row) -> Row:
    told = {key: value for key, value in row.items() if key not in (_IN, OFF)}
    return told if row.get(_IN) else told | {OFF: True}


def _chosen(draft: Draft, rows: list[Row], payers: Sequence[str], *, has_shares: bool) -> None:
    """Mix and percents of one alternative. They stand in a box of the session by the row's name, as rows come and go
    in the grid."""
    held: dict[str, Row] = st.session_state.setdefault(draft.key("alternative_terms"), {})
    with st.container(border=True):
        number = st.selectbox(
            "Payers of the alternative", range(len(rows)), key=draft.key("alternative_chosen"),
            format_func=lambda each: one_line(rows[each].get("name") or f"alternative {each + 1}"),
        )  # fmt: skip
        row = rows[number]
        name = str(row.get("name", ""))
        told = {key: row.get(key, {}) for key in _OWN} | held.get(name, {})
        word = f"alternative_{number}"
        if has_shares:
            st.caption("Shares of the units, all of them to 100 together; empty: as planned.")
            told["share"] = shares(draft, f"{word}_share", told["share"], payers)
        st.caption("Percent of Medicare that a payer pays; empty: as planned.")
        told["percent"] = shares(draft, f"{word}_percent", told["percent"], payers)
        if row.get("event"):
            added = ", ".join(one_line(each.get("name", "")) for each in row["event"])
            st.caption(plain(f"It adds the events {added}, as its file says."))
    held[name] = told
    for each in rows:
        for key, value in held.get(str(each.get("name", "")), {}).items():
            if value:
                each[key] = value
            else:
                each.pop(key, None)
