"""What each of the three indices makes of a place's difference from the nation: bars to the left and to the right."""

from __future__ import annotations

import altair as alt
import polars as pl

from feecalc.charts import look

_ROW = 24  # pixels of a bar's row
_LEGEND = 36  # pixels of the legend below, beyond one row of it
_NAMES = {"work_part": "Work", "pe_part": "Practice expense", "mp_part": "Malpractice"}


def driver_bars(places: pl.DataFrame) -> alt.Chart:
    """Shape of ``places``: label (text, a row's label), work_part, pe_part, mp_part (USD); rows in their order."""
    long = (
        places.select("label", *_NAMES)
        .unpivot(on=list(_NAMES), index="label", variable_name="index", value_name="part")
        .with_columns(pl.col("index").replace(_NAMES))
    )
    scale = alt.Scale(domain=list(_NAMES.values()), range=[look.WORK, look.PRACTICE_EXPENSE, look.MALPRACTICE])
    legend = alt.Legend(orient="bottom", direction="vertical")  # side by side they are cut on a narrow screen
    height = _ROW * places.height + look.AXIS_HEIGHT + _LEGEND
    chart: alt.Chart = (
        alt.Chart(look.inline(long), height=height, padding=look.room(right=16))
        .mark_bar(height=look.BAR)
        .encode(
            y=alt.Y(
                "label:N",
                sort=None,
                title=None,
                axis=alt.Axis(labelLimit=look.LABEL_LIMIT, ticks=False, domain=False),
            ),
            x=alt.X("part:Q", **look.money_axis("More or less than national, USD", stack="zero")),
            color=alt.Color("index:N", title=None, scale=scale, legend=legend),
            order=alt.Order("index:N"),
            tooltip=[
                alt.Tooltip("label:N", title="Locality"),
                alt.Tooltip("index:N", title="Index"),
                alt.Tooltip("part:Q", title="Part", format=look.SIGNED_MONEY),
            ],
        )
    )
    return chart
