"""The form of a contract's terms, in the order a negotiator reads them; each field is a key of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from feecalc.contracts.categories import known_categories
from feecalc.contracts.contract import Contract
from feecalc.contracts.files.toml import keys_of
from feecalc.contracts.terms.cells import text_of
from feecalc.contracts.terms.lesser_of_billed import CLAIM, LINE, NO
from feecalc.contracts.terms.medicare_year import CURRENT
from feecalc.contracts.terms.multiple_procedure import word_or_percents
from feecalc.contracts.terms.without_medicare_price import NOT_PAID, OF_CHARGE
from feecalc.ui.pages.contracts import sheets
from feecalc.ui.shared import opening
from feecalc.ui.shared.tables import grid

_UNSAID = ""
_CEILINGS = {_UNSAID: "not said", LINE: "the charge of each line", CLAIM: "the charges of the claim", NO: "no"}
_UNPRICED = {_UNSAID: "not said", NOT_PAID: "nothing", OF_CHARGE: "a percent of the charge"}
_EITHER = {_UNSAID: "not said", "true": "yes", "false": "no"}


def draw(began: Contract, key: str, day: date) -> dict[str, Any]:
    """The form, begun with a contract. Returns the tables it says, as ``reading.contract_of`` takes them."""
    tables = keys_of(began)
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
        "Percent of Medicare", text_of(began.percent), key=f"{key}_percent", max_chars=12,
        help="For all that no category, carve-out or fee table speaks of.",
    )  # fmt: skip
    told: dict[str, Any] = {
        "year": year.selectbox(
            "Medicare of year", _years(began), _years(began).index(text_of(began.basis.year)), key=f"{key}_year",
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
    way = _UNSAID if without is None else NOT_PAID if isinstance(without, str) else OF_CHARGE
    of_charge = "" if without is None or isinstance(without, str) else text_of(without.percent_of_charge)
    chosen = unpriced.selectbox(
        "Where Medicare has no price", list(_UNPRICED), list(_UNPRICED).index(way), key=f"{key}_unpriced",
        format_func=_UNPRICED.__getitem__,
    )  # fmt: skip
    typed = percent.text_input(
        "Percent of the charge", of_charge, key=f"{key}_of_charge", max_chars=12, disabled=chosen != OF_CHARGE
    )
    escalator = began.escalator
    ceilings = list(_CEILINGS)
    return {
        "lesser_of_billed": ceiling.selectbox(
            "No more than the charge", ceilings, ceilings.index(began.lesser_of_billed or _UNSAID),
            key=f"{key}_ceiling", format_func=_CEILINGS.__getitem__,
        ),
        "without_medicare_price": {OF_CHARGE: typed} if chosen == OF_CHARGE else chosen,
        "escalator": {
            "percent": rise.text_input(
                "Rise a year, percent", text_of(escalator and escalator.percent), key=f"{key}_rise", max_chars=12,
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
        "Several procedures", text_of(rules.multiple_procedure), key=f"{key}_several", placeholder="not said",
        max_chars=60, help="medicare, none, or percents of the first, second and further: 100, 50, 25",
    )  # fmt: skip
    both = two.text_input(
        "Both sides, percent", text_of(rules.bilateral), key=f"{key}_both", placeholder="not said", max_chars=12
    )
    assistant = three.text_input(
        "Assistant at surgery, percent", text_of(rules.assistant), key=f"{key}_assistant", max_chars=12,
        placeholder="not said",
    )  # fmt: skip
    return {
        "multiple_procedure": word_or_percents(several.strip()) or None,
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
            "Conversion factor, USD", text_of(basis.conversion_factor), key=f"{key}_factor", max_chars=12,
            placeholder="Medicare's",
        ),
        "qp": _either(two, "Factor of qualifying APM participants", basis.qp, f"{key}_qp"),
        "gpci_floor": _either(three, "Floor under the work index", basis.gpci_floor, f"{key}_floor"),
    }  # fmt: skip


def _either(column: Any, label: str, value: bool | None, key: str) -> bool | None:
    options: Sequence[str] = list(_EITHER)
    chosen = column.selectbox(label, options, options.index(text_of(value)), key=key, format_func=_EITHER.get)
    return None if chosen == _UNSAID else chosen == "true"


def _sheet(name: str, tables: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """A table to type in."""
    begun = sheets.sheet(tables, name)
    columns = sheets.COLUMNS[name]
    shown = [each for each in columns if each != "rbcs" or begun["rbcs"].str.len_chars().sum()]
    edited = grid(
        begun, key=f"{key}_{name}", num_rows="dynamic", hide_index=True, width="stretch", column_order=shown,
        column_config={
            key: st.column_config.TextColumn(column.heading, help=column.help or None, max_chars=2000)
            for key, column in columns.items()
        },
        placeholder="", alt=f"The contract's rows of {name.replace('_', ' ')}, to be edited",
    )  # fmt: skip
    return sheets.rows(edited, name)
