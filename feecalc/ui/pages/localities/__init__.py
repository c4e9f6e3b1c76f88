"""The page Localities: a code or a basket in every payment locality, and what makes the difference."""

from __future__ import annotations

import streamlit as st

from feecalc.ui.pages.localities import answer, form
from feecalc.ui.pages.localities.address import ADDRESS
from feecalc.ui.shared import opening, problems
from feecalc.ui.shared.layout import halves


def page() -> None:
    """Draw the page: what is compared at the left, the answer at the right (below, on a narrow screen)."""
    remarks = ADDRESS.begin()
    with halves([1, 3]) as (left, right):
        with left:
            inputs = form.draw(now := opening.stamp(), remarks)
        with right:
            problems.notices(inputs.opened.notices)
            problems.remarks(remarks)
            if inputs.volume is None:
                st.info("Choose a procedure code, or drop in a file of volumes.", icon=":material/search:")
            else:
                answer.show(inputs, now)
    ADDRESS.end()
