"""The page Fee: what Medicare allows for one service, and why."""

from __future__ import annotations

import streamlit as st

from feecalc.ui.pages.fee import answer, form
from feecalc.ui.pages.fee.address import ADDRESS
from feecalc.ui.shared import opening, problems
from feecalc.ui.shared.layout import halves


def page() -> None:
    """Draw the page: the question at the left, the answer at the right (below, on a narrow screen)."""
    remarks = ADDRESS.begin()
    with halves([2, 3]) as (left, right):
        with left:
            now = opening.stamp()
            inputs = form.draw(now, remarks)
        with right:
            problems.notices(inputs.opened.notices)
            problems.remarks(remarks)
            if inputs.problem is not None:
                raise inputs.problem
            if inputs.question is None:
                st.info("Choose a procedure code.", icon=":material/search:")
            else:
                answer.show(inputs.question, now)
    ADDRESS.end()
