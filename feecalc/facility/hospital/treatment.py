"""What becomes of each line of a hospital's claim: paid, packaged, or not paid here and why.

Source: Addendum D1 by status (reference/opps_status_indicator.toml).
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.discounts import by_what_they_pay
from feecalc.facility.hospital.assignment import HospitalTables
from feecalc.facility.hospital.comprehensive import VISIT
from feecalc.facility.lines import no_rate_reason

PAID = "priced"
_NOT_MODELLED = "not_modelled"


def with_treatment(lines: pl.DataFrame, tables: HospitalTables) -> pl.DataFrame:
    """Add pricing_status and reason of every line, and ``one_unit``: of several conditionally packaged the one paid.

    Columns: those of ``comprehensive.with_observation``, valid, status_given (why a line is not valid), pays,
    indicator, primary, beside, with_comprehensive, rate, and the packaging flags of the indicator.
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
        _more_than_one("composite_or_separate").alias("several_composite"),
    )
    lines = with_conditional(lines)
    alone, beside = _alone(), _beside()
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


def _more_than_one(*kinds: str) -> pl.Expr:
    of_kind = pl.col("valid") & pl.col("pays").is_in(kinds)
    return of_kind.sum().over("claim_id") > 1


def _is(pays: str) -> pl.Expr:
    return pl.col("pays") == pays


def _decision(status: str, reason: str | pl.Expr) -> pl.Expr:
    text = pl.lit(reason) if isinstance(reason, str) else reason
    return pl.struct(pl.lit(status).alias("status"), text.alias("reason"))


def _alone() -> pl.Expr:
    """Return where no comprehensive service takes the claim, and for the one that does."""
    return (
        pl.when(_is("packaged"))
        .then(_decision("packaged", pl.col("indicator_reason")))
        .when(_is("nothing"))
        .then(pl.struct(pl.col("indicator_status").alias("status"), pl.col("indicator_reason").alias("reason")))
        .when(_is("packaged_laboratory") & pl.col("has_laboratory"))
        .then(_decision("packaged", "a laboratory test beside other services of the claim is packaged"))
        .when(_is("packaged_laboratory"))
        .then(pl.struct(pl.col("indicator_status").alias("status"), pl.col("indicator_reason").alias("reason")))
        .when(_is("packaged_with_stv") & pl.col("has_stv"))
        .then(_decision("packaged", "packaged beside a service of status S, T or V"))
        .when(_is("packaged_with_t") & pl.col("has_t"))
        .then(_decision("packaged", "packaged beside a service of status T"))
        .when(pl.col("conditional_unclear"))
        .then(_decision(_NOT_MODELLED, "of a higher Q1 and a lower Q2 service which one is paid is not modeled"))
        .when(pl.col("conditional_other"))
        .then(_decision("packaged", pl.format("packaged beside {}, conditionally packaged too, of the highest rate",
                                          "conditional_paid")))
        .when(_is("composite_or_separate") & pl.col("several_composite"))
        .then(_decision(_NOT_MODELLED, "several services that may form a composite APC (Addendum M): not modeled"))
        .when(_is(VISIT) & pl.col("observed") & ~pl.col("primary") & ~pl.col("surgery_then"))
        .then(
            _decision(
                _NOT_MODELLED,
                "with long observation it may be paid as comprehensive observation, and the APC's rate or the days of "
                "the claim leave that open: not modeled",
            )
        )
        .otherwise(_decision(PAID, ""))
    )


def _beside() -> pl.Expr:
    """Return where another line is the comprehensive service that takes the claim."""
    packaged = pl.format("packaged into the comprehensive payment for {}", pl.col("beside"))
    own = pl.col("with_comprehensive") == "own"
    return (
        pl.when(_is("packaged"))
        .then(_decision("packaged", pl.col("indicator_reason")))
        .when(own & _is("rate"))
        .then(_decision(PAID, ""))
        .when(own)
        .then(pl.struct(pl.col("indicator_status").alias("status"), pl.col("indicator_reason").alias("reason")))
        .when(pl.col("with_comprehensive") == _NOT_MODELLED)
        .then(_decision(_NOT_MODELLED, pl.format("whether {} packages it is not modeled", pl.col("beside"))))
        .otherwise(_decision("packaged", packaged))
    )


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
    with_others = pl.col("conditional") & pl.col("several_conditional").fill_null(False)
    unclear, first = pl.col("unclear").fill_null(False), pl.col("row") == pl.col("conditional_row")
    return lines.with_columns(
        (with_others & unclear).alias("conditional_unclear"),
        (with_others & ~unclear & ~first).fill_null(False).alias("conditional_other"),
        (with_others & ~unclear & first).fill_null(False).alias("one_unit"),
    )
