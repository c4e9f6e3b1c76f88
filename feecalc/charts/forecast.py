"""A forecast's pictures in altair: revenue by year, the fan of the draws, the tornado. Tables in, no arithmetic."""

from __future__ import annotations

import altair as alt
import polars as pl

from feecalc.charts.look import DARK, LIGHT, MANY, PAYERS, WARM

_WIDTH, _HEIGHT, _ROW = 520, 260, 24  # pixels
_DOLLARS = "$,.0f"


def revenue_by_year(table: pl.DataFrame) -> alt.Chart:
    """A stacked bar for each year. Shape: year, group (text: payer, category ...), revenue (USD)."""
    chart: alt.Chart = (
        alt.Chart(_values(table), width=_WIDTH, height=_HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("revenue:Q", title="Revenue, USD", axis=alt.Axis(format="$,~s"), scale=alt.Scale(zero=True)),
            color=alt.Color("group:N", title=None, sort=None, scale=alt.Scale(range=list(PAYERS))),
            order=alt.Order("order:Q"),
            tooltip=["year:O", "group:N", alt.Tooltip("revenue:Q", format=_DOLLARS)],
        )
    )
    return chart


def fan(table: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """The middle draw of each year in a band from the tenth to the ninetieth percentile; the forecast as a dashed line.

    Shape: year, p10, p50, p90, planned, target (USD; target null where there is none).
    """
    base = alt.Chart(_values(table), width=_WIDTH, height=_HEIGHT).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0))
    )
    money = alt.Axis(format="$,~s")
    ends = alt.Y("p10:Q", title="Net, USD", axis=money, scale=alt.Scale(zero=False))
    band = base.mark_area(color=LIGHT, opacity=0.6).encode(y=ends, y2="p90:Q")
    tips = [alt.Tooltip(f"{name}:Q", format=_DOLLARS) for name in ("p10", "p50", "p90", "planned")]
    middle = base.mark_line(color=DARK, point=True).encode(y="p50:Q", tooltip=["year:O", *tips])
    planned = base.mark_line(color=DARK, strokeDash=[5, 4]).encode(y="planned:Q")
    target = base.transform_filter("datum.target != null").mark_line(color=WARM).encode(y="target:Q")
    return alt.layer(band, middle, planned, target)


def tornado(table: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Two bars a row from zero, what moves most above.

    Shape: what, low, high (text), low_difference, high_difference (USD).
    """
    values = _values(table.head(MANY))
    base = alt.Chart(values, width=_WIDTH, height=alt.Step(_ROW)).encode(y=alt.Y("what:N", sort=None, title=None))
    axis = alt.Axis(format="$,~s")
    layers = [
        base.mark_bar(color=colour, height=_ROW * 0.7).encode(
            x=alt.X(f"{end}_difference:Q", title="Difference over all years, USD", axis=axis),
            tooltip=["what:N", f"{end}:N", alt.Tooltip(f"{end}_difference:Q", format=_DOLLARS)],
        )
        for end, colour in (("low", WARM), ("high", DARK))
    ]
    return alt.layer(*layers)


def _values(table: pl.DataFrame) -> alt.InlineData:
    """Rows with their decimals as binary numbers: a picture's lengths, not amounts."""
    plain = table.with_columns(pl.col(pl.Decimal).cast(pl.Float64)).with_row_index("order")
    return alt.InlineData(values=plain.to_dicts())
