"""What an event of each kind changes, as widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from feecalc import reference
from feecalc.scenarios.forecast.pots import CENTER_PLACE
from feecalc.scenarios.scenario.events import OFFICE
from feecalc.ui.pages.forecast.draft.state import Draft
from feecalc.ui.pages.forecast.form.columns import CHARGE, CONTRACT, MEDICARE, PERCENT
from feecalc.ui.pages.forecast.form.practice import number
from feecalc.ui.pages.forecast.form.sheet import Row
from feecalc.ui.shared.words import one_line, plain

CENTER = CENTER_PLACE
_ASSUMED, _AMOUNT, _CHANGED = "a named assumption", "an amount", "a percent more or less"
_ON_TOP = "% on top of its terms"
_LONGEST = 200
_SHARES_A_ROW = 3

Draw = Callable[[Draft, str, Row, Sequence[str], Sequence[str]], Row]


def terms(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    """The keys of the event that are its kind's own, as the widgets have them. ``word``: of the widgets' keys."""
    draw = _DRAWN.get(str(row.get("kind")))
    return {} if draw is None else draw(draft, word, row, payers, codes)


def shares(draft: Draft, word: str, given: Mapping[str, Any], payers: Sequence[str]) -> Row:
    """A box for each payer's share; an empty one is left out."""
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
    known = list(dict.fromkeys(each["name"] for each in reference.rows("proposed_factor")))
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
    told = {"conversion_factor": _or_nothing(usual)} | own
    return told if qp is None else told | {"conversion_factor_qp": qp}


def _floor(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    st.caption("The work GPCI of no place is raised to 1.0 any more.")
    return {}


def _sequestration(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    percent = number("Percent taken off Medicare's part", row.get("percent"), draft.key(f"{word}_percent"))
    return {"percent": _or_nothing(percent)}


def _shift(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    now = [str(each) for each in row.get("codes", ())]
    chosen = st.multiselect(
        "Codes that move", list(dict.fromkeys([*now, *codes])), now, key=draft.key(f"{word}_codes"),
        format_func=one_line, accept_new_options=True,
    )  # fmt: skip
    places = {each["code"]: each["name"] for each in reference.rows_on("place_of_service", date.today())}
    told: Row = {"codes": chosen}
    for column, (key, label, usual) in zip(
        st.columns(2), (("from_place", "From place", OFFICE), ("to_place", "To place", CENTER)), strict=True
    ):
        given = str(row.get(key, usual))
        options = sorted({*places, given})
        told[key] = column.selectbox(
            label, options, options.index(given), key=draft.key(f"{word}_{key}"),
            format_func=lambda each: f"{each}  {places.get(each, '')}",
        )  # fmt: skip
    percent = number("Percent of their units", row.get("percent", 100), draft.key(f"{word}_percent"))
    told["percent"] = _or_nothing(percent)
    return told | _at_locations(draft, word, row)


def _hire(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    given = row.get("provider", {})
    adds = number("Adds, % of the practice's units", row.get("adds"), draft.key(f"{word}_adds"))
    name = st.text_input("Who", one_line(given.get("name", "")), key=draft.key(f"{word}_who"), max_chars=_LONGEST)
    year = int(draft.tables.get("base_year", date.today().year))
    types = [each["provider_type"] for each in reference.rows_on("provider_type", date(year, 7, 1))]
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
    told: Row = {"payer": payer or ""}
    if way == "medicare":
        return told | {"medicare": True}
    if way == "contract":
        known = list(dict.fromkeys([*draft.contracts, *([row["contract"]] if row.get("contract") else [])]))
        at = known.index(row["contract"]) if row.get("contract") else None
        name = st.selectbox("Contract", known, at, key=draft.key(f"{word}_contract"), format_func=one_line)
        return told | {"contract": name or ""}
    return told | {way: _or_nothing(number("Percent", row.get(way), draft.key(f"{word}_{way}")))}


def _mix(draft: Draft, word: str, row: Row, payers: Sequence[str], codes: Sequence[str]) -> Row:
    return {"share": shares(draft, f"{word}_share", row.get("share", {}), payers)}


def _at_locations(draft: Draft, word: str, row: Row) -> Row:
    """The locations it is of; none chosen is all of them."""
    given = row.get("locations", [])
    now = [given] if isinstance(given, str) else list(given)
    known = [each["name"] for each in draft.tables.get("location", ()) if each.get("name")]
    chosen = st.multiselect(
        "At", list(dict.fromkeys([*known, *now])), now, key=draft.key(f"{word}_at"), format_func=one_line,
        placeholder="all locations",
    )  # fmt: skip
    return {"locations": chosen} if chosen else {}


def _or_nothing(value: Any) -> Any:
    """An empty box as empty text, which the reader refuses by its place."""
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
