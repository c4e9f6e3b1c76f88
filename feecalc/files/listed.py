"""Cells looked up in a list of what each of them means."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_NUMBER = 9  # digits that make each meaning different from the others


def listed(cell: pl.Expr, cells: Sequence[str], meanings: Sequence[str]) -> pl.Expr:
    """The meaning of a cell, null where it is not in the list. ``cells`` are different, ``meanings`` need not be.

    As ``replace_strict``, for which polars' streaming engine takes all of a file into memory at once. Here the place in
    the list of cells becomes the same place in the list of meanings, line by line and without a copy of either.
    """
    if not cells:
        return pl.lit(None, pl.String)
    numbered = pl.Enum([f"{meaning}{number:0{_NUMBER}}" for number, meaning in enumerate(meanings)])
    place = cell.cast(pl.Enum(cells), strict=False).to_physical()
    return place.cat.to(numbered).cast(pl.String).str.head(-_NUMBER)
