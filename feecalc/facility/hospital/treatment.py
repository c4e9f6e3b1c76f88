"""Packaging of hospital claim lines: each is paid, packaged, or not paid here and why.

Source: Addendum D1 by status (reference/opps_status_indicator.toml).
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.discounts import payment_order
from feecalc.facility.hospital.assignment import HospitalTables
from feecalc.facility.hospital.comprehensive import VISIT
from feecalc.facility.lines import no_rate_reason

PAID = "priced"
_NOT_MODELED = "not_modeled"


def with_treatment(lines: pl.DataFrame, tables: HospitalTables) -> pl.DataFrame:
    """Return lines with pricing_status and reason, and ``one_unit`` (as ``with_conditional`` has it).

    Columns: those of ``comprehensive.with_observation`` and ``composites.with_composites``, left_out, valid,
    status_given (why a line is not valid), pays, indicator, primary, beside, with_comprehensive, rate, and the
    packaging flags of the indicator.
    """
    valid = pl.col("valid")
    lines = lines.with_columns(
        *(
            (valid & pl.col(f"packages_{kind}").fill_null(False) & pl.col("rate").is_not_null())
            .any()
            .over("claim_id")
            .alias(f"has_{kind}")
            for kind in ("stv", "t")
        ),
        # laboratory tests are packaged with conditionally packaged services as well
        (valid & pl.col("packages_laboratory").fill_null(False)).any().over("claim_id").alias("has_laboratory"),
    )
    lines = with_conditional(lines)
    alone, beside = _decision_without_comprehensive(), _decision_beside_comprehensive()
    status = (
        pl.when(~valid)
        .then("status_given")
        .when(pl.col("beside").is_not_null() & ~pl.col("primary"))
        .then(beside.struct.field("status"))
        .otherwise(alone.struct.field("status"))
    )
    reason = (
        pl.when(~valid)
        .then("reason_given")
        .when(pl.col("beside").is_not_null() & ~pl.col("primary"))
        .then(beside.struct.field("reason"))
        .otherwise(alone.struct.field("reason"))
    )
    of_apc = tables.apcs.select("apc", pl.col("indicator").alias("of_apc")).unique("apc")
    lines = lines.with_columns(status.alias("pricing_status"), reason.alias("reason")).join(
        of_apc, on="apc", how="left", maintain_order="left"
    )
    no_rate = (pl.col("pricing_status") == PAID) & pl.col("rate").is_null()
    return lines.with_columns(
        pl.when(no_rate).then(pl.lit("no_rate")).otherwise("pricing_status").alias("pricing_status"),
        pl.when(no_rate)
        .then(no_rate_reason(pl.format("no rate for APC {} is installed for this date", pl.col("apc").fill_null(""))))
        .otherwise("reason")
        .alias("reason"),
    )


def _pays(pays: str) -> pl.Expr:
    return pl.col("pays") == pays


def _decision(status: str, reason: str | pl.Expr) -> pl.Expr:
    text = pl.lit(reason) if isinstance(reason, str) else reason
    return pl.struct(pl.lit(status).alias("status"), text.alias("reason"))


def _decision_without_comprehensive() -> pl.Expr:
    """Return status and reason of a line on a claim without a comprehensive service, or of that service itself."""
    return (
        pl.when(_pays("packaged"))
        .then(_decision("packaged", pl.col("indicator_reason")))
        .when(_pays("nothing"))
        .then(pl.struct(pl.col("indicator_status").alias("status"), pl.col("indicator_reason").alias("reason")))
        .when(_pays("packaged_laboratory") & pl.col("has_laboratory"))
        .then(_decision("packaged", "a laboratory test beside other services of the claim is packaged"))
        .when(_pays("packaged_laboratory"))
        .then(pl.struct(pl.col("indicator_status").alias("status"), pl.col("indicator_reason").alias("reason")))
        .when(_pays("packaged_with_stv") & pl.col("has_stv"))
        .then(_decision("packaged", "packaged beside a service of status S, T or V"))
        .when(_pays("packaged_with_t") & pl.col("has_t"))
        .then(_decision("packaged", "packaged beside a service of status T"))
        .when(pl.col("conditional_other"))
        .then(
            _decision(
                "packaged",
                pl.format("packaged beside {}, conditionally packaged too, of the highest rate", "conditional_paid"),
            )
        )
        .when("composite_open")
        .then(_decision(_NOT_MODELED, pl.col("composite_why")))
        .when(pl.col("composite_why").is_not_null())
        .then(_decision("packaged", pl.col("composite_why")))
        .when(_pays(VISIT) & pl.col("observed") & ~pl.col("primary"))
        .then(
            _decision(
                _NOT_MODELED,
                pl.format(
                    "with long observation it is paid as comprehensive observation, and no rate of APC {} is "
                    "installed (OPPS Addendum A: feecalc build)",
                    "observed_apc",
                ),
            )
        )
        .when("referred_beside")
        .then(_decision("packaged", "a direct referral to observation beside a visit is packaged"))
        .otherwise(_decision(PAID, ""))
    )


def _decision_beside_comprehensive() -> pl.Expr:
    """Return status and reason of a line on a claim with another line as its comprehensive service."""
    packaged = pl.format("packaged into the comprehensive payment for {}", pl.col("beside"))
    own = (pl.col("with_comprehensive") == "own") | pl.col("left_out").is_not_null()
    return (
        pl.when(_pays("packaged"))
        .then(_decision("packaged", pl.col("indicator_reason")))
        .when(own & (_pays("rate") | (pl.col("left_out").is_not_null() & ~_pays("nothing"))))
        .then(_decision(PAID, ""))
        .when(own)
        .then(pl.struct(pl.col("indicator_status").alias("status"), pl.col("indicator_reason").alias("reason")))
        .when(pl.col("with_comprehensive") == _NOT_MODELED)
        .then(_decision(_NOT_MODELED, pl.format("whether {} packages it is not modeled", pl.col("beside"))))
        .otherwise(_decision("packaged", packaged))
    )


WITH_STV, WITH_T = "packaged_with_stv", "packaged_with_t"


def with_conditional(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with the choice among the claim's conditionally packaged services (Q1, Q2).

    Adds ``conditional_other`` (packaged beside another of its kind), ``conditional_paid`` (that other's code) and
    ``one_unit`` (the line that is paid, one unit of it). Columns: valid, pays, rate, has_stv, has_t, claim_id, row,
    line. Source: CMS's IOCE user guide v25.1, conditional APC processing.
    """
    is_conditional = pl.col("valid") & (
        ((pl.col("pays") == WITH_STV) & ~pl.col("has_stv")) | ((pl.col("pays") == WITH_T) & ~pl.col("has_t"))
    )
    lines = lines.with_columns(is_conditional.fill_null(False).alias("conditional"))
    highest = (
        lines.filter("conditional")
        .sort(0 - pl.col("rate").fill_null(0), pl.col("pays") != WITH_T, *payment_order())
        .group_by("claim_id", maintain_order=True)
        .agg(pl.col("row").first().alias("conditional_row"), pl.col("hcpcs").first().alias("conditional_paid"))
    )
    lines = lines.join(highest, on="claim_id", how="left", maintain_order="left")
    first = pl.col("row") == pl.col("conditional_row")
    return lines.with_columns(
        (pl.col("conditional") & ~first).fill_null(False).alias("conditional_other"),
        (pl.col("conditional") & first).fill_null(False).alias("one_unit"),
    )
