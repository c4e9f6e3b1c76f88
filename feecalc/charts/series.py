"""Charts of amounts over time, from release to release, a line for each name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from feecalc.charts.look import MONEY, SERIES, dollar_tick, inline, money_axis, printed, room

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HEIGHT = 320


def series_chart(table: pl.DataFrame, title: str = "Amount, USD") -> alt.Chart:
    """Draw a stepped line for each name.

    Shape of ``table``: name, day (date), label (of the point), amount (USD, null where there is none).
    """
    chart: alt.Chart = (
        alt.Chart(inline(table), height=_HEIGHT, padding=room(right=16))
        .mark_line(point=True, interpolate="step-after")
        .encode(
            x=alt.X("day:T", title=None),
            y=alt.Y("amount:Q", scale=alt.Scale(zero=False), **money_axis(title)),
            color=alt.Color("name:N", title=None, scale=alt.Scale(range=list(SERIES))),
            tooltip=[
                alt.Tooltip("name:N", title="Place"),
                alt.Tooltip("label:N", title="Release"),
                alt.Tooltip("amount:Q", title="Amount", format=MONEY),
            ],
        )
    )
    return chart


def series_figure(table: pl.DataFrame, title: str) -> Figure:
    """Return ``series_chart`` as a matplotlib figure with labeled points. Shape of ``table``: as there."""
    from matplotlib.figure import Figure

    with printed():
        figure = Figure(figsize=(8, 4.2), layout="constrained")
        axes = figure.subplots()
        for part in table.drop_nulls("amount").partition_by("name", maintain_order=True):
            days, amounts = part["day"].to_list(), part["amount"].cast(pl.Float64).to_list()
            axes.plot(days, amounts, drawstyle="steps-post", marker="o", markersize=4, label=part["name"][0])
            for day, amount, label in zip(days, amounts, part["label"], strict=True):
                axes.annotate(label, (day, amount), xytext=(0, 7), textcoords="offset points", fontsize=7, ha="center")
        axes.margins(y=0.15)
        axes.yaxis.set_major_formatter(dollar_tick)
        axes.set_title(title, parse_math=False)
        if table["name"].n_unique() > 1:
            axes.legend()
    return figure
