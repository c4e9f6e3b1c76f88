"""The tabs Events and Alternatives: what may happen, when and how likely, what it changes, and the scenario without it.

An event is chosen to say what it changes, by widgets of its kind; another is added. An alternative is the scenario with
a few things changed, beside itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from feecalc import reference
from feecalc.scenarios.forecast.pots import CENTER_PLACE
from feecalc.scenarios.scenario.events import OFFICE
from feecalc.ui.pages.forecast.draft.state import OFF, Draft
from feecalc.ui.pages.forecast.form.practice import number
from feecalc.ui.pages.forecast.form.sheet import CHARGE, CONTRACT, EVENT_KINDS, MEDICARE, PERCENT, Column, Row, grid
from feecalc.ui.shared.words import one_line, plain

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
CENTER = CENTER_PLACE
_ASSUMED, _AMOUNT, _CHANGED = "a named assumption", "an amount", "a percent more or less"
_ON_TOP = "% on top of its terms"
_LONGEST = 200
_SHARES_A_ROW = 3

Draw = Callable[[Draft, str, Row, Sequence[str], Sequence[str]], Row]
CHOSEN_ALTERNATIVE = "forecast_alternative"
_OWN = ("share", "percent")


def events(draft: Draft, payers: Sequence[str], codes: Sequence[str]) -> tuple[list[Row], bool]:
    """Return the events with what was typed, and whether one was added or taken out."""
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
    cells = {key: value for key, value in row.items() if key not in (_IN, _KIND, OFF)}
    return cells if row.get(_IN) else cells | {OFF: True}


def _chosen(draft: Draft, rows: list[Row], payers: Sequence[str], codes: Sequence[str]) -> tuple[list[Row], bool]:
    """Return the terms of one event to change; they go into the draft at once, as another may be chosen next."""
    with st.container(border=True):
        key = draft.key("event_chosen")
        first = min(st.session_state.get(CHOSEN, 0), len(rows) - 1)
        number = st.selectbox(
            "What it changes", range(len(rows)), index=first, key=key,
            format_func=lambda number: one_line(rows[number].get("name") or f"event {number + 1}"),
        )  # fmt: skip
        st.session_state[CHOSEN] = number
        terms = edit_terms(draft, f"event_{number}", rows[number], payers, codes)
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
    """Return the keys of a row that stand in the grid."""
    return ("kind", OFF, *(column.key for column in _COLUMNS))


def _added(draft: Draft, payers: Sequence[str], codes: Sequence[str]) -> Row | None:
    """Return an event to begin with, of the kind that was chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            "Another event", list(EVENT_KINDS), format_func=EVENT_KINDS.__getitem__, key=draft.key("event_kind")
        )
        if not st.button("Add", key=draft.key("event_add"), icon=":material/add:"):
            return None
    year = int(draft.tables.get("base_year", date.today().year)) + 1
    taken = {row.get("name") for row in draft.tables.get("event", ())}
    names = (_numbered(EVENT_KINDS[kind], number) for number in range(1, 1000))
    name = next(name for name in names if name not in taken)
    return {"name": name, "kind": kind, "effective_from": date(year, 1, 1), **_first(draft, kind, payers, codes)}


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} {number}"


def _first(draft: Draft, kind: str, payers: Sequence[str], codes: Sequence[str]) -> Row:
    """Return terms that change nothing, or little, until a person says what."""
    shares = {row["name"]: row.get("share", 0) for row in draft.tables.get("payer", ()) if row.get("name")}
    proposed = [row["name"] for row in reference.rows("proposed_factor")]
    sequestration = reference.row_on("sequestration", date(int(draft.tables["base_year"]), 7, 1))["value"]
    terms: dict[str, dict[str, Any]] = {
        "conversion_factor": {"assumption": proposed[-1]} if proposed else {"percent": 0},
        "sequestration": {"percent": sequestration},
        "site_shift": {"codes": list(codes[:1]), "from_place": OFFICE, "to_place": CENTER},
        "hire": {"adds": 10, "provider": {"name": "new provider"}},
        "contract_renewal": {"payer": payers[0] if payers else "", "change": 0},
        "payer_mix": {"share": shares},
    }
    return terms.get(kind, {})


def edit_terms(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    """Return the keys of the event that are its kind's own, as the widgets have them.

    ``word``: of the widgets' keys.
    """
    draw = _DRAWN.get(str(row.get("kind")))
    return {} if draw is None else draw(draft, word, row, payers, codes)


def shares(draft: Draft, word: str, given: Mapping[str, Any], payers: Sequence[str]) -> Row:
    """Return a box for each payer's share; an empty one is left out."""
    found = {}
    for first in range(0, len(payers), _SHARES_A_ROW):
        row = payers[first : first + _SHARES_A_ROW]
        for column, name in zip(st.columns(_SHARES_A_ROW, vertical_alignment="bottom"), row, strict=False):
            with column:
                share = number(f"{plain(one_line(name))} %", given.get(name), draft.key(f"{word}_{payers.index(name)}"))
            if share is not None:
                found[name] = share
    return found


def _factor(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    known = list(dict.fromkeys(row["name"] for row in reference.rows("proposed_factor")))
    known += [row["assumption"]] if row.get("assumption") and row["assumption"] not in known else []
    ways = [_ASSUMED, _AMOUNT, _CHANGED]
    now = _ASSUMED if "assumption" in row else _AMOUNT if "conversion_factor" in row else _CHANGED
    way = st.radio("The conversion factor is", ways, ways.index(now), key=draft.key(f"{word}_way"), horizontal=True)
    anesthesia = number(
        "Anesthesia, USD a unit (national)", row.get("anesthesia_conversion_factor"),
        draft.key(f"{word}_anesthesia"), step=0.1, help="Empty: it moves by as much as the other.",
    )  # fmt: skip
    own = {} if anesthesia is None else {"anesthesia_conversion_factor": anesthesia}
    if way == _ASSUMED:
        at = known.index(row["assumption"]) if "assumption" in row else 0
        name = st.selectbox("Assumption", known, at, key=draft.key(f"{word}_assumption"), format_func=one_line)
        return {"assumption": name} | own
    if way == _CHANGED:
        percent = number("Percent", row.get("percent", 0), draft.key(f"{word}_percent"))
        return {"percent": _or_nothing(percent)} | own
    usual = number("USD per RVU", row.get("conversion_factor"), draft.key(f"{word}_factor"), step=0.1)
    qp = number("Of qualifying participants", row.get("conversion_factor_qp"), draft.key(f"{word}_qp"), step=0.1)
    cells = {"conversion_factor": _or_nothing(usual)} | own
    return cells if qp is None else cells | {"conversion_factor_qp": qp}


def _floor(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    st.caption("The work GPCI of no place is raised to 1.0 any more.")
    return {}


def _sequestration(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    percent = number("Percent taken off Medicare's part", row.get("percent"), draft.key(f"{word}_percent"))
    return {"percent": _or_nothing(percent)}


def _shift(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    now = [str(code) for code in row.get("codes", ())]
    chosen = st.multiselect(
        "Codes that move", list(dict.fromkeys([*now, *codes])), now, key=draft.key(f"{word}_codes"),
        format_func=one_line, accept_new_options=True,
    )  # fmt: skip
    places = {row["code"]: row["name"] for row in reference.rows_on("place_of_service", date.today())}
    cells: Row = {"codes": chosen}
    for column, (key, label, usual) in zip(
        st.columns(2), (("from_place", "From place", OFFICE), ("to_place", "To place", CENTER)), strict=True
    ):
        given = str(row.get(key, usual))
        options = sorted({*places, given})
        cells[key] = column.selectbox(
            label, options, options.index(given), key=draft.key(f"{word}_{key}"),
            format_func=lambda place: f"{place}  {places.get(place, '')}",
        )  # fmt: skip
    percent = number("Percent of their units", row.get("percent", 100), draft.key(f"{word}_percent"))
    cells["percent"] = _or_nothing(percent)
    return cells | _at_locations(draft, word, row)


def _hire(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    given = row.get("provider", {})
    adds = number("Adds, % of the practice's units", row.get("adds"), draft.key(f"{word}_adds"))
    name = st.text_input("Who", one_line(given.get("name", "")), key=draft.key(f"{word}_who"), max_chars=_LONGEST)
    year = int(draft.tables.get("base_year", date.today().year))
    types = [row["provider_type"] for row in reference.rows_on("provider_type", date(year, 7, 1))]
    kind = str(given.get("provider_type", types[0]))
    options = list(dict.fromkeys([*types, kind]))
    chosen = st.selectbox("Type", options, options.index(kind), key=draft.key(f"{word}_type"), format_func=one_line)
    provider = given | {"name": name, "provider_type": chosen}
    return {"adds": _or_nothing(adds), "provider": provider} | _at_locations(draft, word, row)


def _renewal(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    given = str(row.get("payer", ""))
    options = list(dict.fromkeys([*payers, *([given] if given else [])]))
    payer = st.selectbox(
        "Payer", options, options.index(given) if given else 0, key=draft.key(f"{word}_payer"), format_func=one_line
    )
    ways = {"percent": PERCENT, "change": _ON_TOP, "percent_of_charge": CHARGE, "contract": CONTRACT,
            "medicare": MEDICARE}  # fmt: skip
    now = next((key for key in ways if row.get(key) not in (None, False)), "change")
    way = st.selectbox(
        "Then pays by", list(ways), list(ways).index(now), key=draft.key(f"{word}_way"), format_func=ways.__getitem__
    )
    cells: Row = {"payer": payer or ""}
    if way == "medicare":
        return cells | {"medicare": True}
    if way == "contract":
        known = list(dict.fromkeys([*draft.contracts, *([row["contract"]] if row.get("contract") else [])]))
        at = known.index(row["contract"]) if row.get("contract") else None
        name = st.selectbox("Contract", known, at, key=draft.key(f"{word}_contract"), format_func=one_line)
        return cells | {"contract": name or ""}
    return cells | {way: _or_nothing(number("Percent", row.get(way), draft.key(f"{word}_{way}")))}


def _mix(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    return {"share": shares(draft, f"{word}_share", row.get("share", {}), payers)}


def _at_locations(draft: Draft, word: str, row: Row) -> Row:
    """Return the locations it is of; none chosen is all of them."""
    given = row.get("locations", [])
    now = [given] if isinstance(given, str) else list(given)
    known = [location["name"] for location in draft.tables.get("location", ()) if location.get("name")]
    chosen = st.multiselect(
        "At", list(dict.fromkeys([*known, *now])), now, key=draft.key(f"{word}_at"), format_func=one_line,
        placeholder="all locations",
    )  # fmt: skip
    return {"locations": chosen} if chosen else {}


def _or_nothing(value: Any) -> Any:
    """Return an empty box as empty text, which the reader refuses by its place."""
    return "" if value is None else value


_DRAWN: Mapping[str, Draw] = {
    "conversion_factor": _factor,
    "gpci_floor_lapse": _floor,
    "sequestration": _sequestration,
    "site_shift": _shift,
    "hire": _hire,
    "contract_renewal": _renewal,
    "payer_mix": _mix,
}


def edit_alternatives(draft: Draft, payers: Sequence[str], *, has_shares: bool) -> list[Row]:
    """Return the alternatives with what was typed."""
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
    rows = [_read_alternative(row) for row in grid(draft.key("alternative"), shown, columns, alt="Alternatives")]
    st.caption(
        "An alternative is the scenario with these things changed; volume and cost stand further right. A row is added "
        "at the bottom. Events that only an alternative has come from a scenario's file: drop one in under Files."
    )
    if rows:
        _chosen_alternative(draft, rows, payers, has_shares=has_shares)
    return rows


def _read_alternative(row: Row) -> Row:
    cells = {key: value for key, value in row.items() if key not in (_IN, OFF)}
    return cells if row.get(_IN) else cells | {OFF: True}


def _chosen_alternative(draft: Draft, rows: list[Row], payers: Sequence[str], *, has_shares: bool) -> None:
    """Draw mix and percents of one alternative.

    The session keeps them by the row's name, as rows come and go in the grid.
    """
    kept: dict[str, Row] = st.session_state.setdefault(draft.key("alternative_terms"), {})
    with st.container(border=True):
        number = st.selectbox(
            "Payers of the alternative", range(len(rows)), key=draft.key("alternative_chosen"),
            format_func=lambda number: one_line(rows[number].get("name") or f"alternative {number + 1}"),
        )  # fmt: skip
        row = rows[number]
        name = str(row.get("name", ""))
        cells = {key: row.get(key, {}) for key in _OWN} | kept.get(name, {})
        word = f"alternative_{number}"
        if has_shares:
            st.caption("Shares of the units, all of them to 100 together; empty: as planned.")
            cells["share"] = shares(draft, f"{word}_share", cells["share"], payers)
        st.caption("Percent of Medicare that a payer pays; empty: as planned.")
        cells["percent"] = shares(draft, f"{word}_percent", cells["percent"], payers)
        if row.get("event"):
            added = ", ".join(one_line(event.get("name", "")) for event in row["event"])
            st.caption(plain(f"It adds the events {added}, as its file says."))
    kept[name] = cells
    for row in rows:
        for key, value in kept.get(str(row.get("name", "")), {}).items():
            if value:
                row[key] = value
            else:
                row.pop(key, None)
