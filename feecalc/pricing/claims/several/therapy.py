"""Several units of therapy on one day, whatever the discipline. Source: Pub. 100-04 ch. 5 sec. 10.7; SSA 1848(b)(7).

The unit with the highest practice expense is paid in full (equal ones: the higher fee), the practice expense of every
other unit at the day's percent, inside the formula with one rounding: as CMS's own therapy amounts are made.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.claims.several import parts


def several_units(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Decide ``several`` and ``rank`` of therapy lines."""
    if not rules.therapy:
        return
    chosen = np.flatnonzero(lines.priced() & era.several.is_therapy[lines.row])
    decided.in_several_rule[chosen] = True
    decided.rank[chosen] = 1
    chosen = chosen[segments.shared(lines.group[chosen], decided.procedures[chosen])]
    if not len(chosen):
        return
    pe = era.amounts.practice_expense(lines.row[chosen], lines.facility[chosen])
    role = lines.by_assistant[chosen]
    order = segments.order(lines.group[chosen], role, -pe, -decided.fee[chosen], lines.number[chosen])
    at = chosen[order]
    before = segments.before(segments.starts(lines.group[at], role[order]), decided.procedures[at])
    reduced = era.amounts.fees_with_reduced_practice_expense(
        lines.row[at],
        lines.locality[at],
        lines.facility[at],
        lines.factor[at],
        era.several.therapy_practice_expense_rate,
    )
    reduced = parts.through_percents(decided, at, parts.both_sides(decided, at, reduced))
    reduced = np.where(decided.bilateral_rate[at] == 2 * percent.WHOLE, 2 * reduced, reduced)
    in_full = (before == 0).astype(np.int64)
    decided.several[at] = in_full * decided.service[at] + (decided.procedures[at] - in_full) * reduced
    decided.rank[at] = before + 1
    if decided.trail is not None:
        total, whole = decided.several[at], decided.before_several[at]
        decided.trail.keep("therapy", at, whole, total, reduced=reduced, in_full=in_full)
