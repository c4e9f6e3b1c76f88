"""A code through the releases: office and facility, a step at each release's first day."""

from __future__ import annotations

import altair as alt
import polars as pl

from feecalc.charts import look

_HEIGHT = 260


def history_chart(history: pl.DataFrame) -> alt.Chart:
    """Shape of ``history``: as ``across_releases`` gives it for one code; null amounts are left out."""
    names = {"nonfacility_amount": "Office", "facility_amount": "Facility"}
    long = (
        history.select("release", "first_date_of_service", *names)
        .unpivot(
            on=list(names),
            index=["release", "first_date_of_service"],
            variable_name="setting",
            value_name="amount",
        )
        .drop_nulls("amount")
        .with_columns(pl.col("setting").replace(names))
    )
    colors = alt.Scale(domain=list(names.values()), range=[look.CHOSEN, look.SERIES[1]])
    chart: alt.Chart = (
        alt.Chart(look.inline(long), height=_HEIGHT, padding=look.room(right=20, top=8))
        .mark_line(interpolate="step-after", strokeWidth=2.5, point=alt.OverlayMarkDef(size=60, filled=True))
        .encode(
            x=alt.X("first_date_of_service:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=6, grid=False)),
            y=alt.Y("amount:Q", **look.money_axis("Allowed amount, USD", scale=alt.Scale(zero=True, nice=True))),
            color=alt.Color("setting:N", title=None, scale=colors, legend=alt.Legend(orient="top")),
            tooltip=[
                alt.Tooltip("release:N", title="Release"),
                alt.Tooltip("first_date_of_service:T", title="From", format="%B %-d, %Y"),
                alt.Tooltip("setting:N", title="Setting"),
                alt.Tooltip("amount:Q", title="Allowed", format=look.MONEY),
            ],
        )
    )
    return chart
