"""How far the readings of each unclear clause lie apart: a bar to either side of the contract as it is read here."""

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
    TOTAL,
    inline,
    money_axis,
    room,
)

_ROW = 32  # pixels of a bar's row


def reading_spread(table: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Shape of ``table``: clause (text, a row's label), lowest, highest (USD, differences from the contract as read,
    the one not above zero, the other not below), lowest_says, highest_says (text); rows in their order."""
    base = alt.Chart(inline(table)).encode(
        y=alt.Y("clause:N", sort=None, title=None, axis=alt.Axis(labelLimit=LABEL_LIMIT, ticks=False, domain=False))
    )
    sides = [
        base.transform_calculate(zero="0")
        .mark_bar(height=BAR, cornerRadius=CORNER, color=colour)
        .encode(
            x=alt.X(f"{side}:Q", **money_axis("More or less than as it is read here, USD")),
            x2="zero:Q",
            tooltip=[
                alt.Tooltip("clause:N", title="Clause"),
                alt.Tooltip(f"{side}_says:N", title="Read as"),
                alt.Tooltip(f"{side}:Q", title="Difference", format=SIGNED_MONEY),
            ],
        )
        for side, colour in (("lowest", LOSS), ("highest", GAIN))
    ]
    middle = alt.Chart(alt.InlineData(values=[{"at": 0}])).mark_rule(color=TOTAL).encode(x="at:Q")
    return alt.layer(*sides, middle, height=_ROW * table.height + AXIS_HEIGHT, padding=room(right=16))
