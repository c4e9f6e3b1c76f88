"""Streamlit, started with what the pages are made of loaded: the first page need not wait for it.

``python -m feecalc.ui.start run SCRIPT ...`` takes what ``streamlit`` itself takes.
"""

from importlib import import_module

from streamlit.web.cli import main

import feecalc.ui.pages.fee
import feecalc.ui.pages.localities  # noqa: F401  with it altair, polars and the pricing

import_module("pandas")
main(prog_name="streamlit")
