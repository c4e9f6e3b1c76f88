"""What both settings share: lines that are not to be priced, and the columns that come out."""

from __future__ import annotations

import polars as pl

from feecalc.facility.columns import RESULTS
from feecalc.facility.rules import Rules
from feecalc.pricing.scale import money

_AREAS = {
    "unknown_area": "no area {} in the wage index that is installed",
    "no_wage_index": "the wage index has no value for area {}: give the facility's own",
    "several_wage_indices": "the wage index has several values for area {}: give the facility's own",
}


def with_codes(lines: pl.DataFrame, codes: pl.DataFrame, rules: Rules, unknown: str) -> pl.DataFrame:
    """The lines with what the addenda hold of their codes and the rule of its indicator, then as ``refused`` has it."""
    indicators = rules.indicators.rename({"pricing_status": "indicator_status", "reason": "indicator_reason"})
    found = lines.join(codes, on="hcpcs", how="left", maintain_order="left")
    return refused(found.join(indicators, on="indicator", how="left", maintain_order="left"), unknown)


def refused(lines: pl.DataFrame, unknown: str) -> pl.DataFrame:
    """Add ``valid``, ``status_given`` and ``reason_given``: units that are none, a code that no addendum holds."""
    no_units = pl.col("units").is_null() | (pl.col("units") < 1)
    known = pl.col("pays").is_not_null()
    status = pl.when(no_units).then(pl.lit("invalid_units")).when(~known).then(pl.lit("unknown_code"))
    reason = (
        pl.when(no_units)
        .then(pl.lit("units are missing or less than 1"))
        .when(pl.col("indicator").is_not_null() & ~known)
        .then(pl.format("the rules do not know the indicator {}", "indicator"))
        .when(~known)
        .then(pl.lit(unknown))
    )
    return lines.with_columns(
        (~no_units & known).alias("valid"), status.alias("status_given"), reason.alias("reason_given")
    )


def with_area_refusals(lines: pl.DataFrame) -> pl.DataFrame:
    """Refuse a wage-adjusted line whose area has no wage index."""
    wrong = pl.col("paid") & pl.col("wage_adjusted") & pl.col("area_status").is_not_null()
    reason = pl.coalesce(
        pl.when(pl.col("area_status") == status).then(pl.format(text, "cbsa")) for status, text in _AREAS.items()
    )
    return lines.with_columns(
        pl.when(wrong).then("area_status").otherwise("pricing_status").alias("pricing_status"),
        pl.when(wrong).then(reason).otherwise("reason").alias("reason"),
        (pl.col("paid") & ~wrong).alias("paid"),
    )


def results(lines: pl.DataFrame) -> pl.DataFrame:
    """``row`` and the columns of ``RESULTS``, of lines that either setting priced."""
    paid = pl.col("paid")
    index = pl.col("index").cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, 4))
    shown = {
        "indicator": pl.col("indicator").fill_null(""),
        "apc": pl.col("apc").fill_null(""),
        "national_rate": pl.col("printed_rate").cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, 3)),
        "device_amount": pl.when(paid & (pl.col("device") > 0)).then(money(pl.col("device") // 10)),
        "wage_index_applied": pl.when(paid & (pl.col("labor") > 0)).then(index),
        "payment_factor": pl.when(paid).then(pl.col("factor").cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, 4))),
        "note": pl.col("note").fill_null(""),
        "reason": pl.col("reason").fill_null(""),
    }
    return lines.select(
        "row", *(shown.get(name, pl.col(name)).cast(kind).alias(name) for name, kind in RESULTS.items())
    )
