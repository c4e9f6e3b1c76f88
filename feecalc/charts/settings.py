"""The physician's amount by setting."""

from __future__ import annotations

import altair as alt
import polars as pl

_CHOSEN, _OTHER = "#1d5c85", "#a9bfce"
_BAR = alt.RelativeBandSize(0.68)  # of a row's height
_ROW_HEIGHT, _AXIS_HEIGHT = 54, 60  # pixels
_LABEL_ROOM = 72  # pixels at the right for the longest amount


def setting_bars(table: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """A bar for each setting, the chosen one dark.

    Shape of ``table``: setting (text, a row's label), amount (USD), chosen (Boolean), one row a setting.
    """
    values = table.with_columns(pl.col("amount").cast(pl.Float64)).to_dicts()  # a picture's length, not an amount
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y(
            "setting:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelLimit=180, ticks=False, domain=False, labelPadding=8, labelFontSize=13),
        ),
        x=alt.X(
            "amount:Q",
            title="Allowed amount, USD",
            scale=alt.Scale(zero=True, nice=True),
            axis=alt.Axis(format="$,~f", tickCount=5, grid=True),
        ),
        tooltip=[alt.Tooltip("setting:N", title="Setting"), alt.Tooltip("amount:Q", title="Allowed", format="$,.2f")],
    )
    bars = base.mark_bar(height=_BAR, cornerRadiusEnd=3).encode(
        color=alt.condition("datum.chosen", alt.value(_CHOSEN), alt.value(_OTHER))
    )
    amounts = base.mark_text(align="left", dx=6, fontSize=14).encode(text=alt.Text("amount:Q", format="$,.2f"))
    room = {"left": 4, "top": 4, "right": _LABEL_ROOM, "bottom": 4}
    return alt.layer(bars, amounts, height=_ROW_HEIGHT * len(values) + _AXIS_HEIGHT, padding=room)
