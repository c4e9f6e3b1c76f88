"""A case at several sites: physician and facility stacked, the patient's share marked on them."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import polars as pl

from feecalc.charts.look import (
    AXIS_HEIGHT,
    BAR,
    FACILITY,
    INK,
    LABEL_ROOM,
    LABEL_SIZE,
    MONEY,
    PATIENT,
    PHYSICIAN,
    inline,
    money_axis,
    room,
)

_ROW = 50  # pixels of a site's bar
_LEGEND = 34  # pixels of the legend above
_TICK = 4  # pixels of the mark of the patient's share


def sites_chart(table: pl.DataFrame, stacked: Sequence[str], patient: str) -> alt.LayerChart | alt.FacetChart:
    """Shape of ``table``: site, part, amount (USD), whole (the site's total, null where there is none).

    ``stacked``: the two parts that make a bar; ``patient``: the part that is a mark on it, within the bar's payments.
    """
    names = table["site"].unique(maintain_order=True).to_list()
    y = alt.Y("site:N", sort=names, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=120))
    colors = alt.Scale(domain=[*stacked, patient], range=[PHYSICIAN, FACILITY, PATIENT])
    legend = alt.Legend(orient="top", symbolType="square", columnPadding=6)
    color = alt.Color("part:N", title=None, scale=colors, legend=legend)
    tip = [
        alt.Tooltip("site:N", title="Site"),
        alt.Tooltip("part:N", title="Part"),
        alt.Tooltip("amount:Q", title="Amount", format=MONEY),
    ]
    paid = table.filter(pl.col("part") != patient)
    bars = (
        alt.Chart(inline(paid.with_columns(order=pl.col("part").replace_strict({p: n for n, p in enumerate(stacked)}))))
        .mark_bar(height=BAR)
        .encode(y=y, x=alt.X("sum(amount):Q", **money_axis("Allowed, USD")), color=color, order="order:Q", tooltip=tip)
    )
    marks = (
        alt.Chart(inline(table.filter(pl.col("part") == patient)))
        .mark_tick(thickness=_TICK, height=BAR)
        .encode(y=y, x="amount:Q", color=color, tooltip=tip)
    )
    wholes = (
        alt.Chart(inline(table.select("site", "whole").drop_nulls().unique(maintain_order=True)))
        .mark_text(align="left", dx=8, fontSize=LABEL_SIZE, color=INK)
        .encode(y=y, x="whole:Q", text=alt.Text("whole:Q", format=MONEY))
    )
    height = _ROW * len(names) + AXIS_HEIGHT + _LEGEND
    return alt.layer(bars, marks, wholes, height=height, padding=room(right=LABEL_ROOM))
