"""The form of a contract's terms, in the order a negotiator reads them; each field is a key of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from feecalc.contracts.categories import known_categories
from feecalc.contracts.contract import CLAIM, CURRENT, LINE, NO, Contract
from feecalc.contracts.files.template import SHEETS
from feecalc.ui.pages.contracts import sheets
from feecalc.ui.shared import opening
from feecalc.ui.shared.figures import grid

_UNSAID = ""
_CEILINGS = {_UNSAID: "not said", LINE: "the charge of each line", CLAIM: "the charges of the claim", NO: "no"}
_NOT_PAID, _OF_CHARGE = "not_paid", "percent_of_charge"
_UNPRICED = {_UNSAID: "not said", _NOT_PAID: "nothing", _OF_CHARGE: "a percent of the charge"}
_EITHER = {_UNSAID: "not said", "true": "yes", "false": "no"}
_COLUMNS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "category": {
        "name": ("Category", "A known name, or any name with codes."),
        "percent": ("Percent", "Of Medicare, 112.5"),
        "codes": ("Codes", "Codes and ranges with commas; empty for a known name."),
        "without": ("Without", "Codes and ranges left out."),
        "rbcs": ("RBCS", "Categories of CMS's taxonomy, in place of codes."),
        "effective_from": ("From", "YYYY-MM-DD"),
        "effective_to": ("To", "YYYY-MM-DD"),
    },
    "carve_out": {
        "hcpcs": ("Code", ""),
        "modifier": ("Modifier", "Empty: the whole service."),
        "place_of_service": ("Place", "Two digits; empty: everywhere."),
        "amount": ("Amount, USD", "For one unit."),
        "effective_from": ("From", "YYYY-MM-DD"),
        "effective_to": ("To", "YYYY-MM-DD"),
    },
    "test": {
        "name": ("What", ""),
        "date_of_service": ("Day", "YYYY-MM-DD"),
        "hcpcs": ("Code", ""),
        "modifiers": ("Modifiers", "With commas."),
        "place_of_service": ("Place", "11 where nothing stands."),
        "locality": ("Locality", "Miami, FL"),
        "units": ("Units", ""),
        "billed_amount": ("Charge", ""),
        "provider_type": ("Provider", "physician where nothing stands."),
        "amount": ("Must pay", ""),
        "not_paid": ("Not paid", "true, where it must not be paid."),
    },
}


def draw(began: Contract, key: str, day: date) -> dict[str, Any]:
    """The form, begun with a contract. Returns the tables it says, as ``reading.contract_of`` takes them."""
    tables = sheets.said(began)
    tables |= _whole(began, key)
    tables["percent"], basis = _basis(began, key)
    tables["basis"] = tables.get("basis", {}) | basis
    tables |= _ceilings(began, key)
    known = ", ".join(known_categories(day))
    st.markdown("##### Percent by category")
    st.caption(f"Known names: {known}. Any other name needs its codes. All else is paid at the percent above.")
    tables["category"] = _sheet("category", tables, key)
    st.markdown("##### Carve-outs: a fixed amount for a code")
    tables["carve_out"] = _sheet("carve_out", tables, key)
    with st.expander("Payment rules, factor and floor"):
        tables["rules"] = _rules(began, key)
        tables["basis"] |= _factor(began, key)
    with st.expander(f"Tests: lines and what they must pay ({len(began.test)})"):
        tables["test"] = _sheet("test", tables, key)
    return tables


def _whole(began: Contract, key: str) -> dict[str, Any]:
    payer, first, last = st.columns([2, 1, 1])
    return {
        "payer": payer.text_input("Payer", began.payer, key=f"{key}_payer", max_chars=200),
        "effective_from": first.date_input(
            "From", began.effective_from, key=f"{key}_from", format="YYYY-MM-DD", min_value=date.min, max_value=date.max
        ),
        "effective_to": last.date_input(
            "To", began.effective_to, key=f"{key}_to", format="YYYY-MM-DD", min_value=date.min, max_value=date.max
        ),
    }


def _basis(began: Contract, key: str) -> tuple[str, dict[str, Any]]:
    """The percent for all else, and what it is a percent of."""
    percent, year, release, locality = st.columns(4)
    typed = percent.text_input(
        "Percent of Medicare", sheets.text(began.percent), key=f"{key}_percent", max_chars=12,
        help="For all that no category, carve-out or fee table speaks of.",
    )  # fmt: skip
    told: dict[str, Any] = {
        "year": year.selectbox(
            "Medicare of year", _years(began), _years(began).index(sheets.text(began.basis.year)), key=f"{key}_year",
            format_func=lambda each: each or "not said", help="current: the fee schedule of the day of service.",
        ),
        "release": release.text_input(
            "Quarter (release)", began.basis.release or "", key=f"{key}_release", max_chars=12,
            placeholder="not said", help="The year and its letter, D for the fourth. Empty with current.",
        ),
        "locality": locality.text_input(
            "Locality", began.basis.locality or "", key=f"{key}_locality", max_chars=60, placeholder="not said",
            help='own (where the service is given), national, or one for all: "Miami, FL".',
        ),
    }  # fmt: skip
    said = told["year"]
    return typed, told | {"year": int(said) if said.isdigit() else said}


def _years(began: Contract) -> list[str]:
    there = {str(each.first_date_of_service.year) for each in opening.choices() if each.first_date_of_service}
    own = {str(began.basis.year)} if isinstance(began.basis.year, int) else set()
    return [_UNSAID, CURRENT, *sorted(there | own, reverse=True)]


def _ceilings(began: Contract, key: str) -> dict[str, Any]:
    ceiling, unpriced, percent, rise, first = st.columns(5)
    without = began.without_medicare_price
    way = _UNSAID if without is None else _NOT_PAID if isinstance(without, str) else _OF_CHARGE
    of_charge = "" if without is None or isinstance(without, str) else sheets.text(without.percent_of_charge)
    chosen = unpriced.selectbox(
        "Where Medicare has no price", list(_UNPRICED), list(_UNPRICED).index(way), key=f"{key}_unpriced",
        format_func=_UNPRICED.__getitem__,
    )  # fmt: skip
    typed = percent.text_input(
        "Percent of the charge", of_charge, key=f"{key}_of_charge", max_chars=12, disabled=chosen != _OF_CHARGE
    )
    escalator = began.escalator
    ceilings = list(_CEILINGS)
    return {
        "lesser_of_billed": ceiling.selectbox(
            "No more than the charge", ceilings, ceilings.index(began.lesser_of_billed or _UNSAID),
            key=f"{key}_ceiling", format_func=_CEILINGS.__getitem__,
        ),
        "without_medicare_price": {_OF_CHARGE: typed} if chosen == _OF_CHARGE else chosen,
        "escalator": {
            "percent": rise.text_input(
                "Rise a year, percent", sheets.text(escalator and escalator.percent), key=f"{key}_rise", max_chars=12,
                placeholder="none",
            ),
            "first_applied": first.date_input(
                "First rise", escalator.first_applied if escalator else None, key=f"{key}_first", format="YYYY-MM-DD",
                min_value=date.min, max_value=date.max,
            ),
        },
    }  # fmt: skip


def _rules(began: Contract, key: str) -> dict[str, Any]:
    rules = began.rules
    one, two, three = st.columns(3)
    several = one.text_input(
        "Several procedures", sheets.text(rules.multiple_procedure), key=f"{key}_several", placeholder="not said",
        max_chars=60, help="medicare, none, or percents of the first, second and further: 100, 50, 25",
    )  # fmt: skip
    both = two.text_input(
        "Both sides, percent", sheets.text(rules.bilateral), key=f"{key}_both", placeholder="not said", max_chars=12
    )
    assistant = three.text_input(
        "Assistant at surgery, percent", sheets.text(rules.assistant), key=f"{key}_assistant", max_chars=12,
        placeholder="not said",
    )  # fmt: skip
    return {
        "multiple_procedure": sheets.several(several),
        "bilateral": both,
        "assistant": assistant,
        "practitioner_percent": _either(one, "Practitioner's lower percent", rules.practitioner_percent, f"{key}_np"),
        "site_of_service": _either(two, "Facility amount in a facility", rules.site_of_service, f"{key}_site"),
        "sequestration": _either(three, "Sequestration is taken off", rules.sequestration, f"{key}_cut"),
    }


def _factor(began: Contract, key: str) -> dict[str, Any]:
    one, two, three = st.columns(3)
    basis = began.basis
    return {
        "conversion_factor": one.text_input(
            "Conversion factor, USD", sheets.text(basis.conversion_factor), key=f"{key}_factor", max_chars=12,
            placeholder="Medicare's",
        ),
        "qp": _either(two, "Factor of qualifying APM participants", basis.qp, f"{key}_qp"),
        "gpci_floor": _either(three, "Floor under the work index", basis.gpci_floor, f"{key}_floor"),
    }  # fmt: skip


def _either(column: Any, label: str, value: bool | None, key: str) -> bool | None:
    options: Sequence[str] = list(_EITHER)
    chosen = column.selectbox(label, options, options.index(sheets.text(value)), key=key, format_func=_EITHER.get)
    return None if chosen == _UNSAID else chosen == "true"


def _sheet(name: str, tables: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """A table to type in."""
    begun = sheets.sheet(tables, name)
    columns = _COLUMNS[name]
    shown = [each for each in columns if each != "rbcs" or begun["rbcs"].str.len_chars().sum()]
    assert set(columns) == set(SHEETS[name])
    edited = grid(
        begun, key=f"{key}_{name}", num_rows="dynamic", hide_index=True, width="stretch", column_order=shown,
        column_config={
            each: st.column_config.TextColumn(heading, help=help or None, max_chars=2000)
            for each, (heading, help) in columns.items()
        },
        placeholder="", alt=f"The contract's rows of {name.replace('_', ' ')}, to be edited",
    )  # fmt: skip
    return sheets.rows(edited)
