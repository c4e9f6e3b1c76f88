"""A scenario's events on a line of time: a bar from each one's first day to its last, paler where it is less likely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from feecalc.charts.look import CHOSEN, CORNER, INK, LABEL_SIZE, inline, printed, room

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW, _AXIS = 34, 40  # pixels
_INCHES = 0.36  # of a bar's row, in print
_PALEST, _FULL = 0.25, 0.9  # opacities of odds 0 and 100
_ODDS_ROOM = 56  # pixels at the right for the odds
_LONGEST_LABEL = 210


def timeline_chart(table: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Shape of ``table``: event, kind (text), first, last (date), odds (percent); rows in their order."""
    rows = table.with_columns(pl.lit(table["last"].max()).alias("end"))
    span = [str(table["first"].min()), str(table["last"].max())]
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y(
            "event:N", sort=None, title=None, axis=alt.Axis(labelLimit=_LONGEST_LABEL, ticks=False, domain=False)
        ),
        tooltip=[
            alt.Tooltip("event:N", title="Event"),
            alt.Tooltip("kind:N", title="Kind"),
            alt.Tooltip("first:N", title="From"),
            alt.Tooltip("last:N", title="Through"),
            alt.Tooltip("odds:Q", title="Odds, %"),
        ],
    )
    days = alt.Scale(type="utc", domain=span)
    bars = base.mark_bar(color=CHOSEN, cornerRadius=CORNER, height=_ROW * 0.55).encode(
        x=alt.X("first:T", title=None, scale=days, axis=alt.Axis(format="%b %Y", grid=True, tickCount=6)),
        x2="last:T",
        opacity=alt.Opacity("odds:Q", scale=alt.Scale(domain=[0, 100], range=[_PALEST, _FULL]), legend=None),
    )
    odds = base.mark_text(align="left", dx=8, fontSize=LABEL_SIZE, color=INK).encode(
        x="end:T", text=alt.Text("label:N")
    )
    odds = odds.transform_calculate(label="datum.odds + ' %'")
    return alt.layer(bars, odds, height=_ROW * table.height + _AXIS, padding=room(right=_ODDS_ROOM))


def timeline_figure(table: pl.DataFrame, title: str) -> Figure:
    """The same in print, for a file. Shape of ``table``: as ``timeline_chart``."""
    from matplotlib.figure import Figure

    with printed():
        figure = Figure(figsize=(8, 1.3 + _INCHES * table.height), layout="constrained")
        axes = figure.subplots()
        end = table["last"].max()
        for event, first, last, odds in table.select("event", "first", "last", "odds").iter_rows():
            pale = _PALEST + (_FULL - _PALEST) * float(odds) / 100
            axes.barh(event, last - first, left=first, color=CHOSEN, alpha=pale, height=0.55)
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
