"""The page Data: which releases are here, how to load others, the proof by CMS's own amounts."""

from __future__ import annotations

import streamlit as st

from feecalc.ui.pages.data import installed, loading, proof, removing
from feecalc.ui.pages.data.inventory import inventory
from feecalc.ui.shared import problems
from feecalc.ui.shared.address import Address

ADDRESS = Address("data", {}, {})


def page() -> None:
    """Draw the page: what is here above, what can be done in tabs below."""
    ADDRESS.begin()
    with problems.told():
        found = inventory()
        for sentence in found.damaged:
            problems.problem(sentence)
        installed.headline(found)
        loading.show_last_outcome()
        here, fetch, drop, check = st.tabs(["Releases and files", "Fetch from CMS", "Drop in a file", "Proof"])
        with here, problems.told():
            installed.tables(found)
            removing.remove(found)
        with fetch, problems.told():
            loading.fetch(found)
        with drop, problems.told():
            loading.drop()
        with check, problems.told():
            proof.show(found)
    ADDRESS.end()
