"""What the page Data shows of releases and files: which answers, which are here, which are known."""

from __future__ import annotations

import polars as pl
import streamlit as st

from feecalc.ingest.home import home_folder
from feecalc.ui.pages.data.inventory import Inventory, other_table, release_table, starter_words
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import money_table
from feecalc.ui.shared.words import plain

_ALL, _HERE = "Every known release", "Only those here"
_SHOWN = "data_shown"


def headline(found: Inventory) -> None:
    """Which release answers where none is named, and what is lacking."""
    newest = found.releases[0] if found.releases else None
    if newest:
        others = len(found.here) - len(found.releases)
        st.subheader(plain(f"{newest} answers: the newest release installed"), anchor=False)
        st.caption(plain(f"{len(found.releases)} releases and {others} other files are installed in {home_folder()}"))
        return
    st.subheader("The starter data answers: no release is installed yet", anchor=False)
    st.markdown(plain(starter_words()))
    st.markdown(
        "What it lacks: all other codes, which a release has (about 19,000 rows); finding a locality by ZIP code; "
        "hospital and surgery center rates; the edits that claims are checked by. Fetch them from CMS or drop in CMS's "
        "files, below."
    )


def tables(found: Inventory) -> None:
    """The releases, then the other files, each kind with what it is for."""
    shown = st.segmented_control("Shown", [_HERE, _ALL], default=_ALL, key=_SHOWN, label_visibility="collapsed")
    table = release_table(found)
    if shown == _HERE:
        table = table.filter(pl.col("state") != "not installed")
    headings = {
        "name": "Release", "first_date_of_service": "First day", "state": "Here", "installed": "Installed on",
        "source": "Built from", "corrects": "Corrects",
    }  # fmt: skip
    words = f"{table.height} releases, the newest first; {len(found.releases)} are installed"
    money_table(table, headings, key="data_releases", alt=words)
    downloads(table, "releases", {"Installed in": str(home_folder())}, key="data_releases_files")
    st.markdown("##### Other CMS files")
    st.caption("OPPS, ASC and NCCI files can be fetched; ZIP code and base unit files are dropped in.")
    others = other_table(found)
    words = "Other CMS files, and which of them are installed"
    headings = {"what": "File", "for": "Used for", "here": "Installed", "rows": "Rows"}
    money_table(others, headings, key="data_others", alt=words, height=35 * (others.height + 1) + 3)
