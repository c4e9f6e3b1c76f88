"""Comprehensive services (J1): one of them takes the claim, and what stands beside it is packaged.

Source: Addendum D1, status J1; Addendum J: of several the one of the best rank is paid, and where the pair is listed at
the APC the complexity adjustment names.
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.hospital.assignment import HospitalTables

_LAST = 1 << 30


def with_primary(lines: pl.DataFrame, tables: HospitalTables) -> pl.DataFrame:
    """Add ``primary`` (the line that takes its claim), ``beside`` (its code, null where there is none) and ``raised``.

    The primary line's apc, rate and coinsurance become those of the complexity adjustment where one applies; ``raised``
    is then what it is raised by. Without Addendum J's ranks the higher rate goes before, and ``unranked`` says so.
    """
    lines = lines.join(
        tables.ranks.select("hcpcs", pl.col("rank").alias("best")), on="hcpcs", how="left", maintain_order="left"
    )
    takes = pl.col("valid") & (pl.col("pays") == "comprehensive")
    best = (
        lines.filter(takes)
        .sort(pl.col("best").fill_null(_LAST), -pl.col("rate").fill_null(0), "line", "row")
        .unique("claim_id", keep="first", maintain_order=True)
    )
    lines = lines.with_columns(
        pl.col("row").is_in(best["row"].implode()).alias("primary"),
        (takes.sum().over("claim_id") > 1).alias("several"),
        (takes & pl.col("best").is_null()).any().over("claim_id").alias("rank_lacks"),
    )
    beside = pl.col("hcpcs").filter("primary").first().over("claim_id")
    lines = lines.with_columns(
        beside.alias("beside"), (pl.col("primary") & pl.col("several") & pl.col("rank_lacks")).alias("unranked")
    )
    raised = _raised(lines, tables)
    lines = lines.join(raised, on="row", how="left", maintain_order="left")
    lifted = pl.col("raised").is_not_null()
    return lines.with_columns(
        pl.when(lifted).then(pl.col(f"{name}_raised")).otherwise(pl.col(name)).alias(name)
        for name in ("apc", "rate", "coinsurance", "coinsurance_of", "relative_weight")
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
    figures = tables.apcs.select("apc", "rate", "coinsurance", "coinsurance_of", "relative_weight")
    joined = found.join(figures, on="apc", how="left")
    names = ("apc", "rate", "coinsurance", "coinsurance_of", "relative_weight")
    return joined.select(
        "row", pl.col("secondary_hcpcs").alias("raised"), *(pl.col(name).alias(f"{name}_raised") for name in names)
    )
