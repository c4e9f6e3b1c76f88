"""Charts of a change in revenue: its parts as a waterfall, and the services that gain and lose most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from feecalc.charts.look import (
    AXIS_HEIGHT,
    BAR,
    CORNER,
    GAIN,
    INK,
    LABEL_LIMIT,
    LABEL_ROOM,
    LABEL_SIZE,
    LOSS,
    SIGNED_MONEY,
    TOTAL,
    dollar_tick,
    inline,
    money_axis,
    printed,
    room,
)
from feecalc.money import signed_usd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW = 30  # pixels of a bar's row
_COLORS = {"gain": GAIN, "loss": LOSS, "total": TOTAL}
_INCHES = 0.36  # of a bar's row, in print
_MOVER_ROW = 24  # pixels of a bar's row


def waterfall_chart(table: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Draw a waterfall. Shape of ``table``: label, amount, begins, ends (USD), kind (gain, loss or total); in order."""
    color = alt.Color("kind:N", scale=alt.Scale(domain=list(_COLORS), range=list(_COLORS.values())), legend=None)
    base = alt.Chart(inline(table)).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=260, ticks=False, domain=False)),
        tooltip=[alt.Tooltip("label:N", title="Part"), alt.Tooltip("amount:Q", title="Change", format=SIGNED_MONEY)],
    )
    bars = base.mark_bar(height=BAR, cornerRadius=CORNER).encode(
        x=alt.X("begins:Q", **money_axis("Change in revenue, USD")), x2="ends:Q", color=color
    )
    at_right = base.transform_calculate(right="max(datum.begins, datum.ends)")
    amounts = at_right.mark_text(align="left", dx=6, fontSize=LABEL_SIZE, color=INK).encode(
        x="right:Q", text=alt.Text("amount:Q", format=SIGNED_MONEY)
    )
    return alt.layer(bars, amounts, height=_ROW * table.height + AXIS_HEIGHT, padding=room(right=LABEL_ROOM))


def waterfall_figure(table: pl.DataFrame, title: str) -> Figure:
    """Return ``waterfall_chart`` as a matplotlib figure for a file. Shape of ``table``: as there."""
    from matplotlib.figure import Figure

    with printed():
        figure = Figure(figsize=(8, 1.2 + _INCHES * table.height), layout="constrained")
        axes = figure.subplots()
        labels = table["label"].to_list()
        amounts = table["amount"].cast(pl.Float64).to_list()
        bars = axes.barh(
            labels,
            amounts,
            left=table["begins"].cast(pl.Float64).to_list(),
            color=[_COLORS[kind] for kind in table["kind"]],
        )
        axes.bar_label(bars, labels=[signed_usd(amount) for amount in table["amount"]], padding=4, fontsize=8)
        axes.invert_yaxis()
        axes.margins(x=0.18)
        axes.axvline(0, color=TOTAL, linewidth=0.8)
        axes.grid(axis="y", visible=False)
        axes.xaxis.set_major_formatter(dollar_tick)
        axes.set_title(title, parse_math=False)
    return figure


def movers_chart(table: pl.DataFrame, title: str = "Change in revenue, USD") -> alt.Chart:
    """Draw a bar for each service. Shape of ``table``: service (text, a row's label), change (USD); rows in order."""
    chart: alt.Chart = (
        alt.Chart(inline(table), height=_MOVER_ROW * table.height + AXIS_HEIGHT, padding=room(right=16))
        .mark_bar(height=BAR, cornerRadius=CORNER)
        .encode(
            y=alt.Y(
                "service:N", sort=None, title=None, axis=alt.Axis(labelLimit=LABEL_LIMIT, ticks=False, domain=False)
            ),
            x=alt.X("change:Q", **money_axis(title)),
            color=alt.condition("datum.change < 0", alt.value(LOSS), alt.value(GAIN)),
            tooltip=[
                alt.Tooltip("service:N", title="Service"),
                alt.Tooltip("change:Q", title="Change", format=SIGNED_MONEY),
            ],
        )
    )
    return chart
