"""The physician's amount by setting."""

from __future__ import annotations

import altair as alt
import polars as pl

from feecalc.charts import look


def setting_bars(table: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """A bar for each setting, the chosen one dark.

    Shape of ``table``: setting (text, a row's label), amount (USD), chosen (Boolean), one row a setting.
    """
    base = alt.Chart(look.inline(table)).encode(
        y=alt.Y(
            "setting:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelLimit=180, ticks=False, domain=False, labelPadding=8, labelFontSize=look.LABEL_SIZE),
        ),
        x=alt.X("amount:Q", **look.money_axis("Allowed amount, USD", scale=alt.Scale(zero=True, nice=True))),
        tooltip=[
            alt.Tooltip("setting:N", title="Setting"),
            alt.Tooltip("amount:Q", title="Allowed", format=look.MONEY),
        ],
    )
    bars = base.mark_bar(height=look.BAR, cornerRadiusEnd=look.CORNER).encode(
        color=alt.condition("datum.chosen", alt.value(look.CHOSEN), alt.value(look.OTHER))
    )
    amounts = base.mark_text(align="left", dx=6, fontSize=14, color=look.INK).encode(
        text=alt.Text("amount:Q", format=look.MONEY)
    )
    height = look.ROW_HEIGHT * table.height + look.AXIS_HEIGHT
    return alt.layer(bars, amounts, height=height, padding=look.room(right=look.LABEL_ROOM))
