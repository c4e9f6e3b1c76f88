"""Comprehensive services (J1, or J2 with long observation): one is paid for the claim, the other lines are packaged.

Sources: Addendum D1, status J1; Addendum J: the service with the best rank is paid, and for a listed pair at the APC of
the complexity adjustment. Long observation beside a visit of status J2 is one comprehensive payment for the claim:
reference/opps_observation.toml.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from feecalc import reference
from feecalc.facility.discounts import payment_order
from feecalc.facility.hospital.assignment import HospitalTables
from feecalc.facility.notes import Note
from feecalc.facility.rules import Rules

VISIT = "comprehensive_or_separate"


def with_observation(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return lines with the claim's observation.

    Adds ``observed`` (the claim's observation is long enough, no service of status T is on the claim, and the line is
    within the days of a visit for it), ``observed_apc``, ``observed_twice`` (observation stands on more than one line,
    of which the first counts) and ``referred_beside`` (a direct referral to observation beside a visit, or another).
    """
    rows = reference.rows_on("opps_observation", rules.day)
    if not rows:
        false = pl.lit(False)
        return lines.with_columns(
            observed=false, observed_apc=pl.lit(None, pl.String), observed_twice=false, referred_beside=false
        )
    (rule,) = rows
    observation = (
        lines.filter(pl.col("valid"), pl.col("hcpcs") == rule["hcpcs"])
        .sort("line", "row")
        .group_by("claim_id", maintain_order=True)
        .agg(
            (pl.col("units").first() >= int(rule["value"])).alias("is_long"),
            pl.col("date_of_service").first().alias("observed_on"),
            (pl.len() > 1).alias("observed_twice"),
        )
    )
    lines = lines.join(observation, on="claim_id", how="left", maintain_order="left")
    is_referral = pl.col("valid") & (pl.col("hcpcs") == rule["direct_referral"])
    is_visit = pl.col("valid") & (pl.col("pays") == VISIT).fill_null(False) & ~is_referral
    days = timedelta(days=rule["window"])
    first_day = pl.when(is_referral).then("observed_on").otherwise(pl.col("observed_on") - days)
    in_its_days = pl.col("date_of_service").is_between(first_day, pl.col("observed_on"))
    surgery = (pl.col("valid") & pl.col("packages_t").fill_null(False)).any().over("claim_id")
    earlier = (is_referral.cum_sum().over("claim_id") > 1) & is_referral
    return lines.with_columns(
        observed=(pl.col("is_long") & in_its_days & ~surgery).fill_null(False),
        observed_apc=pl.lit(rule["apc"]),
        observed_twice=pl.col("observed_twice").fill_null(False),
        referred_beside=(is_referral & is_visit.any().over("claim_id")) | earlier,
    ).drop("is_long", "observed_on")


def comprehensive_observation(lines: pl.DataFrame, apcs: pl.DataFrame) -> pl.DataFrame:
    """Return the visit of each claim that is paid as comprehensive observation. Shape: row, claim_id, apc.

    There is none where the APC has no rate. Columns: those of ``with_observation``.
    """
    apcs_with_rate = apcs.filter(pl.col("rate").is_not_null())["apc"].implode()
    is_candidate = pl.col("valid") & (pl.col("pays") == VISIT) & pl.col("observed")
    visits = lines.filter(is_candidate, pl.col("observed_apc").is_in(apcs_with_rate))
    by_rate = visits.sort(0 - pl.col("rate").fill_null(0), *payment_order())
    first = by_rate.unique("claim_id", keep="first", maintain_order=True)
    return first.select("row", "claim_id", pl.col("observed_apc").alias("apc"))


def observation_notes() -> list[Note]:
    """Return the note on a visit beside observation that stands on more than one line."""
    text = "question: observation stands on more than one line, for which a claim is returned; only the first counted"
    is_visit = pl.col("pays") == VISIT
    return [("observed_twice", pl.when(pl.col("paid") & is_visit & pl.col("observed_twice")).then(pl.lit(text)))]


_LAST = 1 << 30
_FIGURES = ("apc", "rate", "coinsurance", "coinsurance_of", "relative_weight")


def with_primary(lines: pl.DataFrame, tables: HospitalTables) -> pl.DataFrame:
    """Return lines with each claim's primary service.

    Adds ``primary`` (the line paid for its claim), ``beside`` and ``beside_apc`` (its code and the APC it is paid by,
    on all lines of the claim; null where there is none), and ``raised`` (the code that causes a complexity adjustment).
    With an adjustment the primary line has the APC, rate and coinsurance of the higher APC. Without a rank in Addendum
    J the highest rate is primary and ``unranked`` is true. Without a J1 service, a visit with long observation may be
    primary (``by_observation``).
    """
    lines = lines.join(
        tables.ranks.select("hcpcs", pl.col("rank").alias("best")), on="hcpcs", how="left", maintain_order="left"
    )
    is_comprehensive = pl.col("valid") & (pl.col("pays") == "comprehensive")
    best = (
        lines.filter(is_comprehensive)
        .sort(pl.col("best").fill_null(_LAST), 0 - pl.col("rate").fill_null(0), *payment_order())
        .unique("claim_id", keep="first", maintain_order=True)
    )
    observation_visits = comprehensive_observation(lines, tables.apcs).join(
        best.select("claim_id"), on="claim_id", how="anti"
    )
    lines = lines.with_columns(
        pl.col("row").is_in([*best["row"], *observation_visits["row"]]).alias("primary"),
        (is_comprehensive.sum().over("claim_id") > 1).alias("several"),
        (is_comprehensive & pl.col("best").is_null()).any().over("claim_id").alias("rank_lacks"),
    )
    beside = pl.col("hcpcs").filter("primary").first().over("claim_id")
    lines = lines.with_columns(
        beside.alias("beside"), (pl.col("primary") & pl.col("several") & pl.col("rank_lacks")).alias("unranked")
    )
    figures = tables.apcs.select("apc", *(pl.col(name).alias(f"{name}_raised") for name in _FIGURES))
    by_observation = (
        observation_visits.join(figures, on="apc").drop("apc", "claim_id").with_columns(by_observation=True)
    )
    raised = pl.concat([_complexity_adjusted(lines, tables), by_observation], how="diagonal")
    lines = lines.join(raised, on="row", how="left", maintain_order="left")
    lines = lines.with_columns(pl.col("by_observation").fill_null(False))
    is_raised = pl.col("raised").is_not_null() | pl.col("by_observation")
    lines = lines.with_columns(
        pl.when(is_raised).then(pl.col(f"{name}_raised")).otherwise(pl.col(name)).alias(name) for name in _FIGURES
    )
    return lines.with_columns(pl.col("apc").filter("primary").first().over("claim_id").alias("beside_apc"))


def _complexity_adjusted(lines: pl.DataFrame, tables: HospitalTables) -> pl.DataFrame:
    """Return primary lines with a complexity adjustment: row, raised, and the higher APC's figures.

    A code also pairs with its own second unit. A primary procedure that ended early is not adjusted: assumed, Addendum
    J does not say.
    """
    primary = lines.filter(pl.col("primary") & pl.col("terminated").is_null()).select("row", "claim_id", "hcpcs")
    twice = (pl.col("units") > 1) | pl.col("bilateral")
    others = lines.filter("valid").select(
        "claim_id", pl.col("row").alias("other"), pl.col("hcpcs").alias("secondary_hcpcs"), twice.alias("twice")
    )
    pairs = (
        primary.join(others, on="claim_id")
        .filter((pl.col("other") != pl.col("row")) | pl.col("twice"))
        .join(
            tables.pairs.select("primary_hcpcs", "secondary_hcpcs", "adjusted_apc"),
            left_on=["hcpcs", "secondary_hcpcs"],
            right_on=["primary_hcpcs", "secondary_hcpcs"],
        )
        .sort("row", "other")
        .unique("row", keep="first", maintain_order=True)
        .rename({"adjusted_apc": "apc"})
    )
    joined = pairs.join(tables.apcs.select(_FIGURES), on="apc", how="left")
    return joined.select(
        "row", pl.col("secondary_hcpcs").alias("raised"), *(pl.col(name).alias(f"{name}_raised") for name in _FIGURES)
    )
