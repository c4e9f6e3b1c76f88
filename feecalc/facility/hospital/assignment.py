"""OPPS assignment of codes: status indicator, APC, rate, and the coinsurance that the copayment amounts to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from feecalc.facility.amounts import A_CENT, scaled
from feecalc.facility.rules import WHOLE, within

DEVICES: Mapping[str, type[pl.DataType]] = {"hcpcs": pl.String, "device_share": pl.Int64}
BILATERAL: Mapping[str, type[pl.DataType]] = {"hcpcs": pl.String, "bilateral_indicator": pl.String}
_SHARE_PLACES = 12
_FIFTH = 5  # the minimum copayment is a fifth of the rate; some drugs' is less


@dataclass(frozen=True)
class HospitalTables:
    """The tables for pricing a hospital's lines.

    ``codes``: hcpcs, indicator, apc, rate (10^-12 USD), coinsurance, coinsurance_of, relative_weight, and listed_in,
    unread and elsewhere as ``lines.with_codes`` has them. ``apcs``: the same by APC. ``ranks`` and ``pairs`` are
    Addendum J's, empty where it is not installed. ``areas``: see ``areas``. ``devices``: hcpcs and device_share
    (ten-thousandths of the rate) of ASC Addendum FF. ``bilateral``: hcpcs, bilateral_indicator of the physician file.
    """

    codes: pl.DataFrame
    apcs: pl.DataFrame
    ranks: pl.DataFrame
    pairs: pl.DataFrame
    areas: pl.DataFrame
    devices: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DEVICES))
    bilateral: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BILATERAL))


def with_coinsurance(table: pl.DataFrame, listed_in: str) -> pl.DataFrame:
    """Return Addendum A or B with the rate in 10^-12 USD and the coinsurance as a fraction of the payment.

    A minimum copayment of 0 means no copayment. A printed copayment above the minimum is a share of the rate. A drug's
    coinsurance is the printed percent, or its own smaller minimum. All other codes have the general 20 percent. Source:
    42 CFR 419.40(b), 419.41. ``listed_in``: the name of the store's entry.
    """
    rate, copayment, minimum = (scaled(name) for name in ("payment_rate", "copayment", "minimum_copayment"))
    drug = scaled("ira_coinsurance_rate", _SHARE_PLACES)
    no_copayment, above_minimum, is_drug = minimum == 0, copayment > minimum, drug.is_not_null()
    below_fifth = _FIFTH * minimum < rate - _FIFTH * A_CENT  # by more than a rounding
    return table.select(
        *(["hcpcs"] if "hcpcs" in table.columns else []),
        pl.col("status_indicator").alias("indicator"),
        "apc",
        rate.alias("rate"),
        pl.when(no_copayment)
        .then(0)
        .when(is_drug)
        .then(drug)
        .when(above_minimum)
        .then(copayment)
        .when(below_fifth)
        .then(minimum)
        .alias("coinsurance"),
        pl.when(no_copayment)
        .then(1)
        .when(is_drug)
        .then(10**_SHARE_PLACES)
        .when(above_minimum | below_fifth)
        .then(rate)
        .alias("coinsurance_of"),
        "relative_weight",
        pl.lit(listed_in).alias("listed_in"),
        # entries of earlier versions had no such column, and no such cells
        pl.col("unread") if "unread" in table.columns else pl.lit("").alias("unread"),
    )


def with_general_coinsurance(lines: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return lines with the general coinsurance ``most`` (ten-thousandths) where they have no other."""
    has_no_other = pl.col("coinsurance_of").is_null()
    return lines.with_columns(
        pl.when(has_no_other).then(most).otherwise("coinsurance").alias("coinsurance"),
        pl.when(has_no_other).then(WHOLE).otherwise("coinsurance_of").alias("coinsurance_of"),
    )


def codes_at_later_rates(codes: pl.DataFrame, apcs: pl.DataFrame, device_offset: pl.DataFrame | None) -> pl.DataFrame:
    """Return the codes of an earlier Addendum B at the rates of a later year's APCs.

    Where the later year's Addendum FF (ASC) has another APC for a code, that APC and its status apply. A code whose APC
    has no rate in the later file has no rate. A code in Addendum FF alone whose APC is not in the later file is left
    out: ``with_codes_elsewhere`` adds it.
    """
    later = pl.DataFrame(schema={"hcpcs": pl.String, "later": pl.String})
    if device_offset is not None:
        later = device_offset.filter(pl.col("apc") != "").select("hcpcs", pl.col("apc").alias("later"))
    joined = codes.select("hcpcs", "indicator", "apc", "listed_in").join(later, on="hcpcs", how="full", coalesce=True)
    has_other_apc = pl.col("later").is_not_null() & (pl.col("later") != pl.col("apc").fill_null(""))
    joined = joined.with_columns(
        pl.coalesce("later", "apc").alias("apc"),
        pl.when(~has_other_apc).then("indicator").alias("indicator"),
        pl.when(~has_other_apc).then("listed_in").alias("listed_in"),
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


def with_new_technology(
    apcs: pl.DataFrame, codes: pl.DataFrame, devices: pl.DataFrame, ranges: list[str], listed_in: str
) -> pl.DataFrame:
    """Return the APCs and the New Technology APCs that only Addendum FF (``devices``) prints a rate for.

    The rate of such an APC is fixed, and its status is that of the earlier Addendum B (``codes``); one that no code has
    there, or for which FF prints several rates, is left out.
    """
    lacking = devices.filter(pl.col("apc") != "", within(ranges, "apc"), pl.col("opps_payment_rate").is_not_null())
    rates = lacking.group_by("apc").agg(scaled("opps_payment_rate").unique().alias("rate"))
    rates = rates.filter(pl.col("rate").list.len() == 1).with_columns(pl.col("rate").list.first())
    statuses = codes.filter(pl.col("apc") != "").unique("apc", keep="first", maintain_order=True)
    new = rates.join(apcs, on="apc", how="anti").join(statuses.select("apc", "indicator"), on="apc")
    more = new.with_columns(pl.lit(listed_in).alias("listed_in"), pl.lit("").alias("unread"))
    return pl.concat([apcs, more.with_columns(pl.col("rate").cast(apcs.schema["rate"]))], how="diagonal")


def with_skin_substitutes(codes: pl.DataFrame, listed: pl.DataFrame, indicator: str, listed_in: str) -> pl.DataFrame:
    """Return the codes with those that ASC Addendum BB (``listed``) marks ``indicator`` at its rates.

    Source: reference/opps_skin_substitute.toml.
    """
    marked = listed.filter(pl.col("payment_indicator").str.to_uppercase() == indicator).select(
        "hcpcs",
        pl.lit(indicator).alias("indicator"),
        pl.lit("").alias("apc"),
        scaled("payment_rate").cast(codes.schema["rate"]).alias("rate"),
        pl.lit(listed_in).alias("listed_in"),
        pl.col("unread") if "unread" in listed.columns else pl.lit("").alias("unread"),
    )
    return pl.concat([codes.join(marked, on="hcpcs", how="anti"), marked], how="diagonal")


def with_codes_elsewhere(codes: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Return the codes and those that are only in ``others``: hcpcs, and in ``elsewhere`` what another file says."""
    only_elsewhere = others.join(codes, on="hcpcs", how="anti")
    return pl.concat([codes, only_elsewhere], how="diagonal")
