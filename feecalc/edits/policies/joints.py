"""How many joints of a line are beyond a number, each side counted for itself.

A joint without a side may be of either: it is over only where it is over however it is laid.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_SIDES = ("right", "left")


def with_over(lines: pl.DataFrame, keys: Sequence[str], most: pl.Expr) -> pl.DataFrame:
    """The lines with ``joints``, ``over`` and ``if_one_side``, counted through the lines of ``keys`` in their order.

    ``over``: joints of the line that are beyond ``most`` on their side, or beyond both sides together.
    ``if_one_side``: whether some would be, were the unsided ones all on the fuller side. Shape: [line].
    """
    counted = lines.sort("row").with_columns(
        joints=pl.sum_horizontal(*_SIDES, "unsided"),
        **{f"{name}_after": pl.col(name).cum_sum().over(keys) for name in (*_SIDES, "unsided")},
    )
    counted = counted.with_columns(all_after=pl.sum_horizontal("right_after", "left_after", "unsided_after"))
    by_side = [_beyond(f"{side}_after", side, most) for side in _SIDES]
    fuller = pl.max_horizontal("right_after", "left_after")
    return counted.with_columns(
        over=pl.max_horizontal(pl.sum_horizontal(by_side), _beyond("all_after", "joints", 2 * most)),
        if_one_side=(pl.col("unsided_after") > 0) & (fuller + pl.col("unsided_after") > most),
    )


def _beyond(after: str, own: str, most: pl.Expr) -> pl.Expr:
    """How much of the line's own count stands above ``most``."""
    reached = pl.col(after)
    before = reached - pl.col(own)
    return (reached - most).clip(lower_bound=0) - (before - most).clip(lower_bound=0)
