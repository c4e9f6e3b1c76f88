"""The page Claims: a claim file priced line by line, and what of it will be denied, reduced or questioned."""

from __future__ import annotations

import streamlit as st

from feecalc.ui.pages.claims import answer, form
from feecalc.ui.pages.claims.address import ADDRESS
from feecalc.ui.shared import opening, problems
from feecalc.ui.shared.layout import halves


def page() -> None:
    """Draw the page: the file and how it is read at the left, its results at the right (below, when narrow)."""
    remarks = ADDRESS.begin()
    with halves([2, 5]) as (left, right):
        with left:
            inputs = form.draw(now := opening.stamp(), remarks)
        with right:
            problems.remarks(remarks)
            if inputs is None:
                st.info(
                    "Drop in a claim file: CSV, Excel or Parquet, one claim line on each row. Or choose a sample to "
                    "see its result.",
                    icon=":material/upload_file:",
                )
            else:
                answer.show(inputs, now)
    ADDRESS.end()
