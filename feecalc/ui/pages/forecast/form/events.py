"""The tab Events: what may happen, when and how likely; one chosen to say what it changes; another added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from feecalc import reference
from feecalc.scenarios.scenario.events import OFFICE
from feecalc.ui.pages.forecast.draft.state import OFF, Draft
from feecalc.ui.pages.forecast.form import event_terms
from feecalc.ui.pages.forecast.form.columns import EVENT_KINDS
from feecalc.ui.pages.forecast.form.sheet import Column, Row, grid
from feecalc.ui.shared.words import one_line

CHOSEN = "forecast_event"  # the number of the event whose terms show, kept when the grids begin anew
_IN, _KIND = "in", "shown_kind"
_COLUMNS = [
    Column("name", "Event", needed=True),
    Column(_IN, "In", "flag", help="Whether the scenario has it at all.", otherwise=True),
    Column("effective_from", "From", "day", needed=True),
    Column("effective_to", "Until", "day", help="Empty: until the next of its kind, or for good."),
    Column("odds", "Odds %", "number", help="For the draws; the forecast itself has every event. Empty: 100."),
    Column("cost", "Cost a year", "number", help="USD, while it lasts."),
    Column(_KIND, "Kind", locked=True),
]


def events(draft: Draft, payers: Sequence[str], codes: Sequence[str]) -> tuple[list[Row], bool]:
    """The events with what was typed, and whether one was added or taken out."""
    given = draft.tables.get("event", [])
    shown = [row | {_IN: not row.get(OFF), _KIND: EVENT_KINDS.get(str(row.get("kind")), "")} for row in given]
    typed = grid(draft.key("event"), shown, _COLUMNS, alt="Events with their days and odds", fixed=True)
    rows = [_read(row) for row in typed]
    if rows:
        st.caption(
            "The forecast has every event that is in; the odds are for the draws. Cost and kind stand further right."
        )
        rows, removed = _chosen(draft, rows, payers, codes)
        if removed:
            return rows, True
    added = _added(draft, payers, codes)
    if added is not None:
        st.session_state[CHOSEN] = len(rows)
        return [*rows, added], True
    return rows, False


def _read(row: Row) -> Row:
    told = {key: value for key, value in row.items() if key not in (_IN, _KIND, OFF)}
    return told if row.get(_IN) else told | {OFF: True}


def _chosen(draft: Draft, rows: list[Row], payers: Sequence[str], codes: Sequence[str]) -> tuple[list[Row], bool]:
    """The terms of one event to change; they go into the draft at once, as another may be chosen next."""
    with st.container(border=True):
        key = draft.key("event_chosen")
        first = min(st.session_state.get(CHOSEN, 0), len(rows) - 1)
        number = st.selectbox(
            "What it changes", range(len(rows)), index=first, key=key,
            format_func=lambda each: one_line(rows[each].get("name") or f"event {each + 1}"),
        )  # fmt: skip
        st.session_state[CHOSEN] = number
        terms = event_terms.terms(draft, f"event_{number}", rows[number], payers, codes)
        removed = st.button("Take this event out", key=draft.key("event_remove"), icon=":material/delete:")
    if removed:
        return [row for at, row in enumerate(rows) if at != number], True
    common = {key: value for key, value in rows[number].items() if key in _common()}
    draft.tables["event"][number] = {**_of_draft(draft, number), **terms}
    rows[number] = common | terms
    return rows, False


def _of_draft(draft: Draft, number: int) -> Row:
    return {key: value for key, value in draft.tables["event"][number].items() if key in _common()}


def _common() -> tuple[str, ...]:
    """The keys of a row that stand in the grid."""
    return ("kind", OFF, *(each.key for each in _COLUMNS))


def _added(draft: Draft, payers: Sequence[str], codes: Sequence[str]) -> Row | None:
    """An event to begin with, of the kind that was chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            "Another event", list(EVENT_KINDS), format_func=EVENT_KINDS.__getitem__, key=draft.key("event_kind")
        )
        if not st.button("Add", key=draft.key("event_add"), icon=":material/add:"):
            return None
    year = int(draft.tables.get("base_year", date.today().year)) + 1
    taken = {row.get("name") for row in draft.tables.get("event", ())}
    name = next(each for number in range(1, 1000) if (each := _numbered(EVENT_KINDS[kind], number)) not in taken)
    return {"name": name, "kind": kind, "effective_from": date(year, 1, 1), **_first(draft, kind, payers, codes)}


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} {number}"


def _first(draft: Draft, kind: str, payers: Sequence[str], codes: Sequence[str]) -> Row:
    """Terms that change nothing, or little, until a person says what."""
    shares = {row["name"]: row.get("share", 0) for row in draft.tables.get("payer", ()) if row.get("name")}
    proposed = [row["name"] for row in reference.rows("proposed_factor")]
    sequestration = reference.row_on("sequestration", date(int(draft.tables["base_year"]), 7, 1))["value"]
    terms: dict[str, dict[str, Any]] = {
        "conversion_factor": {"assumption": proposed[-1]} if proposed else {"percent": 0},
        "sequestration": {"percent": sequestration},
        "site_shift": {"codes": list(codes[:1]), "from_place": OFFICE, "to_place": event_terms.CENTER},
        "hire": {"adds": 10, "provider": {"name": "new provider"}},
        "contract_renewal": {"payer": payers[0] if payers else "", "change": 0},
        "payer_mix": {"share": shares},
    }
    return terms.get(kind, {})
