"""Colors, sizes and formats that all charts share, for altair in the app and matplotlib in print.

In the app, streamlit gives a chart the theme's fonts, text and grid, light or dark. The colors of the marks are set
here; they are distinct on both and for people who do not see red and green. ``alt.Chart`` specifications take their
data inline (``inline``) as floats: lengths in a picture, never amounts to compute with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import altair as alt
import polars as pl

from feecalc.money import usd

INK = "#6f7d89"  # text among the marks, read on light and on dark
CHOSEN, OTHER = "#2f7fb5", "#93a9b8"  # the chosen one; the rest
GAIN, LOSS, TOTAL = "#2a9d8f", "#d1603d", "#6b7f8f"  # steps up, steps down, the sums at the ends of a waterfall
SERIES = ("#2f7fb5", "#d98e2b", "#2a9d8f", "#b0588f", "#7d8b99", "#d1603d")  # unlike things side by side
# what a fee is made of, the same on every page
WORK, PRACTICE_EXPENSE, MALPRACTICE = "#2f7fb5", "#d98e2b", "#2a9d8f"
PHYSICIAN, FACILITY, PATIENT = "#2f7fb5", "#93a9b8", "#d98e2b"
LOW, MIDDLE, HIGH = "#3b8bbd", "#c9cfc6", "#cf6a35"  # below, at and above a middle, on a map

# a forecast's bars and bands: dark, light, against, and the lines behind; its payers, and how many bars are still read
DARK, LIGHT, WARM, GRID = "#1d5c85", "#a9bfce", "#b8562f", "#e3e8ec"
PAYERS = ("#1d5c85", "#b8562f", "#5b8c5a", "#8a6bb1", "#c8a33a", "#4fa3a5", "#9c4f6b", "#7a7a7a")
MANY = 12

MONEY, SIGNED_MONEY, PERCENT, INDEX = "$,.2f", "+$,.2f", "+.1%", ".3f"  # formats of vega
BAR = alt.RelativeBandSize(0.68)  # of a row's height
ROW_HEIGHT, AXIS_HEIGHT = 54, 60  # pixels of a bar's row and of the axis below
LABEL_ROOM = 72  # pixels at the right for the longest amount
LABEL_SIZE = 13
# of an axis or legend: $250, $1,500, $25k, $7.5M
MONEY_LABEL = "abs(datum.value) >= 10000 ? format(datum.value, '$.3~s') : format(datum.value, '$,~f')"
LABEL_LIMIT = 160  # pixels of the longest label of a row; a name beyond it is cut
CORNER = 3


def inline(table: pl.DataFrame) -> alt.InlineData:
    """Return the rows of a table as a chart's own data: decimals become floats, days text."""
    plain = table.with_columns(
        pl.col(pl.Decimal).cast(pl.Float64), pl.col(pl.Date).cast(pl.String), pl.col(pl.Categorical).cast(pl.String)
    )
    return alt.InlineData(values=plain.to_dicts())


def room(*, left: int = 4, top: int = 4, right: int = 4, bottom: int = 4) -> dict[str, int]:
    """Return the padding around a chart. [pixels]"""
    return {"left": left, "top": top, "right": right, "bottom": bottom}


def money_axis(title: str, **more: Any) -> dict[str, Any]:
    """Return the arguments of an x or y channel in dollars: ``alt.X("amount:Q", **money_axis("Amount, USD"))``."""
    return {"title": title, "axis": alt.Axis(labelExpr=MONEY_LABEL, tickCount=5, grid=True), **more}


def dollar_tick(value: float, _: float = 0) -> str:
    """Return the label of an axis tick in whole dollars, for ``axes.yaxis.set_major_formatter(dollar_tick)``."""
    return usd(Decimal(repr(float(value))), places=0)


PRINT: Mapping[str, Any] = {
    "figure.facecolor": "white",
    "figure.dpi": 150,
    "axes.facecolor": "white",
    "axes.edgecolor": "#c4ccd2",
    "axes.labelcolor": "#1d2a33",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.labelsize": 9,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e9ec",
    "xtick.color": "#1d2a33",
    "ytick.color": "#1d2a33",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "text.color": "#1d2a33",
    "svg.fonttype": "none",
}


@contextmanager
def printed() -> Iterator[None]:
    """Apply these settings to matplotlib while a figure is drawn: ``with printed(): figure = Figure(...)``.

    Make figures with ``matplotlib.figure.Figure``, not with pyplot, which keeps them and is not thread-safe.
    """
    import matplotlib
    from cycler import cycler

    settings: Any = dict(PRINT) | {"axes.prop_cycle": cycler(color=SERIES)}
    with matplotlib.rc_context(settings):
        yield
