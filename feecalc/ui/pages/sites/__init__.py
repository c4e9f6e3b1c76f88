"""The page Site of service: a case in an office, a surgery center and a hospital, side by side."""

from __future__ import annotations

import streamlit as st

from feecalc.errors import FeeCalcError
from feecalc.ui.pages.sites import answer, form
from feecalc.ui.pages.sites.address import ADDRESS
from feecalc.ui.shared import opening, problems


def page() -> None:
    """Draw the page: the case at the left, the three sites at the right (below, on a narrow screen)."""
    remarks = ADDRESS.begin()
    left, right = st.columns([1, 2], gap="large")
    try:
        with left:
            asked = form.ask(now := opening.stamp(), remarks)
        with right:
            problems.notices(asked.desk.notices)
            problems.notices(form.told_of(asked.facility))
            problems.remarks(remarks)
            if asked.problem is not None:
                raise asked.problem
            if not asked.case:
                st.info("Choose the codes of a case.", icon=":material/search:")
            else:
                answer.show(asked, now)
    except FeeCalcError as error:
        with right:
            problems.problem(error)
    ADDRESS.end()
