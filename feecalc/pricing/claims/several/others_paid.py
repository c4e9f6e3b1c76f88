"""Lines that pay only because of, or only without, other lines of the day.

Status T: paid only where nothing else under the fee schedule is payable to the physician that day (RVU25D.pdf,
Attachment A). An add-on code: paid only beside a primary service (NCCI policy manual ch. 1 sec. R); which primary is
NCCI's list to say, so here any other priced service that is not an add-on stands for one. An add-on
whose primary a colleague may have billed is paid alone (reference/add_on_of_group.toml).
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.arrays.traits import Traits
from feecalc.pricing.claims.rules import ClaimRules


def _has_another(groups: Whole, at: Whole, what: Flags) -> Flags:
    """Whether any line of the group of each line ``at`` is so."""
    asked = np.zeros(int(groups[-1]) + 1, np.bool_)
    asked[groups[at]] = True
    held = np.zeros_like(asked)
    held[groups[asked[groups] & what]] = True
    return held[groups[at]]


def others(lines: Lines, traits: Whole, rules: ClaimRules) -> None:
    """Bundle status T beside other services; deny add-ons without a primary. ``traits``: of each line's row."""
    alone, add_on = (traits & Traits.ONLY_ALONE) != 0, (traits & Traits.ADD_ON) != 0
    priced = lines.priced()
    at = np.flatnonzero(alone & priced)
    if len(at):
        beside = _has_another(lines.group, at, priced & ~alone)
        lines.status[at[beside]] = outcomes.PAID_ONLY_ALONE
    at = np.flatnonzero(add_on & priced & ((traits & Traits.OF_GROUP) == 0))
    if rules.add_on_needs_primary and len(at):
        primary = _has_another(lines.patient_day, at, priced & ~add_on)
        lines.status[at[~primary]] = outcomes.ADD_ON_WITHOUT_PRIMARY
