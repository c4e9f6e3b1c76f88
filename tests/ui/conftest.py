"""The pages under streamlit's AppTest: opened at an address, read as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest
from ui.browser import browser, server, tab  # noqa: F401  fixtures of the browser tests

APP = Path(__file__).parents[2] / "app.py"


def unescaped(text: str) -> str:
    """Markdown as it shows: backslashes and the invisible word joiner gone."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).replace("\N{WORD JOINER}", "")


@dataclass
class Page:
    """What stands on the page."""

    app: AppTest

    def run(self) -> Page:
        self.app.run()
        assert not self.app.exception, [each.message for each in self.app.exception]
        return self

    def choose(self, key: str, value: object) -> Page:
        """Change one widget and let the page run again."""
        kinds = (self.app.selectbox, self.app.radio, self.app.toggle, self.app.checkbox, self.app.number_input,
                 self.app.text_input, self.app.date_input, self.app.multiselect, self.app.button_group)  # fmt: skip
        (widget,) = [each for kind in kinds for each in kind if each.key == key]
        widget.set_value(value)
        return self.run()

    def press(self, label: str) -> Page:
        """Press the button of that label."""
        (button,) = [each for each in self.app.button if each.label == label]
        button.click()
        return self.run()

    def drop(self, key: str, name: str, content: bytes) -> Page:
        """Drop a file into the box of that key."""
        (box,) = [each for each in self.app.get("file_uploader") if each.key == key]
        box.set_value((name, content, "application/octet-stream"))
        return self.run()

    def options(self, key: str) -> list[str]:
        kinds = (self.app.selectbox, self.app.multiselect)
        return next(each for kind in kinds for each in kind if each.key == key).options

    @property
    def amount(self) -> str | None:
        titles = [unescaped(each.value) for each in self.app.title]
        assert len(titles) <= 1
        return titles[0] if titles else None

    @property
    def service(self) -> str:
        return unescaped(self.app.subheader[0].value)

    @property
    def settings(self) -> dict[str, str]:
        return {unescaped(each.label): unescaped(each.value) for each in self.app.metric}

    def said(self, kind: str) -> list[str]:
        """The text of every element of a kind: warning, info, error, caption, markdown."""
        return [unescaped(each.value) for each in getattr(self.app, kind)]

    @property
    def facts(self) -> str:
        return "\n".join(self.said("markdown"))

    def table(self, words: str) -> pl.DataFrame:
        """The rows of the table whose words for screen readers begin so."""
        return next(pl.from_pandas(each.value) for each in self.app.dataframe if each.proto.alt.startswith(words))

    @property
    def charts(self) -> list[str]:
        """What each chart shows, in the words for screen readers."""
        kinds = ("vega_lite_chart", "arrow_vega_lite_chart")
        return [each.proto.alt for kind in kinds for each in self.app.get(kind)]

    @property
    def steps(self) -> dict[str, tuple[str, str]]:
        """The receipt: step -> what was done with its source, and the result."""
        table = self.app.table[0].value
        return {
            unescaped(row["Step"]): (unescaped(row["What was done, and the source"]), unescaped(row["Result"]))
            for _, row in table.iterrows()
        }

    @property
    def address(self) -> dict[str, str]:
        """The address's parameters; AppTest hands them back as lists."""
        return {name: each[0] if isinstance(each, list) else each for name, each in self.app.query_params.items()}


# AppTest cannot turn to another page of a navigation by its address: the page is drawn by itself.
_ONE_PAGE = """
import pandas
from feecalc.ui.navigation import PAGES
next(each for each in PAGES if each.path == "{}").draw()
"""


@pytest.fixture
def opened() -> Callable[..., Page]:
    """Opens a page at an address: ``opened(code="64493", pos="24")``, ``opened("localities", code="64493")``."""

    def open_page(name: str = "fee", **parameters: str) -> Page:
        app = AppTest.from_string(_ONE_PAGE.format(name), default_timeout=60)
        app = app if name != "fee" else AppTest.from_file(str(APP), default_timeout=60)
        for name, text in parameters.items():
            app.query_params[name] = text
        return Page(app).run()

    return open_page


@pytest.fixture
def placed() -> Callable[[str], Page]:
    """The page after a person has typed this into the box of localities."""

    def type_place(text: str) -> Page:
        app = AppTest.from_file(str(APP), default_timeout=60)
        app.session_state["page_shown"], app.session_state["fee_address"] = "fee", {}
        app.session_state["fee_code"], app.session_state["fee_where"] = "64493", "Locality"
        app.session_state["fee_locality"] = text
        return Page(app).run()

    return type_place


@pytest.fixture
def typed() -> Callable[[str], Page]:
    """The page after a person has typed this into the box of codes. AppTest itself can only choose what is offered."""

    def type_code(text: str) -> Page:
        app = AppTest.from_file(str(APP), default_timeout=60)
        app.session_state["fee_address"] = {}  # the address has been read
        app.session_state["fee_code"] = text
        return Page(app).run()

    return type_code
