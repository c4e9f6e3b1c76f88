"""Charts of one service or case: its amount by setting, by release, and by site of service."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import polars as pl

from feecalc.charts import look
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

_HISTORY_HEIGHT = 260
_SITE_ROW = 50  # pixels of a site's bar
_LEGEND = 34  # pixels of the legend above
_TICK = 4  # pixels of the mark of the patient's share


def setting_bars(table: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Draw a bar for each setting, the chosen one dark.

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


def history_chart(history: pl.DataFrame) -> alt.Chart:
    """Draw a code's amounts by release. Shape of ``history``: as ``across_releases`` returns it; nulls are left out."""
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
        alt.Chart(look.inline(long), height=_HISTORY_HEIGHT, padding=look.room(right=20, top=8))
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


def sites_chart(table: pl.DataFrame, stacked: Sequence[str], patient: str) -> alt.LayerChart | alt.FacetChart:
    """Draw a stacked bar for each site of service, with a mark for the patient's part.

    Shape of ``table``: site, part, amount (USD), whole (the site's total, null where there is none). ``stacked``: the
    two parts of a bar; ``patient``: the part that is drawn as a mark on it.
    """
    names = table["site"].unique(maintain_order=True).to_list()
    y = alt.Y("site:N", sort=names, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=120))
    colors = alt.Scale(domain=[*stacked, patient], range=[PHYSICIAN, FACILITY, PATIENT])
    legend = alt.Legend(orient="top", symbolType="square", columnPadding=6)
    color = alt.Color("part:N", title=None, scale=colors, legend=legend)
    tooltip = [
        alt.Tooltip("site:N", title="Site"),
        alt.Tooltip("part:N", title="Part"),
        alt.Tooltip("amount:Q", title="Amount", format=MONEY),
    ]
    paid = table.filter(pl.col("part") != patient)
    bars = (
        alt.Chart(
            inline(
                paid.with_columns(
                    order=pl.col("part").replace_strict({part: position for position, part in enumerate(stacked)})
                )
            )
        )
        .mark_bar(height=BAR)
        .encode(
            y=y, x=alt.X("sum(amount):Q", **money_axis("Allowed, USD")), color=color, order="order:Q", tooltip=tooltip
        )
    )
    marks = (
        alt.Chart(inline(table.filter(pl.col("part") == patient)))
        .mark_tick(thickness=_TICK, height=BAR)
        .encode(y=y, x="amount:Q", color=color, tooltip=tooltip)
    )
    totals = (
        alt.Chart(inline(table.select("site", "whole").drop_nulls().unique(maintain_order=True)))
        .mark_text(align="left", dx=8, fontSize=LABEL_SIZE, color=INK)
        .encode(y=y, x="whole:Q", text=alt.Text("whole:Q", format=MONEY))
    )
    height = _SITE_ROW * len(names) + AXIS_HEIGHT + _LEGEND
    return alt.layer(bars, marks, totals, height=height, padding=room(right=LABEL_ROOM))
