"""What gains and what loses most: bars to the right and to the left of zero."""

from __future__ import annotations

import altair as alt
import polars as pl

from feecalc.charts.look import (
    AXIS_HEIGHT,
    BAR,
    CORNER,
    GAIN,
    LABEL_LIMIT,
    LOSS,
    SIGNED_MONEY,
    inline,
    money_axis,
    room,
)

_ROW = 24  # pixels of a bar's row


def movers_chart(table: pl.DataFrame, title: str = "Change in revenue, USD") -> alt.Chart:
    """Shape of ``table``: service (text, a row's label), change (USD); rows in their order."""
    chart: alt.Chart = (
        alt.Chart(inline(table), height=_ROW * table.height + AXIS_HEIGHT, padding=room(right=16))
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
