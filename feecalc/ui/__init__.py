"""The app: pages of widgets, each with one call into the packages below it, and a picture."""

from importlib import import_module
from pathlib import Path


def main() -> None:
    """Run the app. Streamlit calls this again, from the top, whenever something on a page changes."""
    import streamlit as st  # here: whoever only asks where the app is need not wait for it

    # Streamlit loads pandas with the first chart. Altair, in another person's thread, would take what there is of it by
    # then, and fail; an import waits until the other thread's is done.
    import_module("pandas")
    from feecalc.ui import fee

    # An icon given by name would be fetched from the internet.
    st.set_page_config(page_title="feecalc", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")
    pages = [st.Page(fee.page, title="Fee", icon=":material/payments:", default=True)]
    st.navigation(pages, position="top").run()
