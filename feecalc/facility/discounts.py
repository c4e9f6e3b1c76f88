"""What a line's modifiers and the other procedures of its day make of the rate.

Sources: CMS's OPPS pricer (discounting formulas); Pub. 100-04 ch. 14 sec. 40.5; reference/facility_payment.toml and
reference/facility_modifier.toml. ``factor`` is how many times the adjusted rate is paid for the line. With U units and
D the share of a further procedure:

========================  ==================  =======================
line                      highest of the day  another
========================  ==================  =======================
U units                   1 + D x (U - 1)     D x U
bilateral (OPPS)          1 + D               D x (1 + D)
ended early (OPPS)        T                   T x D
========================  ==================  =======================

Lines that are not discounted pay U, bilateral ones 2 x U, one that ended early T (in an ASC T x U, and it does not
rank).
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.amounts import adjusted
from feecalc.facility.lines import MODIFIERS
from feecalc.facility.rules import WHOLE, Rules

TERMINATED, BILATERAL, ONE_SIDE_PAID = "terminated", "bilateral", "one_side_paid"
OFF_CAMPUS, DEVICE_CREDIT = "off_campus", "device_credit"


def with_modifiers(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Add terminated, off_campus, device_credit (10^-4, null for most), bilateral, one_side_paid, ranks_on, no_device.

    Of two modifiers of one kind the lower percent holds. ``ranks_on``: the line still ranks among several procedures.
    """
    given = (
        lines.select("row", "hcpcs", *MODIFIERS)
        .unpivot(MODIFIERS, index=["row", "hcpcs"], value_name="modifier")
        .filter(pl.col("modifier") != "")
        .join(rules.modifiers.rename({"hcpcs": "of"}), on="modifier")
        .filter((pl.col("of") == "") | (pl.col("of") == pl.col("hcpcs")))
    )

    def of(kind: str) -> pl.Expr:
        return pl.col("share").filter(pl.col("kind") == kind)

    found = given.group_by("row").agg(
        of(TERMINATED).min().alias(TERMINATED),
        of(OFF_CAMPUS).min().alias(OFF_CAMPUS),
        of(DEVICE_CREDIT).max().alias(DEVICE_CREDIT),
        (pl.col("kind") == BILATERAL).any().alias(BILATERAL),
        (pl.col("kind") == ONE_SIDE_PAID).any().alias(ONE_SIDE_PAID),
        pl.col("further_discount").all().alias("ranks_on"),
        (~pl.col("device_part").all()).alias("no_device"),
    )
    return lines.join(found, on="row", how="left", maintain_order="left").with_columns(
        pl.col(BILATERAL, ONE_SIDE_PAID, "no_device").fill_null(False), pl.col("ranks_on").fill_null(True)
    )


def by_what_they_pay() -> list[pl.Expr]:
    """Return keys that sort lines of one rate: one that no modifier cuts goes before, then by the lines' order."""
    return [-pl.col(TERMINATED).fill_null(WHOLE), -pl.col(OFF_CAMPUS).fill_null(WHOLE), pl.col("line"), pl.col("row")]


def with_factor(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Add ``first`` (the highest of its claim and day) and ``factor``. [10^-4]

    Columns: paid, discounted, once (one amount whatever the units), terminated (10^-4, null for most), bilateral,
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
    more_units = pl.when("first").then(WHOLE + further * (units - 1)).otherwise(further * units)
    both = pl.when("first").then(WHOLE + further).otherwise(further * (WHOLE + further) // WHOLE)
    early = pl.when("first").then(pl.col("terminated")).otherwise(pl.col("terminated") * further // WHOLE)
    ranked = pl.when(pl.col("terminated").is_not_null()).then(early).when("bilateral").then(both).otherwise(more_units)
    alone_early = pl.col("terminated") * (units if rules.setting == "asc" else 1)
    plain = (
        pl.when(pl.col("terminated").is_not_null())
        .then(alone_early)
        .when("once")
        .then(WHOLE)
        .when("bilateral")
        .then(2 * WHOLE * units)
        .otherwise(WHOLE * units)
    )
    return lines.with_columns(pl.when("ranks").then(ranked).otherwise(plain).cast(pl.Int64).alias("factor"))
