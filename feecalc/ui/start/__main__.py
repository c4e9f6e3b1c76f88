"""Streamlit, started with what the pages are made of loaded: the first view of a page need not wait for it.

``python -m feecalc.ui.start run SCRIPT ...`` takes what ``streamlit`` itself takes.
"""

from importlib import import_module

from streamlit.logger import set_log_level
from streamlit.web.cli import main

from feecalc.ui.navigation import PAGES

set_log_level("ERROR")  # that no server runs yet is no news; the server sets the level it is told
import_module("pandas")
for page in PAGES:  # with them altair, polars, the pricing and the readers of scenarios and contracts
    import_module(page.module)
main(prog_name="streamlit")
