"""The little that streamlit's theme cannot say: figures of equal width, small text to be read, no unguarded export."""

from __future__ import annotations

import streamlit as st

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
[data-testid="stMainBlockContainer"] { padding-top: 4.5rem; padding-bottom: 3rem; }
</style>"""


def apply_style() -> None:
    """Add it to the page; it is text of ours, never of a file."""
    st.html(_STYLE)
