"""The ceiling on imaging: the lower of the fee and the amount from the used-for-OPPS columns.

Source: Deficit Reduction Act of 2005 sec. 5102(b); RVU25D.pdf, page 2.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from feecalc import reference


@cache
def _rows(kind: str, day: date) -> pl.Expr:
    held = pl.lit(False)
    for row in reference.rows_on("opps_cap", day, kind=kind):
        held = held | (
            (pl.col("status_indicator") == row["status_indicator"])
            & (pl.col("pctc_indicator") == row["pctc_indicator"])
            & pl.col("modifier").is_in(row["modifiers"])
        )
    columns = pl.col("opps_pe_rvu_nonfacility") + pl.col("opps_pe_rvu_facility") + pl.col("opps_mp_rvu")
    return held & (columns > 0)


def capped(day: date) -> pl.Expr:
    """Whether a row of the relative value table has a ceiling on its fee. [Boolean]"""
    return _rows("applies", day)


def ceiling_only(day: date) -> pl.Expr:
    """Whether a row's amount from the OPPS columns bounds the contractor's price and is no price. [Boolean]"""
    return _rows("ceiling", day)


def source(day: date) -> str:
    """Where the rule is written."""
    return str(reference.rows_on("opps_cap", day, kind="applies")[0]["source"])
