"""Charts of ranked bars, the highest first, for localities or other comparisons."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from feecalc.charts.look import (
    AXIS_HEIGHT,
    BAR,
    CHOSEN,
    CORNER,
    INK,
    LABEL_LIMIT,
    LABEL_ROOM,
    LABEL_SIZE,
    MONEY,
    OTHER,
    TOTAL,
    dollar_tick,
    inline,
    money_axis,
    printed,
    room,
)
from feecalc.money import usd

if TYPE_CHECKING:
    from decimal import Decimal

    from matplotlib.figure import Figure

_ROW = 24  # pixels of a bar's row
_INCHES = 0.24  # of a bar's row, in print
_TICKS = 5
_PLATE = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}  # behind an amount, where the line of a mark passes


def ranking_chart(table: pl.DataFrame, title: str = "Amount, USD") -> alt.LayerChart | alt.FacetChart:
    """Draw a bar for each row. Shape of ``table``: label, amount (USD), chosen (Boolean: drawn dark); rows in order."""
    base = alt.Chart(inline(table)).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=LABEL_LIMIT, ticks=False, domain=False)),
        x=alt.X("amount:Q", scale=alt.Scale(zero=True), **money_axis(title)),
        tooltip=[alt.Tooltip("label:N", title="Place"), alt.Tooltip("amount:Q", title="Amount", format=MONEY)],
    )
    bars = base.mark_bar(height=BAR, cornerRadiusEnd=CORNER).encode(
        color=alt.condition("datum.chosen", alt.value(CHOSEN), alt.value(OTHER))
    )
    amounts = base.mark_text(align="left", dx=6, fontSize=LABEL_SIZE, color=INK).encode(
        text=alt.Text("amount:Q", format=MONEY)
    )
    return alt.layer(bars, amounts, height=_ROW * table.height + AXIS_HEIGHT, padding=room(right=LABEL_ROOM))


def ranking_figure(
    table: pl.DataFrame, title: str, *, mark: Decimal | None = None, mark_name: str = "", shown: Collection[str] = ()
) -> Figure:
    """Return ``ranking_chart`` as a matplotlib figure for a file. Shape of ``table``: as there.

    ``mark`` draws a line at an amount, such as the national one; ``shown`` are the labels of the bars that get their
    amount, by default all.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with printed():
        figure = Figure(figsize=(8, 1.2 + _INCHES * table.height), layout="constrained")
        axes = figure.subplots()
        bars = axes.barh(
            table["label"].to_list(),
            table["amount"].cast(pl.Float64).to_list(),
            color=[CHOSEN if chosen else OTHER for chosen in table["chosen"]],
        )
        texts = [
            usd(amount) if not shown or label in shown else ""
            for label, amount in table.select("label", "amount").iter_rows()
        ]
        axes.bar_label(bars, labels=texts, padding=4, fontsize=7.5, parse_math=False, bbox=_PLATE)
        if mark is not None:
            axes.axvline(float(mark), color=TOTAL, linestyle="--", linewidth=1, label=f"{mark_name} {usd(mark)}")
            axes.legend(loc="lower right", bbox_to_anchor=(1, 1))
        axes.invert_yaxis()
        axes.margins(x=0.12, y=0.01)
        axes.grid(axis="y", visible=False)
        axes.xaxis.set_major_locator(MaxNLocator(_TICKS))
        axes.xaxis.set_major_formatter(dollar_tick)
        axes.set_title(title, parse_math=False)
    return figure
