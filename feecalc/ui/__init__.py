"""The app: pages of widgets, each with one call into the packages below it, and a picture."""

from importlib import import_module
from pathlib import Path

_ABOUT = "Medicare physician fees, exact to the cent and explained step by step. Nothing leaves this computer."


def main() -> None:
    """Run the app. Streamlit calls this again, from the top, whenever something on a page changes."""
    import streamlit as st  # here: whoever only asks where the app is need not wait for it

    # Streamlit loads pandas with the first chart. Altair, in another person's thread, would take what there is of it by
    # then, and fail; an import waits until the other thread's is done.
    import_module("pandas")
    from feecalc.ui.navigation import PAGES
    from feecalc.ui.shared.layout import apply_style

    # An icon given by name would be fetched from the internet. With an entry of its own there is a menu at the upper
    # right, where light and dark are chosen.
    st.set_page_config(
        page_title="feecalc",
        page_icon=str(Path(__file__).with_name("icon.svg")),
        layout="wide",
        menu_items={"About": _ABOUT},
    )
    apply_style()
    # The first page is at the bare address, whatever its path: a second, which the bar does not show, has the path.
    first = PAGES[0]
    pages = [
        st.Page(first.draw, title=first.title, icon=first.icon, url_path="first", default=True),
        *(st.Page(page.draw, title=page.title, icon=page.icon, url_path=page.path) for page in PAGES[1:]),
        st.Page(first.draw, title=first.title, icon=first.icon, url_path=first.path, visibility="hidden"),
    ]
    st.navigation(pages, position="top").run()
