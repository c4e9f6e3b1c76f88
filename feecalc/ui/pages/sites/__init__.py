"""The page Site of service: a case in an office, a surgery center and a hospital, side by side."""

from __future__ import annotations

import streamlit as st

from feecalc.ui.pages.sites import answer, form
from feecalc.ui.pages.sites.address import ADDRESS
from feecalc.ui.shared import opening, problems
from feecalc.ui.shared.layout import halves


def page() -> None:
    """Draw the page: the case at the left, the three sites at the right (below, on a narrow screen)."""
    remarks = ADDRESS.begin()
    with halves([1, 2]) as (left, right):
        with left:
            inputs = form.draw(now := opening.stamp(), remarks)
        with right:
            problems.notices(inputs.opened.notices)
            problems.notices(form.notices_of(inputs.facility))
            problems.remarks(remarks)
            if inputs.problem is not None:
                raise inputs.problem
            if not inputs.case:
                st.info("Choose the codes of a case.", icon=":material/search:")
            else:
                answer.show(inputs, now)
    ADDRESS.end()
