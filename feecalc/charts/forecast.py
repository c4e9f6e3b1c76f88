"""Charts of a forecast in altair: revenue by year, the fan of the draws, the tornado, alternatives side by side.

They compute no amounts. The same charts in matplotlib are in ``forecast_figure``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from feecalc.charts.look import (
    CHOSEN,
    CORNER,
    GAIN,
    INK,
    LABEL_LIMIT,
    LABEL_SIZE,
    LOSS,
    MANY,
    PAYERS,
    SERIES,
    inline,
    money_axis,
    printed,
    room,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT, _ROW = 520, 340, 26  # pixels
_DOLLARS = "$,.0f"
_COLORS = [*SERIES, *PAYERS[3:]]  # the first are told apart on light and on dark
_BAND, _MIDDLE, _PLANNED, _TARGET = "P10 to P90", "P50", "forecast", "target"
_LABEL = 145  # pixels, so that two stand beside each other on a telephone
_LEGEND = alt.Legend(orient="bottom", title=None, columns=2, labelLimit=_LABEL, symbolOpacity=1)
_YEAR_AXIS = alt.Axis(labelAngle=0)
_LEGEND_ROW, _LEGEND_FREE = 24, 2  # pixels of a line of the legend; lines that _HEIGHT has room for
_PALE, _BAND_OPACITY = "#8fbbdb", 0.32  # the band: CHOSEN, so pale that the lines stand out on light and on dark
_EVENT_ROW, _AXIS = 34, 40  # pixels
_INCHES = 0.36  # of a bar's row, in print
_PALEST, _FULL = 0.25, 0.9  # opacities of odds 0 and 100
_ODDS_ROOM = 56  # pixels at the right for the odds
_LONGEST_LABEL = 210


def revenue_by_year(table: pl.DataFrame) -> alt.Chart:
    """Draw a stacked bar of revenue for each year.

    Shape of ``table``: year, group (text: payer, category ...), revenue (USD).
    """
    groups = table["group"].unique(maintain_order=True).to_list()
    chart: alt.Chart = (
        alt.Chart(inline(table.with_row_index("order")), width=_WIDTH, height=_height_with_legend(-(-len(groups) // 2)))
        .mark_bar()
        .encode(
            x=alt.X("year:O", title=None, axis=_YEAR_AXIS, scale=alt.Scale(paddingInner=0.35, paddingOuter=0.2)),
            y=alt.Y("revenue:Q", scale=alt.Scale(zero=True), **money_axis("Revenue, USD")),
            color=alt.Color("group:N", sort=None, scale=alt.Scale(domain=groups, range=_COLORS), legend=_LEGEND),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("year:O", title="Year"),
                alt.Tooltip("group:N", title="Of"),
                alt.Tooltip("revenue:Q", title="Revenue", format=_DOLLARS),
            ],
        )
    )
    return chart


def fan(table: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Draw each year's median in a band from the 10th to the 90th percentile; the forecast as a dashed line.

    Shape of ``table``: year, p10, p50, p90, planned, target (USD; target null where there is none).
    """
    has_target = table["target"].is_not_null().any()
    domain, colors = [_BAND, _MIDDLE, _PLANNED], [_PALE, CHOSEN, GAIN]
    if has_target:
        domain, colors = [*domain, _TARGET], [*colors, LOSS]
    scale = alt.Scale(domain=domain, range=colors)
    base = alt.Chart(inline(table), width=_WIDTH, height=_HEIGHT).encode(
        x=alt.X("year:O", title=None, axis=_YEAR_AXIS),
    )

    color = alt.Color("line:N", sort=None, scale=scale, legend=_LEGEND)

    def named(layer: alt.Chart, name: str) -> alt.Chart:
        return layer.transform_calculate(line=f"'{name}'").encode(color=color)

    ends = alt.Y("p10:Q", scale=alt.Scale(zero=False), **money_axis("Net, USD"))
    # a band of one year has no area to fill
    area = base.mark_area(opacity=_BAND_OPACITY) if table.height > 1 else base.mark_bar(opacity=_BAND_OPACITY, width=60)
    band = named(area.encode(y=ends, y2="p90:Q"), _BAND)
    titles = {"year": "Year", "p10": "P10", "p50": "P50", "p90": "P90", "planned": "Forecast", "target": "Target"}
    tooltips = [
        alt.Tooltip(f"{name}:{'O' if name == 'year' else 'Q'}", title=title, format="" if name == "year" else _DOLLARS)
        for name, title in titles.items()
        if name != "target" or has_target
    ]
    middle = base.mark_line(point=alt.OverlayMarkDef(size=70), strokeWidth=2.5).encode(y="p50:Q", tooltip=tooltips)
    planned = base.mark_line(strokeDash=[6, 4], point=table.height == 1).encode(y="planned:Q")
    layers = [band, named(middle, _MIDDLE), named(planned, _PLANNED)]
    target = base.transform_filter("datum.target != null").mark_line(strokeWidth=2, point=table.height == 1)
    if has_target:
        layers.append(named(target.encode(y="target:Q"), _TARGET))
    return alt.layer(*layers)


def tornado(table: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Draw two bars from zero for each assumption, the one with the greatest effect first.

    Shape of ``table``: what, low, high (text), low_difference, high_difference (USD).
    """
    shown = table.head(MANY)
    base = alt.Chart(inline(shown), width=_WIDTH, height=alt.Step(_ROW)).encode(
        y=alt.Y("what:N", sort=None, title=None, axis=alt.Axis(labelLimit=LABEL_LIMIT + 60, ticks=False, domain=False))
    )
    layers = [
        base.mark_bar(color=color, height=_ROW * 0.7, cornerRadiusEnd=CORNER).encode(
            x=alt.X(f"{end}_difference:Q", **money_axis("Over all years, USD")),
            tooltip=[
                alt.Tooltip("what:N", title="What"),
                alt.Tooltip(f"{end}:N", title="Moved to"),
                alt.Tooltip(f"{end}_difference:Q", title="Difference", format=_DOLLARS),
            ],
        )
        for end, color in (("low", LOSS), ("high", CHOSEN))
    ]
    return alt.layer(*layers)


def alternatives(table: pl.DataFrame) -> alt.Chart:
    """Draw net revenue as a line for the scenario, which comes first, and for each alternative.

    Shape of ``table``: year, name, net (USD).
    """
    names = table["name"].unique(maintain_order=True).to_list()
    chart: alt.Chart = (
        alt.Chart(inline(table), width=_WIDTH, height=_height_with_legend(len(names)))
        .mark_line(point=alt.OverlayMarkDef(size=60), strokeWidth=2.5)
        .encode(
            x=alt.X("year:O", title=None, axis=_YEAR_AXIS),
            y=alt.Y("net:Q", scale=alt.Scale(zero=False), **money_axis("Net, USD")),
            color=alt.Color(
                "name:N",
                sort=None,
                scale=alt.Scale(domain=names, range=_COLORS),
                legend=alt.Legend(orient="bottom", title=None, columns=1, labelLimit=260),
            ),
            tooltip=[
                alt.Tooltip("year:O", title="Year"),
                alt.Tooltip("name:N", title="Plan"),
                alt.Tooltip("net:Q", title="Net", format=_DOLLARS),
            ],
        )
    )
    return chart


def _height_with_legend(lines: int) -> int:
    """Return the chart's height with a legend of so many lines, which takes part of it. [pixels]"""
    return _HEIGHT + _LEGEND_ROW * max(lines - _LEGEND_FREE, 0)


def timeline_chart(table: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Draw events as bars over time, paler where the odds are lower.

    Shape of ``table``: event, kind (text), first, last (date), odds (percent); rows in order.
    """
    rows = table.with_columns(pl.lit(table["last"].max()).alias("end"))
    span = [str(table["first"].min()), str(table["last"].max())]
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("event:N", sort=None, title=None, axis=alt.Axis(labelLimit=_LONGEST_LABEL, ticks=False, domain=False)),
        tooltip=[
            alt.Tooltip("event:N", title="Event"),
            alt.Tooltip("kind:N", title="Kind"),
            alt.Tooltip("first:N", title="From"),
            alt.Tooltip("last:N", title="Through"),
            alt.Tooltip("odds:Q", title="Odds, %"),
        ],
    )
    days = alt.Scale(type="utc", domain=span)
    bars = base.mark_bar(color=CHOSEN, cornerRadius=CORNER, height=_EVENT_ROW * 0.55).encode(
        x=alt.X("first:T", title=None, scale=days, axis=alt.Axis(format="%b %Y", grid=True, tickCount=6)),
        x2="last:T",
        opacity=alt.Opacity("odds:Q", scale=alt.Scale(domain=[0, 100], range=[_PALEST, _FULL]), legend=None),
    )
    odds = base.mark_text(align="left", dx=8, fontSize=LABEL_SIZE, color=INK).encode(
        x="end:T", text=alt.Text("label:N")
    )
    odds = odds.transform_calculate(label="datum.odds + ' %'")
    return alt.layer(bars, odds, height=_EVENT_ROW * table.height + _AXIS, padding=room(right=_ODDS_ROOM))


def timeline_figure(table: pl.DataFrame, title: str) -> Figure:
    """Return ``timeline_chart`` as a matplotlib figure for a file. Shape of ``table``: as there."""
    from matplotlib.figure import Figure

    with printed():
        figure = Figure(figsize=(8, 1.3 + _INCHES * table.height), layout="constrained")
        axes = figure.subplots()
        end = table["last"].max()
        for event, first, last, odds in table.select("event", "first", "last", "odds").iter_rows():
            alpha = _PALEST + (_FULL - _PALEST) * float(odds) / 100
            axes.barh(event, last - first, left=first, color=CHOSEN, alpha=alpha, height=0.55)
            axes.annotate(
                f"{odds.normalize():f} %", (end, event), xytext=(6, 0), textcoords="offset points", va="center",
                fontsize=8,
            )  # fmt: skip
        axes.xaxis_date()
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.margins(x=0.01)
        axes.set_title(title, parse_math=False)
    return figure
