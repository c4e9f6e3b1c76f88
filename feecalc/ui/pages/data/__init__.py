"""The page Data: which releases are here, how to load others, the proof by CMS's own amounts."""

from __future__ import annotations

import streamlit as st

from feecalc.ui.pages.data import inventory, loading, proof
from feecalc.ui.pages.data.inventory import read_inventory
from feecalc.ui.shared import problems
from feecalc.ui.shared.address import Address

ADDRESS = Address("data", {}, {})


def page() -> None:
    """Draw the page: what is here above, what can be done in tabs below."""
    ADDRESS.begin()
    with problems.error_box():
        found = read_inventory()
        for sentence in found.damaged:
            problems.problem(sentence)
        inventory.show_headline(found)
        loading.show_last_outcome()
        here, fetch, drop, check = st.tabs(["Releases and files", "Fetch from CMS", "Drop in a file", "Proof"])
        with here, problems.error_box():
            inventory.show_tables(found)
            loading.remove(found)
        with fetch, problems.error_box():
            loading.fetch(found)
        with drop, problems.error_box():
            loading.drop()
        with check, problems.error_box():
            proof.show(found)
    ADDRESS.end()
