"""The page Practice forecast: a practice's years ahead, edited beside what comes of them."""

from __future__ import annotations

import streamlit as st

from feecalc.errors import FeeCalcError
from feecalc.ui.pages.forecast import answer, form
from feecalc.ui.pages.forecast.address import ADDRESS
from feecalc.ui.pages.forecast.draft import state
from feecalc.ui.shared import opening, problems


def page() -> None:
    """Draw the page: the scenario at the left, its forecast at the right (below, when narrow)."""
    returning = state.comes_back()
    remarks = ADDRESS.begin()
    left, right = st.columns([5, 7], gap="large")
    try:
        with left:
            draft = state.current(returning)
            asked = form.ask(draft, now := opening.stamp(), remarks)
        with right:
            problems.remarks(remarks)
            answer.show(asked, now)
    except FeeCalcError as error:
        with right:
            problems.problem(error)
    ADDRESS.end()
