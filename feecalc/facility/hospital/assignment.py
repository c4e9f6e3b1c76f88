"""What OPPS assigns to each code: status indicator, APC, rate and the coinsurance its copayment stands for."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from feecalc.facility.amounts import MILLS_A_CENT, RATE_PLACES
from feecalc.facility.rules import WHOLE

_RATE = pl.Decimal(18, RATE_PLACES)
_SHARE_PLACES = 6
_FIFTH = 5  # the minimum copayment is a fifth of the rate; some drugs' is less


@dataclass(frozen=True)
class HospitalTables:
    """The tables a hospital's lines are priced by.

    ``codes``: hcpcs, indicator, apc, rate (mills), coinsurance, coinsurance_of, relative_weight. ``apcs``: the same by
    APC. ``ranks`` and ``pairs`` are Addendum J's, empty where it is not installed. ``areas``: see ``areas``.
    """

    codes: pl.DataFrame
    apcs: pl.DataFrame
    ranks: pl.DataFrame
    pairs: pl.DataFrame
    areas: pl.DataFrame


def rated(table: pl.DataFrame) -> pl.DataFrame:
    """Addendum A or B with its rate in mills and its coinsurance as a fraction of the payment.

    A minimum copayment of 0 is none at all; a printed copayment above the minimum is its share of the rate; a drug's
    is the percent that is printed, or its own smaller minimum; all others pay the general 20 percent. Source: 42 CFR
    419.40(b), 419.41.
    """
    rate, copayment, minimum = (_mills(name) for name in ("payment_rate", "copayment", "minimum_copayment"))
    drug = pl.col("ira_coinsurance_rate").cast(pl.Decimal(12, _SHARE_PLACES)).to_physical().cast(pl.Int64)
    none, more, is_drug = minimum == 0, copayment > minimum, drug.is_not_null()
    less = _FIFTH * minimum < rate - _FIFTH * MILLS_A_CENT  # by more than a rounding
    return table.select(
        *(["hcpcs"] if "hcpcs" in table.columns else []),
        pl.col("status_indicator").alias("indicator"),
        "apc",
        rate.alias("rate"),
        pl.when(none)
        .then(0)
        .when(is_drug)
        .then(drug)
        .when(more)
        .then(copayment)
        .when(less)
        .then(minimum)
        .alias("coinsurance"),
        pl.when(none)
        .then(1)
        .when(is_drug)
        .then(10**_SHARE_PLACES)
        .when(more | less)
        .then(rate)
        .alias("coinsurance_of"),
        "relative_weight",
    )


def with_general_coinsurance(lines: pl.DataFrame, most: int) -> pl.DataFrame:
    """The general coinsurance, in ten-thousandths, where a line has no other."""
    plain = pl.col("coinsurance_of").is_null()
    return lines.with_columns(
        pl.when(plain).then(most).otherwise("coinsurance").alias("coinsurance"),
        pl.when(plain).then(WHOLE).otherwise("coinsurance_of").alias("coinsurance_of"),
    )


def carried(codes: pl.DataFrame, apcs: pl.DataFrame, device_offset: pl.DataFrame | None) -> pl.DataFrame:
    """Codes of an earlier Addendum B at the rates of a later year's APCs.

    Where the ASC's Addendum FF of the later year names another APC for a code, that one holds, with the APC's status;
    a code whose APC has no rate in the later file keeps no rate.
    """
    later = pl.DataFrame(schema={"hcpcs": pl.String, "later": pl.String})
    if device_offset is not None:
        later = device_offset.filter(pl.col("apc") != "").select("hcpcs", pl.col("apc").alias("later"))
    joined = codes.select("hcpcs", "indicator", "apc").join(later, on="hcpcs", how="full", coalesce=True)
    moved = pl.col("later").is_not_null() & (pl.col("later") != pl.col("apc").fill_null(""))
    joined = joined.with_columns(
        pl.coalesce("later", "apc").alias("apc"), pl.when(~moved).then("indicator").alias("indicator")
    )
    rates = apcs.rename({"indicator": "of_apc"})
    return (
        joined.join(rates, on="apc", how="left")
        .with_columns(pl.coalesce("indicator", "of_apc").alias("indicator"))
        .filter(pl.col("indicator").is_not_null())
        .select("hcpcs", "indicator", "apc", "rate", "coinsurance", "coinsurance_of", "relative_weight")
        .sort("hcpcs")
    )


def _mills(name: str) -> pl.Expr:
    return pl.col(name).cast(_RATE).to_physical().cast(pl.Int64)
