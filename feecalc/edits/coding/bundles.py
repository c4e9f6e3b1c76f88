"""What the pricing core has already found against a line, as findings: bundled, noncovered, a modifier that cannot be.

The core decides by the relative value row and the dated rules; this hands its answer on, with its codes and a remedy.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from feecalc.edits import rule_days
from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines.prepared import carried
from feecalc.edits.ncci.spans import NO_DAY
from feecalc.edits.tables import EditTables
from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims import outcomes
from feecalc.reference import rows

_BUNDLED = "bundled"
_PRICED = ("pricing_status", "reason", "carc", "rarc")


def find(lines: pl.DataFrame, tables: EditTables) -> pl.DataFrame:
    """Lines not paid, by their ``pricing_status``. Shape: ``finding.SCHEMA``; ``lines`` prepared and priced."""
    if "pricing_status" not in lines.columns:
        return no_findings()
    own = lines.filter(pl.Series(_is_one_of(lines["pricing_status"], tuple(rule_of_status()))))
    own = own.select(
        "row", "date_of_service", "hcpcs", "allowed_amount", carried().alias("given"),
        *(pl.col(name).cast(pl.String) for name in _PRICED),
    ).filter(~_paid_by_another())  # fmt: skip
    found = [
        findings(rule_of_status()[str(status)], each)
        for (status,), each in sorted(own.partition_by("pricing_status", as_dict=True).items(), key=str)
    ]
    return pl.concat(found).sort("row") if found else no_findings()


def refused(priced: pl.DataFrame, days: pl.Series) -> pl.DataFrame:
    """The lines that are denied by their ``pricing_status`` on their day. Shape: row (place in both), rule, carc, rarc.

    What ``find`` denies, without its words.
    """
    at = np.flatnonzero(_is_one_of(priced["pricing_status"], tuple(rule_of_status())))
    own = priced.select(*_PRICED, "allowed_amount")[at].with_columns(pl.col(_PRICED).cast(pl.String))
    day = days[at].to_physical().fill_null(NO_DAY)
    own = own.with_columns(pl.Series("row", at, pl.UInt32), day.alias("day")).filter(~_paid_by_another())
    found = []
    for (status,), each in own.partition_by("pricing_status", as_dict=True).items():
        rule = rule_of_status()[str(status)]
        for _, some in rule_days.denied(rule, np.arange(each.height), each["day"].to_numpy()):
            found.append(each[some].select("row", pl.lit(rule).alias("rule"), "carc", "rarc"))
    return pl.concat(found) if found else _NOTHING


_NOTHING = pl.DataFrame(schema={"row": pl.UInt32, "rule": pl.String, "carc": pl.String, "rarc": pl.String})


@cache
def rule_of_status() -> dict[str, str]:
    """The rule that hands on each status."""
    return {row["pricing_status"]: row["rule"] for row in rows("edit_rule") if "pricing_status" in row}


def _is_one_of(status: pl.Series, names: tuple[str, ...]) -> Flags:
    """Whether each line's status is one of some: by the number a category has."""
    if status.dtype != pl.Categorical:
        return status.cast(pl.String).is_in(names).to_numpy()
    numbers = pl.Series(names, dtype=status.dtype).to_physical()
    wanted = np.zeros(max(int(numbers.max()), int(status.to_physical().max() or 0)) + 2, np.bool_)  # type: ignore[arg-type]  # of a series of whole numbers
    wanted[numbers.to_numpy()] = True
    found: Whole = status.to_physical().fill_null(len(wanted) - 1).to_numpy()
    return wanted[found]


def _paid_by_another() -> pl.Expr:
    """Lines of no amount of their own whose fee another line's holds: the other side, an endoscopy's base."""
    alone = outcomes.Outcomes().pairs[outcomes.PAID_ONLY_ALONE][1]
    return (
        (pl.col("pricing_status") == _BUNDLED) & (pl.col("allowed_amount") == 0) & (pl.col("reason") != alone)
    ).fill_null(False)
