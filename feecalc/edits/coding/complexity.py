"""The add-on for a visit's complexity: not paid where the visit carries 25.

Since 2025 it is, where a preventive service of the same day is what 25 is for.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines.numbered import Numbered
from feecalc.edits.lines.traits import bit
from feecalc.edits.ncci.spans import day_number
from feecalc.edits.tables import EditTables
from feecalc.pricing.arrays import Whole
from feecalc.reference import rows

RULE = "complexity_beside_25"
_USES = ("add_on", "visit", "preventive")
_ADD_ON, _VISIT, _PREVENTIVE = (1 << place for place in range(len(_USES)))


def uses_of(codes: pl.Series) -> Whole:
    """What each code is to this edit, as bits; 0 for most. Shape: [code]."""
    found = np.zeros(len(codes), np.int8)
    for row in rows("edit_complexity"):
        for first, last in row["listed"]:
            held = codes.is_between(pl.lit(first), pl.lit(last)) & (codes.str.len_bytes() == len(first))
            found[held.fill_null(False).to_numpy()] |= 1 << _USES.index(row["use"])
    return found


def denied(lines: Numbered, uses: Whole) -> Whole:
    """The add-on's lines that are not paid, as positions. ``uses``: of each line, as ``uses_of`` has them."""
    at = np.flatnonzero(uses & _ADD_ON)
    if not len(at):
        return at
    groups = int(lines.group[-1]) + 1
    meant, with_25, without_25, preventive = (np.zeros(groups, np.bool_) for _ in range(4))
    meant[lines.group[at]] = True
    beside = np.flatnonzero(meant[lines.group])
    bits, use, group = lines.traits(beside), uses[beside], lines.group[beside]
    visit, has_25 = (use & _VISIT) != 0, (bits & bit("apart_from_minor")) != 0
    with_25[group[visit & has_25]] = True
    without_25[group[visit & ~has_25]] = True
    since = day_number(min(row["effective_from"] for row in rows("edit_complexity") if row["use"] == "preventive"))
    helps = ((use & _PREVENTIVE) != 0) | ((bits & bit("preventive")) != 0)
    preventive[group[helps & (lines.day[beside] >= since)]] = True
    own = lines.group[at]
    return at[with_25[own] & ~without_25[own] & ~preventive[own]]


def find(lines: pl.DataFrame, tables: EditTables) -> pl.DataFrame:
    """The add-on beside visits of its patient, day and provider that all carry 25. Shape: ``finding.SCHEMA``."""
    numbered = Numbered.of_prepared(lines)
    at = denied(numbered, uses_of(lines["hcpcs"])[numbered.row])
    told = lines.select("row", "date_of_service", "hcpcs")  # a line that is paid has codes of its own, which are blank
    return findings(RULE, told[numbered.row[at]]).sort("row") if len(at) else no_findings()
