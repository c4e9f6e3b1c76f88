"""The page Claims: a claim file priced line by line, and what of it will be denied, reduced or questioned."""

from __future__ import annotations

import streamlit as st

from feecalc.ui.pages.claims import answer, form
from feecalc.ui.pages.claims.address import ADDRESS
from feecalc.ui.shared import opening, problems
from feecalc.ui.shared.layout import halves


def page() -> None:
    """Draw the page: the file and how it is read at the left, what comes of it at the right (below, when narrow)."""
    remarks = ADDRESS.begin()
    with halves([2, 5]) as (left, right):
        with left:
            inputs = form.draw(now := opening.stamp(), remarks)
        with right:
            problems.remarks(remarks)
            if inputs is None:
                st.info(
                    "Drop in a claim file: CSV, Excel or Parquet, a line of a claim on each row. Or take a sample, to "
                    "see what comes of one.",
                    icon=":material/upload_file:",
                )
            else:
                answer.show(inputs, now)
    ADDRESS.end()
