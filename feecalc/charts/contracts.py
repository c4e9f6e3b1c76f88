"""Charts of contracts: from today's revenue to an offer's, and the spread between readings of unclear clauses."""

from __future__ import annotations

from decimal import Decimal

import altair as alt
import polars as pl

from feecalc.charts.look import (
    AXIS_HEIGHT,
    BAR,
    CORNER,
    GAIN,
    INK,
    LABEL_LIMIT,
    LABEL_SIZE,
    LOSS,
    MONEY,
    SIGNED_MONEY,
    TOTAL,
    inline,
    money_axis,
    room,
)

_ROW = 34  # pixels of a bar's row
_MARK = 5  # pixels: how thick the marks at the ends are
_AMOUNT_ROOM = 92  # pixels at the right for the total
_TOTAL = "total"
_MONEY = pl.Decimal(18, 2)
_PAID, _CHANGE = "format(datum.ends, '$,.0f')", "format(datum.change, '+$,.0f')"  # a picture: the dollar is enough
_CLAUSE_ROW = 32  # pixels of a bar's row


def offer_waterfall(
    parts: pl.DataFrame, first: tuple[str, Decimal], last: tuple[str, Decimal]
) -> alt.LayerChart | alt.FacetChart:
    """Draw a waterfall from one contract's revenue to another's.

    Shape of ``parts``: label, change (USD, not null), rows in order. ``first``, ``last``: label and amount. The axis
    does not begin at zero, so that changes show beside much greater sums; the totals are marks, not bars, because the
    length of a bar would mislead.
    """
    rows = steps(parts, first, last)
    base = alt.Chart(inline(rows)).encode(
        # explicit order: the layers have different rows, and each would be sorted on its own
        y=alt.Y(
            "label:N",
            sort=rows["label"].to_list(),
            title=None,
            axis=alt.Axis(labelLimit=LABEL_LIMIT, ticks=False, domain=False),
        ),
        tooltip=[
            alt.Tooltip("label:N", title="Part"),
            alt.Tooltip("change:Q", title="Change", format=SIGNED_MONEY),
            alt.Tooltip("ends:Q", title="Revenue", format=MONEY),
        ],
    )
    scale = alt.Scale(zero=False, nice=True)
    bars = (
        base.transform_filter(f"datum.kind !== '{_TOTAL}'")
        .mark_bar(height=BAR, cornerRadius=CORNER)
        .encode(
            x=alt.X("begins:Q", scale=scale, **money_axis("Revenue, USD")),
            x2="ends:Q",
            color=alt.condition("datum.change < 0", alt.value(LOSS), alt.value(GAIN)),
        )
    )
    ends = (
        base.transform_filter(f"datum.kind === '{_TOTAL}'")
        .mark_tick(color=TOTAL, thickness=_MARK, height=alt.RelativeBandSize(0.8))
        .encode(x=alt.X("ends:Q", scale=scale))
    )
    amounts = (
        base.transform_calculate(
            right="max(datum.begins, datum.ends)",
            written=f"datum.kind === '{_TOTAL}' ? {_PAID} : {_CHANGE}",
        )
        .mark_text(align="left", dx=8, fontSize=LABEL_SIZE, color=INK)
        .encode(x=alt.X("right:Q", scale=scale), text="written:N")
    )
    return alt.layer(bars, ends, amounts, height=_ROW * rows.height + AXIS_HEIGHT, padding=room(right=_AMOUNT_ROOM))


def steps(parts: pl.DataFrame, first: tuple[str, Decimal], last: tuple[str, Decimal]) -> pl.DataFrame:
    """Return where each bar begins and ends. Shape: label, change, begins, ends (USD), kind (total or part)."""
    changed = parts.select("label", pl.col("change").cast(_MONEY))
    ends = pl.lit(first[1], _MONEY) + pl.col("change").cum_sum()
    between = changed.with_columns(ends.cast(_MONEY).alias("ends")).with_columns(
        (pl.col("ends") - pl.col("change")).cast(_MONEY).alias("begins"), pl.lit("part").alias("kind")
    )
    marks = [
        pl.DataFrame({"label": [label]}).with_columns(
            pl.lit(None, _MONEY).alias("change"),
            pl.lit(amount, _MONEY).alias("begins"),
            pl.lit(amount, _MONEY).alias("ends"),
            pl.lit(_TOTAL).alias("kind"),
        )
        for label, amount in (first, last)
    ]
    return pl.concat([marks[0], between.select(marks[0].columns), marks[1]])


def reading_spread(table: pl.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Draw a bar for each clause, from its lowest to its highest reading.

    Shape of ``table``: clause (text, a row's label), lowest, highest (USD, differences from the contract as read: one
    not above zero, the other not below), lowest_says, highest_says (text); rows in order.
    """
    base = alt.Chart(inline(table)).encode(
        y=alt.Y("clause:N", sort=None, title=None, axis=alt.Axis(labelLimit=LABEL_LIMIT, ticks=False, domain=False))
    )
    bars = [
        base.transform_calculate(zero="0")
        .mark_bar(height=BAR, cornerRadius=CORNER, color=color)
        .encode(
            x=alt.X(f"{side}:Q", **money_axis("More or less than as read here, USD")),
            x2="zero:Q",
            tooltip=[
                alt.Tooltip("clause:N", title="Clause"),
                alt.Tooltip(f"{side}_says:N", title="Read as"),
                alt.Tooltip(f"{side}:Q", title="Difference", format=SIGNED_MONEY),
            ],
        )
        for side, color in (("lowest", LOSS), ("highest", GAIN))
    ]
    middle = alt.Chart(alt.InlineData(values=[{"at": 0}])).mark_rule(color=TOTAL).encode(x="at:Q")
    return alt.layer(*bars, middle, height=_CLAUSE_ROW * table.height + AXIS_HEIGHT, padding=room(right=16))
