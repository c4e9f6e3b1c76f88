"""What a line's modifiers do, as columns.

Source: reference/facility_modifier.toml.
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.columns import MODIFIERS
from feecalc.facility.rules import WHOLE, Rules

TERMINATED, BOTH_SIDES, ONE_SIDE = "terminated", "both_sides", "one_side"
OFF_CAMPUS, DEVICE_CREDIT = "off_campus", "device_credit"


def with_modifiers(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Add terminated, off_campus and device_credit (10^-4, null for most), both_sides, one_side, ranks_on, no_device.

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
        (pl.col("kind") == BOTH_SIDES).any().alias(BOTH_SIDES),
        (pl.col("kind") == ONE_SIDE).any().alias(ONE_SIDE),
        pl.col("further_discount").all().alias("ranks_on"),
        (~pl.col("device_part").all()).alias("no_device"),
    )
    return lines.join(found, on="row", how="left", maintain_order="left").with_columns(
        pl.col(BOTH_SIDES, ONE_SIDE, "no_device").fill_null(False), pl.col("ranks_on").fill_null(True)
    )


def by_what_they_pay() -> list[pl.Expr]:
    """Keys that sort lines of one rate: one that no modifier cuts goes before, then by the lines' order."""
    return [-pl.col(TERMINATED).fill_null(WHOLE), -pl.col(OFF_CAMPUS).fill_null(WHOLE), pl.col("line"), pl.col("row")]
