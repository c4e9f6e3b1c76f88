"""The tabs Practice and Growth: who and where, how fast it grows, and how sure that is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from feecalc import reference
from feecalc.contracts.categories import reporting_categories
from feecalc.scenarios.forecast.tornado import SIZES
from feecalc.ui.pages.forecast.draft.state import Draft, Tables
from feecalc.ui.pages.forecast.form.sheet import Column, grid, number_of
from feecalc.ui.shared.words import one_line

_LONGEST = 200
_SPREADS = {
    "volume": "Volume of a year, %",
    "growth": "Growth a year, points",
    "mix": "A payer's share, points",
    "rates": "A payer's rates, %",
    "conversion_factor": "Conversion factor, %",
    "denial": "Denied, points",
    "collection": "Collected, points",
}
_EXACT = "%.10g"
OWN = ("base_year", "practice", "name", "location", "provider", "growth", "uncertainty", "target")  # keys edited here


def target(draft: Draft) -> None:
    """Draw the box of the yearly net that draws are compared with."""
    number(
        "Target, USD net a year", draft.tables.get("target"), draft.key("target"), step=100_000.0,
        help="The odds say how often a year nets less.",
    )  # fmt: skip


def target_of(draft: Draft) -> Tables:
    """Return the target that was typed."""
    given = st.session_state.get(draft.key("target"))
    return {} if given is None else {"target": Decimal(str(given))}


def practice(draft: Draft) -> Tables:
    """Return name, base year, target, locations, providers."""
    tables = draft.tables
    name = st.text_input(
        "Practice", one_line(tables.get("practice", {}).get("name", "")), key=draft.key("practice"), max_chars=_LONGEST
    )
    scenario = st.text_input(
        "Name of the scenario", one_line(tables.get("name", "")), key=draft.key("name"), max_chars=_LONGEST
    )
    base_year = st.number_input(
        "Base year", value=int(number_of(tables.get("base_year")) or date.today().year), step=1, key=draft.key("base"),
        help="The year the volume was counted in. The release must be of that year.",
    )  # fmt: skip
    st.markdown("###### Locations")
    locations = grid(draft.key("location"), tables.get("location", []), _locations(draft), alt="Locations")
    st.markdown("###### Providers")
    types = tuple(row["provider_type"] for row in reference.rows_on("provider_type", date(int(base_year), 7, 1)))
    providers = grid(draft.key("provider"), tables.get("provider", []), _providers(types), alt="Providers")
    st.caption(
        "Shares are percents of the units and add up to 100. MIPS changes what Medicare pays. The area of a surgery "
        "center is further right: move the table sideways."
    )
    cells: Tables = {
        "base_year": int(base_year),
        "practice": tables.get("practice", {}) | {"name": name},
        "location": locations,
    }
    if scenario.strip():
        cells["name"] = scenario
    return cells | ({"provider": providers} if providers else {})


def growth(draft: Draft) -> Tables:
    """Return growth of the volume and of categories; the spreads that draws and the tornado take."""
    tables = draft.tables
    given = tables.get("growth", {})
    volume = number(
        "Growth of the volume, % a year", given.get("volume", Decimal(0)), draft.key("growth"), step=0.5
    )
    st.caption("A category with growth of its own:")
    rows = [{"category": name, "percent": percent} for name, percent in given.get("category", {}).items()]
    columns = [
        Column("category", "Category", "choice", _categories(int(tables.get("base_year", date.today().year)), rows)),
        Column("percent", "% a year", "number", needed=True),
    ]
    kept = grid(draft.key("growth_category"), rows, columns, alt="Growth by category")
    by_category = {row["category"]: row["percent"] for row in kept if row.get("category")}
    st.markdown("###### How sure")
    spreads = tables.get("uncertainty", {})
    listed = [{"what": _SPREADS[name], "spread": spreads.get(name)} for name in SIZES]
    spread_columns = [
        Column("what", "Of", locked=True),
        Column("spread", "Standard deviation", "number", help="Empty: nothing is drawn of it."),
    ]
    typed = grid(draft.key("uncertainty"), listed, spread_columns, alt="Standard deviations", fixed=True)
    st.caption(
        "Volume, growth, mix, what is denied and what is collected are drawn for the odds. All are the steps of what "
        "moves it; an empty one takes the usual step."
    )
    cells: Tables = {"growth": {"volume": volume if volume is not None else Decimal(0)}}
    if by_category:
        cells["growth"]["category"] = by_category
    sure = {name: row["spread"] for name, row in zip(SIZES, typed, strict=True) if row.get("spread") is not None}
    return cells | ({"uncertainty": sure} if sure else {})


def number(label: str, value: Any, key: str, *, step: float = 1.0, help: str = "") -> Decimal | None:
    """Return a number as a person types it, exact; None where the box is empty."""
    given = st.number_input(label, value=number_of(value), step=step, format=_EXACT, key=key, help=help or None)
    return None if given is None else Decimal(str(given))


def _locations(draft: Draft) -> list[Column]:
    by_location = any("volume" in row for row in draft.tables.get("location", ()))
    own = [Column("volume", "Volume", "choice", tuple(draft.volumes))] if by_location else []
    return [
        Column("name", "Location", needed=True),
        Column("locality", "Locality", needed=True, help='"Miami, FL", or a number as 09102-04.'),
        Column("share", "Share %", "number", help="Of the volume, where its rows do not name their localities."),
        *own,
        Column("asc_share", "Center's share %", "number", help="Of its surgery center's payments, the practice's."),
        Column("cbsa", "Area (CBSA)", help="The surgery center's area."),
    ]


def _providers(types: tuple[str, ...]) -> list[Column]:
    return [
        Column("name", "Provider", needed=True),
        Column("provider_type", "Type", "choice", types),
        Column("share", "Share %", "number"),
        Column("mips_percent", "MIPS %", "number", help="Of what Medicare pays, more or less."),
        Column("qp", "QP", "flag", help="Qualifying participant of an advanced payment model."),
    ]


def _categories(base_year: int, rows: list[dict[str, Any]]) -> tuple[str, ...]:
    named = reporting_categories(date(base_year, 7, 1)).names
    return tuple(dict.fromkeys([*named, *(str(row["category"]) for row in rows)]))
