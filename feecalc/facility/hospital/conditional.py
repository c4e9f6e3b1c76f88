"""Conditionally packaged services (Q1, Q2) with nothing beside them that packages them: the highest is paid, once.

Source: reference/facility_payment.toml, kind conditional.
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.modifiers import by_what_they_pay

WITH_STV, WITH_T = "packaged_with_stv", "packaged_with_t"


def with_conditional(lines: pl.DataFrame) -> pl.DataFrame:
    """Add ``conditional_other`` (packaged beside another of its kind), ``conditional_paid`` (that other's code),
    ``conditional_unclear`` (a Q2 of a lower rate than a Q1: which is paid is not known) and ``one_unit`` (the line that
    is paid of several, one unit of it).

    Columns: valid, pays, rate, has_stv, has_t, claim_id, row, line.
    """
    left = pl.col("valid") & (
        ((pl.col("pays") == WITH_STV) & ~pl.col("has_stv")) | ((pl.col("pays") == WITH_T) & ~pl.col("has_t"))
    )
    lines = lines.with_columns(left.fill_null(False).alias("conditional"))
    some = lines.filter("conditional")
    highest = (
        some.sort(0 - pl.col("rate").fill_null(0), pl.col("pays") != WITH_T, *by_what_they_pay())
        .group_by("claim_id", maintain_order=True)
        .agg(
            pl.col("row").first().alias("conditional_row"),
            pl.col("hcpcs").first().alias("conditional_paid"),
            ((pl.col("pays").first() == WITH_STV) & (pl.col("pays") == WITH_T).any()).alias("unclear"),
            (pl.len() > 1).alias("several_conditional"),
        )
    )
    lines = lines.join(highest, on="claim_id", how="left", maintain_order="left")
    several = pl.col("conditional") & pl.col("several_conditional").fill_null(False)
    unclear, first = pl.col("unclear").fill_null(False), pl.col("row") == pl.col("conditional_row")
    return lines.with_columns(
        (several & unclear).alias("conditional_unclear"),
        (several & ~unclear & ~first).fill_null(False).alias("conditional_other"),
        (several & ~unclear & first).fill_null(False).alias("one_unit"),
    )
