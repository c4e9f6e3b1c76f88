"""How a page is laid out: its two halves, and the little that streamlit's theme cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from feecalc.errors import FeeCalcError
from feecalc.ui.shared import problems

MAP_KEY = "page_map"  # of the container of a map: as high as its width lets it be

# Streamlit's own button over a table writes cells as they are, also one that a spreadsheet would run; the buttons of
# ``exports`` stand under each table.
_STYLE = """<style>
[data-testid="stElementToolbarButton"]:has([aria-label^="Download as CSV"]),
[data-testid="stElementToolbarButtonContainer"] [aria-label^="Download as CSV"] { display: none; }
[data-testid="stMetricValue"], [data-testid="stTable"] td, h1 { font-variant-numeric: tabular-nums; }
[data-testid="stTable"] td:last-child, [data-testid="stTable"] th:last-child { text-align: right; }
.st-key-page_map { flex: 0 0 auto !important; height: clamp(300px, 45vw, 600px) !important; }
[data-testid="stCaptionContainer"] { opacity: 0.8 !important; }
[data-testid="stMainBlockContainer"] { padding: 4.5rem min(2.5rem, 4vw) 3rem; }
</style>"""


@contextmanager
def halves(widths: Sequence[int]) -> Iterator[tuple[DeltaGenerator, DeltaGenerator]]:
    """Give the page's two halves. An error in the block is shown in the right one, in place of the rest of it."""
    left, right = st.columns(widths, gap="large")
    try:
        yield left, right
    except FeeCalcError as error:
        with right:
            problems.problem(error)


def apply_style() -> None:
    """Add it to the page; it is text of ours, never of a file."""
    st.html(_STYLE)
