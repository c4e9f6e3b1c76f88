"""Visits beside a procedure: paid only with a modifier that says the visit was more than the procedure's own.

Same day: 25 beside a procedure of 0 or 10 days, 57 beside one of 90. The day before one of 90 days: 57. Within the 10
or 90 days after: 24. Source: Pub. 100-04 ch. 12 sec. 40.1, 40.2.A.4-8, 40.3.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines.numbered import Numbered
from feecalc.edits.lines.prepared import GROUP, uses
from feecalc.edits.lines.traits import TRAITS, bit
from feecalc.edits.tables import EditTables
from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims.grouping import patient
from feecalc.reference import rows


def find(lines: pl.DataFrame, tables: EditTables) -> pl.DataFrame:
    """Visits taken up by a procedure's global fee. Shape: ``finding.SCHEMA``.

    ``lines`` are ``prepared``, with ``global_days`` of the release's row. The days around a surgery are looked at where
    the billing provider is given; a group practice's NPI may be another specialty's too, so that is a warning.
    """
    if "global_days" not in lines.columns or lines.height < 2:
        return no_findings()
    own = lines.select(
        "row", GROUP, "date_of_service", "hcpcs", "global_days", "visit", "billing_npi", TRAITS, *patient(lines)
    )
    visits = own.filter(pl.col("visit"))
    surgery = own.filter(~pl.col("visit") & pl.col("global_days").is_in(list(_days())) & ~uses("assistant"))
    if visits.height == 0 or surgery.height == 0:
        return no_findings()
    found = pl.concat([_same_day(visits, surgery), _around(visits, surgery)])
    return found.unique(["row", "rule"], keep="first", maintain_order=True).sort("row", "rule")


def _days() -> dict[str, int]:
    """The days of each global period."""
    return {row["global_days"]: int(row["value"]) for row in rows("edit_global")}


def global_period() -> pl.Expr:
    """The kind of surgery by ``global_days``: 0 none, 1 minor, 2 major."""
    days = _days()
    kinds = {period: 2 if count >= _major() else 1 for period, count in days.items()}
    return pl.col("global_days").replace_strict(kinds, default=0, return_dtype=pl.Int8).fill_null(0).alias("period")


def denied_on_the_day(lines: Numbered, is_visit: Flags, period: Whole) -> tuple[Whole, Whole]:
    """The visits that a major and a minor procedure of their group takes up, as positions.

    What ``find`` denies, without its words. ``is_visit`` and ``period`` (as ``global_period`` has it): each line's.
    """
    groups = int(lines.group[-1]) + 1 if len(lines.group) else 0
    surgery, visits = np.flatnonzero((period > 0) & ~is_visit), np.flatnonzero(is_visit)
    has_visit, has_surgery, has_major = (np.zeros(groups, np.bool_) for _ in range(3))
    has_visit[lines.group[visits]] = True
    surgery = surgery[has_visit[lines.group[surgery]]]
    surgery = surgery[(lines.traits(surgery) & bit("assistant")) == 0]
    has_surgery[lines.group[surgery]] = True
    has_major[lines.group[surgery[period[surgery] > 1]]] = True
    visits = visits[has_surgery[lines.group[visits]]]
    visits = visits[(lines.traits(visits) & bit("visit")) == 0]
    major = has_major[lines.group[visits]]
    return visits[major], visits[~major]


def _same_day(visits: pl.DataFrame, surgery: pl.DataFrame) -> pl.DataFrame:
    major = pl.col("global_days").replace_strict(_days(), return_dtype=pl.Int32) >= _major()
    surgery = surgery.join(visits.select(GROUP), on=GROUP, how="semi")
    beside = surgery.group_by(GROUP).agg(
        major.any().alias("major"), pl.col("hcpcs").unique().sort().head(6).str.join(", ").alias("procedures")
    )
    met = visits.join(beside, on=GROUP)
    parts, whole = uses("decision"), uses("apart_from_minor")
    return pl.concat(
        [
            findings("visit_with_major", met.filter(pl.col("major") & ~parts & ~uses("visit"))),
            findings("visit_with_minor", met.filter(~pl.col("major") & ~uses("visit"))),
            findings("visit_wrong_modifier_major", met.filter(pl.col("major") & ~parts & whole)),
            findings("visit_wrong_modifier_minor", met.filter(~pl.col("major") & parts & ~whole)),
        ]
    )


def _major() -> int:
    return max(_days().values())


def _around(visits: pl.DataFrame, surgery: pl.DataFrame) -> pl.DataFrame:
    """Visits the day before a major surgery, and in the days after one, of the same billing provider."""
    who = ["patient", "by_beneficiary", "billing_npi"]
    named = (pl.col("billing_npi") != "") & pl.col("by_beneficiary")
    own = visits.filter(named).sort("date_of_service").drop("global_days")
    done = surgery.filter(named & ~uses("surgery_only")).sort("date_of_service")
    if own.height == 0 or done.height == 0:
        return no_findings()
    found = []
    for period, days in _days().items():
        of_period = done.filter(pl.col("global_days") == period).select(
            *who, "date_of_service", pl.col("date_of_service").alias("surgery_day"), pl.col("hcpcs").alias("procedures")
        )
        if days == 0 or of_period.height == 0:
            continue
        sought: list[tuple[Literal["backward", "forward"], str, int, str]] = [
            ("backward", "visit_after_surgery", days, "unrelated"),
            ("forward", "visit_before_surgery", 1 if days == _major() else 0, "decision"),
        ]
        for strategy, rule, most, lift in sought:
            met = own.join_asof(
                of_period, on="date_of_service", by=who, strategy=strategy, allow_exact_matches=False,
                check_sortedness=False,
            )  # fmt: skip
            apart = (pl.col("date_of_service") - pl.col("surgery_day")).dt.total_days().abs()
            met = met.filter((apart <= most) & ~uses(lift))
            found.append(findings(rule, met))
    return pl.concat(found) if found else no_findings()
