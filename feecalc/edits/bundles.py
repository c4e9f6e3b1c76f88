"""What the pricing core has already found against a line, as findings: bundled, noncovered, a modifier that cannot be.

The core decides by the relative value row and the dated rules; this hands its answer on, with its codes and a remedy.
"""

from __future__ import annotations

import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines import carried
from feecalc.edits.tables import EditTables
from feecalc.pricing.claims import outcomes
from feecalc.reference import rows


def find(lines: pl.DataFrame, tables: EditTables) -> pl.DataFrame:
    """Lines not paid, by their ``pricing_status``. Shape: ``finding.SCHEMA``; ``lines`` prepared and priced."""
    if "pricing_status" not in lines.columns:
        return no_findings()
    by_status = {row["pricing_status"]: row["rule"] for row in rows("edit_rule") if "pricing_status" in row}
    own = lines.filter(pl.col("pricing_status").cast(pl.String).is_in(list(by_status)))
    own = own.select(
        "row", "date_of_service", "hcpcs", "allowed_amount", carried().alias("given"),
        *(pl.col(name).cast(pl.String) for name in _PRICED),
    ).filter(~_paid_by_another())  # fmt: skip
    found = [
        findings(by_status[str(status)], each)
        for (status,), each in sorted(own.partition_by("pricing_status", as_dict=True).items(), key=str)
    ]
    return pl.concat(found).sort("row") if found else no_findings()


def _paid_by_another() -> pl.Expr:
    """Lines of no amount of their own whose fee another line's holds: the other side, an endoscopy's base."""
    alone = outcomes.Outcomes().pairs[outcomes.PAID_ONLY_ALONE][1]
    return (
        (pl.col("pricing_status") == _BUNDLED) & (pl.col("allowed_amount") == 0) & (pl.col("reason") != alone)
    ).fill_null(False)


_BUNDLED = "bundled"
_PRICED = ("pricing_status", "reason", "carc", "rarc")
