"""Modifiers on codes they do not belong to, where the pricing core has not said so already.

What the indicators forbid (26 and TC, 50, 54 to 56, 62, 66, 80 to 82) is the core's to say; ``bundles`` hands it on.
Source: RVU25D.pdf, Attachment A; Pub. 100-04 ch. 12 sec. 40.2; NCCI Policy Manual ch. 1 sec. E.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines.prepared import MODIFIERS, carried, uses
from feecalc.edits.lines.traits import TRAITS
from feecalc.edits.tables import EditTables
from feecalc.reference import rows

_ADD_ON = "ZZZ"
_SURGERY = ("000", "010", "090")


def find(lines: pl.DataFrame, tables: EditTables) -> pl.DataFrame:
    """Modifiers that do not fit the code. Shape: ``finding.SCHEMA``.

    ``lines`` are ``prepared``, with ``global_days`` of the release's row; without it nothing is said of codes.
    """
    opposite = _contradicting(lines)
    if "global_days" not in lines.columns:
        return opposite
    own = lines.filter(uses("several", "visit", "separate"))
    if own.height == 0:
        return opposite
    own = own.select("row", "date_of_service", "hcpcs", "global_days", "visit", TRAITS)
    surgery = pl.col("global_days").is_in(_SURGERY)
    return pl.concat(
        [
            opposite,
            findings("several_on_add_on", own.filter((pl.col("global_days") == _ADD_ON) & uses("several"))),
            findings("visit_modifier_on_procedure", own.filter(surgery & ~pl.col("visit") & uses("visit"))),
            findings("procedure_modifier_on_visit", own.filter(pl.col("visit") & uses("separate"))),
        ]
    ).sort("row")


def _contradicting(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines whose modifiers say opposite things."""
    several = lines.filter(pl.sum_horizontal((pl.col(name) != "").cast(pl.Int8) for name in MODIFIERS) > 1)
    if several.height == 0:
        return no_findings()
    wrong = [
        _any_of(row["first"]) & _any_of(row["second"])
        & pl.col("date_of_service").is_between(row["effective_from"], row.get("effective_to", date.max))
        for row in rows("edit_conflict")
    ]  # fmt: skip
    found = several.filter(pl.any_horizontal(wrong)).select("row", "date_of_service", "hcpcs", carried().alias("given"))
    return findings("modifiers_contradict", found)


def _any_of(words: list[str]) -> pl.Expr:
    return pl.any_horizontal(pl.col(name).is_in(words) for name in MODIFIERS)
