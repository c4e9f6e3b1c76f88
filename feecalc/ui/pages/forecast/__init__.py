"""The page Practice forecast: a practice's years ahead, edited beside what comes of them."""

from __future__ import annotations

from feecalc.ui.pages.forecast import answer, form
from feecalc.ui.pages.forecast.address import ADDRESS
from feecalc.ui.pages.forecast.draft import state
from feecalc.ui.shared import opening, problems
from feecalc.ui.shared.layout import halves


def page() -> None:
    """Draw the page: the scenario at the left, its forecast at the right (below, when narrow)."""
    returning = state.comes_back()
    remarks = ADDRESS.begin()
    with halves([5, 7]) as (left, right):
        with left:
            draft = state.current(returning)
            inputs = form.draw(draft, now := opening.stamp(), remarks)
        with right:
            problems.remarks(remarks)
            answer.show(inputs, now)
    ADDRESS.end()
