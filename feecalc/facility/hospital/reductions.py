"""Reduced rates of a hospital: off-campus departments, imaging on film or on equipment below the standard.

Each takes its percent of the rate and is rounded to the cent, off-campus first, before the wage index and discounts.
Source: Pub. 100-04 ch. 4 sec. 20.6.11 to 20.6.15; CMS's OPPS pricer; reference/facility_modifier.toml.
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.amounts import A_CENT
from feecalc.facility.notes import Note
from feecalc.facility.rules import WHOLE, Rules
from feecalc.money import rounded


def with_reduced_rates(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return lines with the reduced ``rate``; off_campus and imaging are null where they do not apply.

    Drugs, devices and blood are unchanged. An off-campus rate has the general coinsurance, and services without
    coinsurance are not reduced by it. ``printed_rate`` is kept.
    """
    reducible = pl.col("wage_adjusted").fill_null(False)
    lines = lines.with_columns(
        pl.when(reducible & (pl.col("coinsurance") != 0)).then("off_campus").alias("off_campus"),
        pl.when(reducible).then("imaging").alias("imaging"),
    )
    rate = _of(pl.col("rate"), "off_campus")
    is_off_campus = pl.col("off_campus").is_not_null()
    return lines.with_columns(
        _of(rate, "imaging").alias("rate"),
        pl.when(is_off_campus).then(rules.most_coinsurance).otherwise("coinsurance").alias("coinsurance"),
        pl.when(is_off_campus).then(WHOLE).otherwise("coinsurance_of").alias("coinsurance_of"),
    )


def _of(rate: pl.Expr, share: str) -> pl.Expr:
    reduced = rounded(rate * pl.col(share), A_CENT * WHOLE) * A_CENT
    return pl.when(pl.col(share).is_not_null()).then(reduced).otherwise(rate)


def reduction_notes() -> list[Note]:
    """Return the note that a rural sole community hospital is not reduced so."""
    exempt = (
        "paid as of an excepted off-campus department (PO), as a rural sole community hospital is not "
        "(--rural-sole-community)"
    )
    applies = pl.col("paid") & pl.col("off_campus").is_not_null() & pl.col("exempts")
    return [("rural_or_not", pl.when(applies).then(pl.lit(exempt)))]
