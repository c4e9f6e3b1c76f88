"""Long observation beside a visit of status J2: one comprehensive payment for the claim.

Source: reference/opps_observation.toml.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from feecalc import reference
from feecalc.facility.modifiers import by_what_they_pay
from feecalc.facility.rules import Rules

VISIT = "comprehensive_or_separate"


def with_observation(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Add ``observed`` (observation of the claim long enough), ``observed_apc``, ``in_its_days`` (the line lies in the
    days of the visit and the observation), ``surgery_then`` (a service of status T does) and ``surgery_else`` (one of
    the claim does not).
    """
    rows = reference.rows_on("opps_observation", rules.day)
    if not rows:
        none = pl.lit(False)
        return lines.with_columns(
            observed=none, observed_apc=pl.lit(None, pl.String), in_its_days=none, surgery_then=none, surgery_else=none
        )
    (rule,) = rows
    watch = pl.col("valid") & (pl.col("hcpcs") == rule["hcpcs"])
    day = pl.col("date_of_service")
    opens = day.filter(watch).min().over("claim_id") - timedelta(days=rule["window"])
    lines = lines.with_columns(
        observed=(pl.col("units").filter(watch).sum().over("claim_id") >= int(rule["value"])).fill_null(False),
        observed_apc=pl.lit(rule["apc"]),
        in_its_days=day.is_between(opens, day.filter(watch).max().over("claim_id")).fill_null(False),
    )
    surgery = pl.col("valid") & pl.col("packages_t").fill_null(False)
    return lines.with_columns(
        surgery_then=(surgery & pl.col("in_its_days")).any().over("claim_id"),
        surgery_else=(surgery & ~pl.col("in_its_days")).any().over("claim_id"),
    )


def taking_the_claim(lines: pl.DataFrame, apcs: pl.DataFrame) -> pl.DataFrame:
    """The visit of each claim that is paid as comprehensive observation. Shape: row, claim_id, apc.

    None where the APC has no rate, nor where surgery stands on the claim. Columns: those of ``with_observation``.
    """
    rated = apcs.filter(pl.col("rate").is_not_null())["apc"].implode()
    takes = pl.col("valid") & (pl.col("pays") == VISIT) & pl.col("observed") & pl.col("in_its_days")
    found = lines.filter(takes, ~pl.col("surgery_then"), ~pl.col("surgery_else"), pl.col("observed_apc").is_in(rated))
    by_rate = found.sort(0 - pl.col("rate").fill_null(0), *by_what_they_pay())
    first = by_rate.unique("claim_id", keep="first", maintain_order=True)
    return first.select("row", "claim_id", pl.col("observed_apc").alias("apc"))
