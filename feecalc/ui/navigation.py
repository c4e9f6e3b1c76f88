"""The pages of the app, in the order of the bar at the top.

A new page: a module (or package) under ``pages/`` with a function ``page()``, and one line in ``PAGES``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Entry:
    """A page. ``path``: its word in the address (http://127.0.0.1:8501/localities). ``icon``: a Material symbol."""

    title: str
    path: str
    icon: str
    module: str

    def draw(self) -> None:
        """Draw the page. Its module is loaded when it is first looked at, so that the others need not wait for it."""
        page: Callable[[], None] = import_module(self.module).page
        page()


PAGES = (
    Entry("Fee", "fee", ":material/payments:", "feecalc.ui.pages.fee"),
    Entry("Localities", "localities", ":material/map:", "feecalc.ui.pages.localities"),
    Entry("Claims", "claims", ":material/receipt_long:", "feecalc.ui.pages.claims"),
    Entry("Site of service", "sites", ":material/domain:", "feecalc.ui.pages.sites"),
    Entry("Practice forecast", "forecast", ":material/trending_up:", "feecalc.ui.pages.forecast"),
    Entry("Contracts", "contracts", ":material/contract:", "feecalc.ui.pages.contracts"),
    Entry("Year over year", "bridge", ":material/waterfall_chart:", "feecalc.ui.pages.bridge"),
    Entry("Data", "data", ":material/inventory_2:", "feecalc.ui.pages.data"),
)
