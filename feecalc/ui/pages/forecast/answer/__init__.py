"""The right of the page: what the years net, in tabs; each table and picture with its files."""

from __future__ import annotations

import streamlit as st

from feecalc.ui.pages.forecast.answer import beside, exports, headline, likely, timeline, years
from feecalc.ui.pages.forecast.form import Asked
from feecalc.ui.pages.forecast.outcome import outcome
from feecalc.ui.shared.opening import Stamp


def show(asked: Asked, now: Stamp) -> None:
    """Forecast and show. Raises a FeeCalcError for a scenario that cannot be forecast."""
    found = outcome(asked, now)
    told = headline.facts_of(asked, found)
    headline.headline(found, told)
    by_year, odds, moves, others, even, events = st.tabs(
        ["By year", "Odds", "What moves it", "Alternatives", "Break-even", "Events"]
    )
    with by_year:
        years.by_year(found, told)
    with odds:
        likely.odds(found, told)
    with moves:
        likely.moves(found, told)
    with others:
        beside.alternatives(found, told)
    with even:
        beside.break_even(found, told)
    with events:
        timeline.events(asked, found, told)
    exports.row(asked, found, told)
    headline.notices(found)
