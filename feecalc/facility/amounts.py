"""Facility amounts from printed rates: the wage index, the factor, one rounding, and the patient's part.

Equation: amount = ((rate - device) x (labor share x wage index + 1 - labor share) + device) x factor, rounded once
to the cent, half up. Sources: 42 CFR 419.43 and CMS's OPPS pricer; Pub. 100-04 ch. 14 sec. 40.2 for an ASC, its
rounding assumed (reference/facility_payment.toml). Computed in 128-bit integers: a rate has as many decimals as the
tables keep, and none is dropped before the rounding.
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
ADJUSTED_CENT = A_CENT * WHOLE * ONE_INDEX  # a cent, in units of ``adjusted``
_FACTORS = 10 ** (FACTOR_PLACES + KEPT_PLACES)


def scaled(name: str, places: int = RATE_PLACES) -> pl.Expr:
    """Return a printed figure of a table as an integer in units of ``10**-places``."""
    # cast: tables of earlier versions had fewer decimals
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


def amount(times: str = "factor") -> pl.Expr:
    """Return the line's amount, rounded once, half up. [cents] ``times``: the column with the factor.

    Columns: those of ``adjusted``, factor (10^-4), kept (10^-12). The product needs more than 128 bits: whole cents and
    the rest of a cent are multiplied separately, exactly.
    """
    exact = adjusted()
    whole, rest = exact // ADJUSTED_CENT, exact % ADJUSTED_CENT
    for name in (times, "kept"):
        carried = rest * _wide(name)
        whole, rest = whole * _wide(name) + carried // ADJUSTED_CENT, carried % ADJUSTED_CENT
    # the rest below a whole unit never reaches half a cent
    cents: pl.Expr = rounded(whole, _FACTORS).cast(pl.Int64)
    return cents


def medicare_part(rules: Rules) -> pl.Expr:
    """Return Medicare's part of ``cents``: 1 less the coinsurance rate, rounded half up. [cents]

    The coinsurance rate is ``coinsurance`` over ``coinsurance_of``; the copayment is at most the inpatient deductible
    for each procedure paid. Source: 42 CFR 419.41(c); CMS's OPPS pricer.
    """
    part, whole_of = _wide("coinsurance"), _wide("coinsurance_of")
    paid: pl.Expr = rounded(_wide("cents") * (whole_of - part), whole_of)
    if rules.inpatient_deductible is None:
        return paid.cast(pl.Int64)
    limit = rounded(rules.inpatient_deductible * _wide("factor"), WHOLE)
    return pl.max_horizontal(paid, _wide("cents") - limit).cast(pl.Int64)


def with_amounts(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return lines with ``facility_amount``, ``medicare_amount`` and ``copayment`` where ``paid`` is true. [USD]

    An ASC is paid the lower of charge and rate, and a discount beside other procedures comes after that.
    """
    priced = lines.with_columns(pl.when("paid").then(amount()).alias("cents"))
    below = pl.lit(False).alias("below_rate")
    priced = _by_charge(priced) if rules.setting == "asc" else priced.with_columns(below)
    priced = priced.with_columns(pl.when("paid").then(medicare_part(rules)).alias("program"))
    return priced.with_columns(
        money(pl.col("cents")).alias("facility_amount"),
        money(pl.col("program")).alias("medicare_amount"),
        money(pl.col("cents") - pl.col("program")).alias("copayment"),
    )


def with_billed(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with ``billed_cents``, null where no charge is given."""
    return lines.with_columns(
        pl.col("billed_amount").cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64).alias("billed_cents")
    )


def _by_charge(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with ``cents`` by the lower of charge and rate, and ``below_rate``.

    Of a line that ranks among several procedures the charge is set against all of its units, and then discounted.
    Source: Pub. 100-04 ch. 14 sec. 40.5.
    """
    charged = lines.filter(pl.col("paid") & pl.col("billed_cents").is_not_null())
    if not charged.height:
        return lines.with_columns(pl.lit(False).alias("below_rate"))
    units = WHOLE * pl.col("units").cast(pl.Int64)
    charged = charged.with_columns(pl.when("ranks").then(units).otherwise("factor").alias("in_full"))
    charged = charged.with_columns(amount("in_full").alias("at_rate"))
    discounted = rounded(_wide("billed_cents") * _wide("factor"), _wide("in_full").clip(1)).cast(pl.Int64)
    below = charged.filter(pl.col("billed_cents") < pl.col("at_rate")).select("row", discounted.alias("by_charge"))
    lines = lines.join(below, on="row", how="left", maintain_order="left")
    return lines.with_columns(
        pl.coalesce("by_charge", "cents").alias("cents"), pl.col("by_charge").is_not_null().alias("below_rate")
    )
