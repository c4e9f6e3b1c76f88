"""From a printed rate to an amount: the wage index, the factor, one rounding, and the patient's part of it.

Equation: amount = ((rate - device) x (labor share x wage index + 1 - labor share) + device) x factor, rounded once
to the cent, halves up. Sources: 42 CFR 419.43 and CMS's OPPS pricer; Pub. 100-04 ch. 14 sec. 40.2 for an ASC, its
rounding assumed (reference/facility_payment.toml). All of it in whole numbers of 128 bits: a rate has as many decimals
as the tables keep, and no decimal is dropped before the one rounding.
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.rules import WHOLE, Rules
from feecalc.money import money, rounded

RATE_PLACES = 12  # of ``feecalc.tables.cells.figure``: all that are printed
A_CENT = 10 ** (RATE_PLACES - 2)  # in units of a rate
INDEX_PLACES = 8  # of ``feecalc.tables.cells.index_figure``; CMS prints four
ONE_INDEX = 10**INDEX_PLACES
FACTOR_PLACES = 4
KEPT_PLACES = RATE_PLACES
_ADJUSTED_CENT = A_CENT * WHOLE * ONE_INDEX  # a cent, in units of ``adjusted``
_FACTORS = 10 ** (FACTOR_PLACES + KEPT_PLACES)


def scaled(name: str, places: int = RATE_PLACES) -> pl.Expr:
    """Return a printed figure of a table as a whole number of ``10**-places``.

    Tables of earlier versions held fewer.
    """
    return pl.col(name).cast(pl.Decimal(38, places)).to_physical().alias(name)


def _wide(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int128)


def adjusted() -> pl.Expr:
    """Return the rate after the wage index, for one unit, exact. [10^-24 USD]

    Columns: rate, device (10^-12 USD), labor (ten-thousandths, 0 where the wage index does not apply), index (10^-8).
    """
    labor = _wide("labor")
    index = pl.col("index").fill_null(ONE_INDEX).cast(pl.Int128)  # no matter where labor is 0
    weight = labor * index + (WHOLE - labor) * ONE_INDEX
    exact: pl.Expr = (_wide("rate") - _wide("device")) * weight + _wide("device") * WHOLE * ONE_INDEX
    return exact


def amount() -> pl.Expr:
    """Return the line's amount, rounded once, halves up. [cents]

    Columns: those of ``adjusted``, factor (10^-4), kept (10^-12). The product has more than 128 bits: whole cents and
    what is left of a cent are multiplied apart, and nothing of the rest is lost.
    """
    exact = adjusted()
    whole, rest = exact // _ADJUSTED_CENT, exact % _ADJUSTED_CENT
    for name in ("factor", "kept"):
        carried = rest * _wide(name)
        whole, rest = whole * _wide(name) + carried // _ADJUSTED_CENT, carried % _ADJUSTED_CENT
    # what is left below a whole unit never reaches a half cent
    cents: pl.Expr = rounded(whole, _FACTORS).cast(pl.Int64)
    return cents


def medicare_part(rules: Rules) -> pl.Expr:
    """Return the program's part of ``cents``: times 1 less the coinsurance, rounded half up. [cents]

    The coinsurance is ``coinsurance`` over ``coinsurance_of``, at most the inpatient deductible for each procedure
    paid. Source: 42 CFR 419.41(c); CMS's OPPS pricer.
    """
    part, whole_of = _wide("coinsurance"), _wide("coinsurance_of")
    paid: pl.Expr = rounded(_wide("cents") * (whole_of - part), whole_of)
    if rules.inpatient_deductible is None:
        return paid.cast(pl.Int64)
    limit = rounded(rules.inpatient_deductible * _wide("factor"), WHOLE)
    return pl.max_horizontal(paid, _wide("cents") - limit).cast(pl.Int64)


def with_amounts(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Add ``facility_amount``, ``medicare_amount`` and ``copayment`` to lines whose ``paid`` is true. [USD]"""
    priced = lines.with_columns(pl.when("paid").then(amount()).alias("cents"))
    if rules.setting == "asc":
        billed = pl.col("billed_amount").cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64)
        priced = priced.with_columns(
            pl.when(billed < pl.col("cents")).then(billed).otherwise(pl.col("cents")).alias("cents"),
            (billed < pl.col("cents")).fill_null(False).alias("below_rate"),
        )
    else:
        priced = priced.with_columns(pl.lit(False).alias("below_rate"))
    priced = priced.with_columns(pl.when("paid").then(medicare_part(rules)).alias("program"))
    return priced.with_columns(
        money(pl.col("cents")).alias("facility_amount"),
        money(pl.col("program")).alias("medicare_amount"),
        money(pl.col("cents") - pl.col("program")).alias("copayment"),
    )
