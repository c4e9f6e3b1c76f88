"""Comprehensive services (J1, or J2 with long observation): one takes the claim, and what is beside it is packaged.

Source: Addendum D1, status J1; Addendum J: of several the one of the best rank is paid, and where the pair is listed at
the APC the complexity adjustment names. Observation: reference/opps_observation.toml.
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.hospital.assignment import HospitalTables
from feecalc.facility.hospital.observation import taking_the_claim
from feecalc.facility.modifiers import by_what_they_pay

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
    """Primary lines that a listed pair raises: row, raised, and the APC's figures.

    A code pairs with its own second unit. A primary that was ended early is not raised: assumed, Addendum J does not
    say.
    """
    primary = lines.filter(pl.col("primary") & pl.col("terminated").is_null()).select("row", "claim_id", "hcpcs")
    twice = (pl.col("units") > 1) | pl.col("both_sides")
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
