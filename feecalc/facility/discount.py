"""Several procedures on one day: the highest in full, each other at half.

Source: CMS's OPPS pricer (discounting formulas); Pub. 100-04 ch. 14 sec. 40.5; reference/facility_payment.toml.
``factor`` is how many times the adjusted rate is paid for the line. With U units and D the share of a further one:

========================  ==================  =======================
line                      highest of the day  another
========================  ==================  =======================
U units                   1 + D x (U - 1)     D x U
both sides (OPPS)         1 + D               D x (1 + D)
ended early (OPPS)        T                   T x D
========================  ==================  =======================

Lines that are not discounted pay U, both sides 2 x U, one that ended early T (in an ASC T x U, and it does not rank).
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.amounts import adjusted
from feecalc.facility.rules import WHOLE, Rules


def with_factor(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Add ``first`` (the highest of its claim and day) and ``factor``. [10^-4]

    Columns: paid, discounted, once (one amount whatever the units), terminated (10^-4, null for most), both_sides,
    units, and those of ``amounts.adjusted``.
    """
    ranks = pl.col("paid") & pl.col("discounted")
    height = adjusted() * pl.coalesce("terminated", WHOLE).cast(pl.Int128)
    highest = (
        lines.filter(ranks)
        .select("row", "line", "claim_id", "date_of_service", height.alias("height"))
        .sort("height", "line", "row", descending=[True, False, False])
        .unique(["claim_id", "date_of_service"], keep="first", maintain_order=True)
    )
    first = pl.col("row").is_in(highest["row"].implode())
    lines = lines.with_columns(ranks.alias("ranks"), first.alias("first"))
    further, units = rules.further_procedure, pl.col("units").cast(pl.Int64)
    several = pl.when("first").then(WHOLE + further * (units - 1)).otherwise(further * units)
    both = pl.when("first").then(WHOLE + further).otherwise(further * (WHOLE + further) // WHOLE)
    early = pl.when("first").then(pl.col("terminated")).otherwise(pl.col("terminated") * further // WHOLE)
    ranked = pl.when(pl.col("terminated").is_not_null()).then(early).when("both_sides").then(both).otherwise(several)
    alone_early = pl.col("terminated") * (units if rules.setting == "asc" else 1)
    plain = (
        pl.when(pl.col("terminated").is_not_null())
        .then(alone_early)
        .when("once")
        .then(WHOLE)
        .when("both_sides")
        .then(2 * WHOLE * units)
        .otherwise(WHOLE * units)
    )
    return lines.with_columns(pl.when("ranks").then(ranked).otherwise(plain).cast(pl.Int64).alias("factor"))
