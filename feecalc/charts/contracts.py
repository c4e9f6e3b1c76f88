"""Contracts: from what is paid today to what an offer pays, and how far the readings of unclear clauses lie apart."""

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
_AMOUNT_ROOM = 92  # pixels at the right for the amount of all that is paid
_TOTAL = "total"
_MONEY = pl.Decimal(18, 2)
_PAID, _CHANGE = "format(datum.ends, '$,.0f')", "format(datum.change, '+$,.0f')"  # a picture: the dollar is enough
_CLAUSE_ROW = 32  # pixels of a bar's row


def offer_waterfall(
    parts: pl.DataFrame, first: tuple[str, Decimal], last: tuple[str, Decimal]
) -> alt.LayerChart | alt.FacetChart:
    """Draw ``parts``: label, change (USD, not null); rows in their order. ``first``, ``last``: label and amount.

    The axis does not begin at zero, so that changes are seen beside sums many times as great: the ends are marks, as
    the length of a bar would say nothing.
    """
    rows = steps(parts, first, last)
    base = alt.Chart(inline(rows)).encode(
        # told outright: each layer has other rows, and would else be ordered by itself
        y=alt.Y(
            "label:N",
            sort=rows["label"].to_list(),
            title=None,
            axis=alt.Axis(labelLimit=LABEL_LIMIT, ticks=False, domain=False),
        ),
        tooltip=[
            alt.Tooltip("label:N", title="Part"),
            alt.Tooltip("change:Q", title="Change", format=SIGNED_MONEY),
            alt.Tooltip("ends:Q", title="Paid in all", format=MONEY),
        ],
    )
    scale = alt.Scale(zero=False, nice=True)
    bars = (
        base.transform_filter(f"datum.kind !== '{_TOTAL}'")
        .mark_bar(height=BAR, cornerRadius=CORNER)
        .encode(
            x=alt.X("begins:Q", scale=scale, **money_axis("Paid in all, USD")),
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
    """Draw ``table``: clause (text, a row's label), lowest, highest (USD, differences from the contract as read,
    the one not above zero, the other not below), lowest_says, highest_says (text); rows in their order."""
    base = alt.Chart(inline(table)).encode(
        y=alt.Y("clause:N", sort=None, title=None, axis=alt.Axis(labelLimit=LABEL_LIMIT, ticks=False, domain=False))
    )
    sides = [
        base.transform_calculate(zero="0")
        .mark_bar(height=BAR, cornerRadius=CORNER, color=color)
        .encode(
            x=alt.X(f"{side}:Q", **money_axis("More or less than as it is read here, USD")),
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
    return alt.layer(*sides, middle, height=_CLAUSE_ROW * table.height + AXIS_HEIGHT, padding=room(right=16))
