"""Comprehensive services (J1, or J2 with long observation): one takes the claim, and what is beside it is packaged.

Sources: Addendum D1, status J1; Addendum J: of several the one of the best rank is paid, and where the pair is listed
at the APC the complexity adjustment names. Long observation beside a visit of status J2 is one comprehensive payment
for the claim: reference/opps_observation.toml.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from feecalc import reference
from feecalc.facility.discounts import by_what_they_pay
from feecalc.facility.hospital.assignment import HospitalTables
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
    """Return the visit of each claim that is paid as comprehensive observation. Shape: row, claim_id, apc.

    None where the APC has no rate, nor where surgery stands on the claim. Columns: those of ``with_observation``.
    """
    rated = apcs.filter(pl.col("rate").is_not_null())["apc"].implode()
    takes = pl.col("valid") & (pl.col("pays") == VISIT) & pl.col("observed") & pl.col("in_its_days")
    found = lines.filter(takes, ~pl.col("surgery_then"), ~pl.col("surgery_else"), pl.col("observed_apc").is_in(rated))
    by_rate = found.sort(0 - pl.col("rate").fill_null(0), *by_what_they_pay())
    first = by_rate.unique("claim_id", keep="first", maintain_order=True)
    return first.select("row", "claim_id", pl.col("observed_apc").alias("apc"))


_LAST = 1 << 30
_FIGURES = ("apc", "rate", "coinsurance", "coinsurance_of", "relative_weight")


def with_primary(lines: pl.DataFrame, tables: HospitalTables) -> pl.DataFrame:
    """Add ``primary`` (the line that takes its claim), ``beside`` (its code, null where there is none) and ``raised``.

    The primary line's apc, rate and coinsurance become those of the complexity adjustment where one applies; ``raised``
    is then what it is raised by. Without Addendum J's ranks the higher rate goes before, and ``unranked`` says so.
    Where no J1 service takes the claim a visit with long observation may (``by_observation``).
    """
    lines = lines.join(
        tables.ranks.select("hcpcs", pl.col("rank").alias("best")), on="hcpcs", how="left", maintain_order="left"
    )
    takes = pl.col("valid") & (pl.col("pays") == "comprehensive")
    best = (
        lines.filter(takes)
        .sort(pl.col("best").fill_null(_LAST), 0 - pl.col("rate").fill_null(0), *by_what_they_pay())
        .unique("claim_id", keep="first", maintain_order=True)
    )
    watched = taking_the_claim(lines, tables.apcs).join(best.select("claim_id"), on="claim_id", how="anti")
    lines = lines.with_columns(
        pl.col("row").is_in([*best["row"], *watched["row"]]).alias("primary"),
        (takes.sum().over("claim_id") > 1).alias("several"),
        (takes & pl.col("best").is_null()).any().over("claim_id").alias("rank_lacks"),
    )
    beside = pl.col("hcpcs").filter("primary").first().over("claim_id")
    lines = lines.with_columns(
        beside.alias("beside"), (pl.col("primary") & pl.col("several") & pl.col("rank_lacks")).alias("unranked")
    )
    figures = tables.apcs.select("apc", *(pl.col(name).alias(f"{name}_raised") for name in _FIGURES))
    by_observation = watched.join(figures, on="apc").drop("apc", "claim_id").with_columns(by_observation=True)
    raised = pl.concat([_raised(lines, tables), by_observation], how="diagonal")
    lines = lines.join(raised, on="row", how="left", maintain_order="left")
    lines = lines.with_columns(pl.col("by_observation").fill_null(False))
    lifted = pl.col("raised").is_not_null() | pl.col("by_observation")
    return lines.with_columns(
        pl.when(lifted).then(pl.col(f"{name}_raised")).otherwise(pl.col(name)).alias(name)
        for name in _FIGURES
    )


def _raised(lines: pl.DataFrame, tables: HospitalTables) -> pl.DataFrame:
    """Return primary lines that a listed pair raises: row, raised, and the APC's figures.

    A code pairs with its own second unit. A primary that was ended early is not raised: assumed, Addendum J does not
    say.
    """
    primary = lines.filter(pl.col("primary") & pl.col("terminated").is_null()).select("row", "claim_id", "hcpcs")
    twice = (pl.col("units") > 1) | pl.col("bilateral")
    others = lines.filter("valid").select(
        "claim_id", pl.col("row").alias("other"), pl.col("hcpcs").alias("secondary_hcpcs"), twice.alias("twice")
    )
    found = (
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
    joined = found.join(tables.apcs.select(_FIGURES), on="apc", how="left")
    return joined.select(
        "row", pl.col("secondary_hcpcs").alias("raised"), *(pl.col(name).alias(f"{name}_raised") for name in _FIGURES)
    )
