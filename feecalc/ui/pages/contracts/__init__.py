"""The page Contracts: offers side by side, their terms, what a term must be, what silence is worth."""

from __future__ import annotations

import streamlit as st

from feecalc.ui.pages.contracts import address, form, own_tests, readings, saving, side_by_side, solve, terms
from feecalc.ui.pages.contracts.address import ADDRESS
from feecalc.ui.shared import opening, problems
from feecalc.ui.shared.layout import halves

_DRAWN = {
    address.OFFERS: side_by_side.show, address.TERMS: terms.show, address.SOLVE: solve.show,
    address.READINGS: readings.show, address.TESTS: own_tests.show,
}  # fmt: skip


def page() -> None:
    """Draw the page: volume, Medicare and contracts at the left, one view of them at the right (below, when narrow)."""
    remarks = [*ADDRESS.begin(), *saving.take_loaded()]
    with halves([1, 3]) as (left, right):
        with left:
            inputs = form.draw(opening.stamp(), remarks)
        with right:
            problems.notices(inputs.opened.notices)
            problems.remarks(remarks)
            view = st.segmented_control(
                "View", list(address.VIEWS), format_func=address.VIEWS.__getitem__, key=address.VIEW,
                label_visibility="collapsed", required=True, wrap=True,
            )  # fmt: skip
            with problems.error_box():
                _DRAWN[view or address.OFFERS](inputs)
    ADDRESS.end()
