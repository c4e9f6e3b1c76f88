"""Sides: 50, RT and LT, eyelids and digits, as each kind of bill wants them.

A physician's claim says both sides by 50 on one line; an ASC's by RT and LT on two. What the pricing core decides (an
indicator to which 50 does not apply) is left to it. Source: Pub. 100-04 ch. 12 sec. 40.7, ch. 14 sec. 40.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines.prepared import GROUP, MODIFIERS, of_use, uses
from feecalc.edits.lines.traits import TRAITS
from feecalc.edits.tables import EditTables

Bill = Literal["professional", "asc"]
_ONE_FEE = ("0", "2")  # bilateral indicators under which both sides pay no more than one
_RAISED = "1"


def find(lines: pl.DataFrame, tables: EditTables, bill: Bill = "professional") -> pl.DataFrame:
    """Sides said twice, against each other, or not as the bill wants them. Shape: ``finding.SCHEMA``.

    ``lines`` are ``prepared``, with ``bilateral_indicator`` where the release's row is known.
    """
    if "bilateral_indicator" not in lines.columns:
        lines = lines.with_columns(pl.lit("").alias("bilateral_indicator"))
    own = lines.filter(uses("left", "right", "both_sides")).select(
        "row", GROUP, "date_of_service", "hcpcs", "units", *MODIFIERS, "bilateral_indicator", TRAITS
    )
    if own.height == 0:
        return no_findings()
    own = own.with_columns(
        uses("left").alias("left"), uses("right").alias("right"), uses("both_sides").alias("both"),
        of_use("digit").alias("digits"),
    )  # fmt: skip
    left, right, both = pl.col("left"), pl.col("right"), pl.col("both")
    one_side = (left | right) & ~both
    digits = pl.col("digits").list.len() > 0
    found = [findings("both_sides_and_one", own.filter(both & (left | right)))]
    if bill == "asc":
        found.append(findings("both_sides_in_asc", own.filter(both)))
    else:
        found += [
            findings("sides_on_one_line", own.filter(left & right & ~digits & ~both)),
            findings("both_sides_by_units", own.filter(both & (pl.col("units") > 1))),
            findings("both_sides_pay_one", own.filter(both & pl.col("bilateral_indicator").is_in(_ONE_FEE))),
            findings("sides_on_two_lines", _two_lines(own.filter(one_side & ~digits & ~(left & right)))),
        ]
    found.append(findings("digit_and_side", own.filter(digits & left & right & ~both)))
    found.append(findings("digit_twice", _digit_twice(own.filter(digits & ~both & ~uses("repeat")))))
    return pl.concat(found).sort("row")


def _two_lines(own: pl.DataFrame) -> pl.DataFrame:
    """Lines of a code billed right on one line and left on another, where both sides pay more than one."""
    raised = own.filter(pl.col("bilateral_indicator") == _RAISED)
    both = (pl.col("left").any() & pl.col("right").any()).over(GROUP, "hcpcs")
    return raised.filter(both)


def _digit_twice(own: pl.DataFrame) -> pl.DataFrame:
    """Lines of a code and digit that another line of the group has too, without a word that it was done again."""
    each = own.explode("digits").rename({"digits": "digit"})
    again = pl.len().over(GROUP, "hcpcs", "digit") > 1
    return each.filter(again).unique("row", maintain_order=True)

