"""Levels and units: codes that are not paid, too many levels in a session, a code too often in a day, two regions."""

from __future__ import annotations

import polars as pl

from feecalc.edits.policies.joints import with_over
from feecalc.edits.policies.policy import Policy, in_force
from feecalc.edits.policies.procedures import SESSION, region_name
from feecalc.edits.policies.wording import as_findings
from feecalc.reference import Row

_DAY = ("patient", "date_of_service")


def not_paid(lines: pl.DataFrame, policy: Policy) -> list[pl.DataFrame]:
    """Codes that the policy does not cover, or pays on appeal only."""
    return [
        as_findings(policy, row["rule"], row, lines.filter(pl.col("hcpcs").is_in(row["codes"]), in_force(row)))
        for row in policy.rows("coverage")
    ]


def levels_over(procedures: pl.DataFrame, policy: Policy, not_paid_rows: pl.Series) -> list[pl.DataFrame]:
    """More levels of a region in a session than the policy covers; sides are not counted.

    A code that names its level is over by itself; of a code for each further joint the units count, side by side.
    Lines in ``not_paid_rows`` are denied for their code already.
    """
    named = procedures.filter(~pl.col("row").is_in(not_paid_rows.implode())).with_columns(region=region_name(policy))
    return [part for row in policy.rows("levels") for part in _levels_over(named, policy, row)]


def _levels_over(named: pl.DataFrame, policy: Policy, row: Row) -> list[pl.DataFrame]:
    held = named.filter(in_force(row), pl.col("kind").is_in(row["kinds"]) if "kinds" in row else pl.lit(True))
    both = (pl.col("level") == 1) & ~pl.col("each_further")
    two_sided = ((pl.col("right") > 0) & both).any() & ((pl.col("left") > 0) & both).any()
    held = held.with_columns(two_sided=two_sided.over(SESSION))
    by_code = held.filter(~pl.col("each_further"), pl.col("level") > row["most"])
    left = pl.lit(row["most"]) - pl.col("level") + 1
    counted = with_over(held.filter("each_further"), SESSION, left.clip(lower_bound=0))
    over, joints = pl.col("over"), pl.col("joints")
    return [
        as_findings(policy, "levels_over_limit", row, by_code),
        as_findings(policy, "levels_over_limit", row, counted.filter(over > 0, over >= joints)),
        as_findings(policy, "levels_partly_over_limit", row, counted.filter(over > 0, over < joints)),
        as_findings(policy, "levels_unclear", row, counted.filter(over == 0, "if_one_side", ~pl.col("two_sided"))),
    ]


def units_over(lines: pl.DataFrame, policy: Policy) -> list[pl.DataFrame]:
    """A code more often in a patient's day than the policy has it; two sides are one time."""
    return [_units_over(lines, policy, row) for row in policy.rows("per_day")]


def _units_over(lines: pl.DataFrame, policy: Policy, row: Row) -> pl.DataFrame:
    held = lines.filter(pl.col("hcpcs").is_in(row["codes"]), in_force(row))
    counted = with_over(held, (*_DAY, "hcpcs"), pl.lit(row["most"]))
    again = (pl.col("unsided") > 0) & (pl.col("unsided_after") > row["most"])  # the bare code, once more
    return as_findings(policy, "units_over_day", row, counted.filter((pl.col("over") > 0) | again))


def regions_over(procedures: pl.DataFrame, policy: Policy) -> list[pl.DataFrame]:
    """More regions in a patient's day than the policy expects; the lines of the first ones stand."""
    firsts = procedures.group_by(*_DAY, "region").agg(pl.col("row").min()).sort("row")
    firsts = firsts.select(*_DAY, "region", place=pl.int_range(1, pl.len() + 1).over(_DAY))
    placed = procedures.join(firsts.filter(pl.col("place") > 1), on=[*_DAY, "region"]).sort("row")
    named = placed.with_columns(region=region_name(policy))
    return [
        as_findings(policy, "regions_over_limit", row, named.filter(in_force(row), pl.col("place") > row["most"]))
        for row in policy.rows("regions")
    ]
