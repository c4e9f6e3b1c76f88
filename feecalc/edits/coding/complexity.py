"""The add-on for a visit's complexity (G2211): not paid where the visit carries 25.

Since 2025 it is, where a preventive service of the same day is what 25 is for. Source: reference/edit_complexity.toml.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from feecalc.edits.coding.visits import in_spans
from feecalc.edits.edit import Edit, Found
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.spans import day_number
from feecalc.pricing.arrays import Integers
from feecalc.reference import rows

RULES = ("complexity_beside_25",)
_USES = ("add_on", "visit", "preventive")
_ADD_ON, _VISIT, _PREVENTIVE = (1 << place for place in range(len(_USES)))


def prepare(sources: Sources) -> Integers:
    """Return what each code is to this edit, as bits; 0 for most. Shape: [code + 1]."""
    found = np.zeros(len(sources.codes.words) + 1, np.int8)
    for row in rows("edit_complexity"):
        found[in_spans(sources.codes, row["listed"])] |= 1 << _USES.index(row["use"])
    return found


def find(lines: EditLines, use_of_code: Integers, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the add-on beside visits of its patient, day and provider that all carry 25."""
    at = np.flatnonzero(use_of_code[lines.code] & _ADD_ON)
    if not len(at) or not wanted:
        return
    beside = np.flatnonzero(lines.any_in_group(at)[lines.group])
    use = use_of_code[lines.code[beside]]
    visit, has_25 = (use & _VISIT) != 0, lines.uses(beside, "apart_from_minor")
    with_25, without_25 = lines.any_in_group(beside[visit & has_25]), lines.any_in_group(beside[visit & ~has_25])
    since = day_number(min(row["effective_from"] for row in rows("edit_complexity") if row["use"] == "preventive"))
    helps = ((use & _PREVENTIVE) != 0) | lines.uses(beside, "preventive")
    preventive = lines.any_in_group(beside[helps & (lines.day[beside] >= since)])
    own = lines.group[at]
    at = at[with_25[own] & ~without_25[own] & ~preventive[own]]
    if len(at):
        yield Found(RULES[0], lines.row[at])


EDIT = Edit("visit complexity", RULES, prepare, find)
