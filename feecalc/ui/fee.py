"""The page Fee: what Medicare allows for one service, and why."""

from __future__ import annotations

import streamlit as st

from feecalc.errors import FeeCalcError
from feecalc.ui import answer, form, opening, state
from feecalc.ui.words import plain


def page() -> None:
    """Draw the page: the question at the left, the answer at the right (below, on a narrow screen)."""
    remarks = state.begin()
    left, right = st.columns([2, 3], gap="large")
    try:
        with left:
            asked = form.ask(opening.stamp(), remarks)
        with right:
            _notices(asked)
            _remarks(remarks)
            if asked.problem is not None:
                raise asked.problem
            if asked.question is None:
                st.info("Choose a procedure code.", icon=":material/search:")
            else:
                answer.show(asked.question)
    except FeeCalcError as error:
        with right:
            st.error(plain(error), icon=":material/error:")
    state.end()


def _notices(asked: form.Form) -> None:
    for notice in asked.desk.notices:
        st.warning(plain(notice[:1].upper() + notice[1:]), icon=":material/inventory_2:")


def _remarks(remarks: list[str]) -> None:
    for remark in remarks:
        st.info(plain(remark), icon=":material/info:")
