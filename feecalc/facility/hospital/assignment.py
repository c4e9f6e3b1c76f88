"""What OPPS assigns to each code: status indicator, APC, rate and the coinsurance its copayment stands for."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from feecalc.facility.amounts import A_CENT, scaled
from feecalc.facility.rules import WHOLE

_SHARE_PLACES = 12
_FIFTH = 5  # the minimum copayment is a fifth of the rate; some drugs' is less


@dataclass(frozen=True)
class HospitalTables:
    """The tables a hospital's lines are priced by.

    ``codes``: hcpcs, indicator, apc, rate (10^-12 USD), coinsurance, coinsurance_of, relative_weight, and listed_in,
    unread and elsewhere as ``lines.with_codes`` has them. ``apcs``: the same by APC. ``ranks`` and ``pairs`` are
    Addendum J's, empty where it is not installed. ``areas``: see ``areas``.
    """

    codes: pl.DataFrame
    apcs: pl.DataFrame
    ranks: pl.DataFrame
    pairs: pl.DataFrame
    areas: pl.DataFrame


def rated(table: pl.DataFrame, listed_in: str) -> pl.DataFrame:
    """Addendum A or B with its rate in 10^-12 USD and its coinsurance as a fraction of the payment.

    A minimum copayment of 0 is none at all; a printed copayment above the minimum is its share of the rate; a drug's
    is the percent that is printed, or its own smaller minimum; all others pay the general 20 percent. Source: 42 CFR
    419.40(b), 419.41. ``listed_in``: the entry that the table is.
    """
    rate, copayment, minimum = (scaled(name) for name in ("payment_rate", "copayment", "minimum_copayment"))
    drug = scaled("ira_coinsurance_rate", _SHARE_PLACES)
    none, more, is_drug = minimum == 0, copayment > minimum, drug.is_not_null()
    less = _FIFTH * minimum < rate - _FIFTH * A_CENT  # by more than a rounding
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
        pl.lit(listed_in).alias("listed_in"),
        # entries of earlier versions had no such column, and no such cells
        pl.col("unread") if "unread" in table.columns else pl.lit("").alias("unread"),
    )


def with_general_coinsurance(lines: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return the general coinsurance, in ten-thousandths, where a line has no other."""
    plain = pl.col("coinsurance_of").is_null()
    return lines.with_columns(
        pl.when(plain).then(most).otherwise("coinsurance").alias("coinsurance"),
        pl.when(plain).then(WHOLE).otherwise("coinsurance_of").alias("coinsurance_of"),
    )


def carried(codes: pl.DataFrame, apcs: pl.DataFrame, device_offset: pl.DataFrame | None) -> pl.DataFrame:
    """Return codes of an earlier Addendum B at the rates of a later year's APCs.

    Where the ASC's Addendum FF of the later year names another APC for a code, that one holds, with the APC's status;
    a code whose APC has no rate in the later file keeps no rate. A code of Addendum FF alone whose APC is not in the
    later file either is left out: see ``known_elsewhere``.
    """
    later = pl.DataFrame(schema={"hcpcs": pl.String, "later": pl.String})
    if device_offset is not None:
        later = device_offset.filter(pl.col("apc") != "").select("hcpcs", pl.col("apc").alias("later"))
    joined = codes.select("hcpcs", "indicator", "apc", "listed_in").join(later, on="hcpcs", how="full", coalesce=True)
    moved = pl.col("later").is_not_null() & (pl.col("later") != pl.col("apc").fill_null(""))
    joined = joined.with_columns(
        pl.coalesce("later", "apc").alias("apc"),
        pl.when(~moved).then("indicator").alias("indicator"),
        pl.when(~moved).then("listed_in").alias("listed_in"),
    )
    rates = apcs.rename({"indicator": "of_apc", "listed_in": "apc_listed_in"})
    return (
        joined.join(rates, on="apc", how="left")
        .with_columns(
            pl.coalesce("indicator", "of_apc").alias("indicator"),
            pl.coalesce("listed_in", "apc_listed_in").alias("listed_in"),
            pl.col("unread").fill_null(""),
        )
        .filter(pl.col("indicator").is_not_null())
        .select(
            "hcpcs", "indicator", "apc", "rate", "coinsurance", "coinsurance_of", "relative_weight", "listed_in",
            "unread",
        )
        .sort("hcpcs")
    )  # fmt: skip


def known_elsewhere(codes: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Return the codes, and those that only ``others`` hold: hcpcs, and in ``elsewhere`` what is known of it."""
    more = others.join(codes, on="hcpcs", how="anti")
    return pl.concat([codes, more], how="diagonal")
