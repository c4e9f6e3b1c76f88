"""Whether a line's modifiers apply to its code at all, by the indicators of its row. Source: RVU25D.pdf, Attachment A.

Every check is of one line by itself, and all come before the rules that look at several lines.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.does import FILM_MODIFIERS, Does
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.status import UNKNOWN

_UNKNOWN_INDICATOR = (
    "the indicator that says whether a modifier is paid for this code is not one that feecalc's rules know: not priced"
)
_SPLIT = (Does.INTRAOPERATIVE, Does.POSTOPERATIVE, Does.PREOPERATIVE)


def check(lines: Lines, era: Era, rules: ClaimRules) -> None:
    """Give the lines whose modifiers do not apply, or whose modifier is not paid, their outcome."""
    row, does = lines.row, lines.does
    if not (does & ~Does.SEPARATE).any():
        return

    def has(what: int) -> Flags:
        found: Flags = (does & what) != 0
        return found

    if not rules.reduced_service:
        lines.refuse(has(Does.REDUCED), outcomes.CONTRACTOR_DECIDES)
    strange = has(Does.BOTH_SIDES) & era.rows.is_unknown("bilateral_indicator")[row]
    strange |= has(Does.COSURGERY) & era.rows.is_unknown("cosurgeon_indicator")[row]
    strange |= lines.by_assistant & era.rows.is_unknown("assistant_indicator")[row]
    if strange.any():
        lines.refuse(strange, era.outcomes.number(UNKNOWN, _UNKNOWN_INDICATOR))
    split = sum(has(each).astype(np.int8) for each in _SPLIT)
    wrong = has(Does.BOTH_SIDES) & (era.modifiers.both_sides_rate[row] == 0)
    wrong |= (split > 1) | ((split == 1) & ~era.modifiers.split_care_applies[row])
    wrong |= has(Does.COSURGERY) & ~era.modifiers.cosurgery_applies[row]
    wrong |= lines.by_assistant & era.modifiers.assistant_does_not_apply[row]
    wrong |= has(FILM_MODIFIERS) & ~era.rows.has_technical_part[lines.billed_row]
    wrong |= has(Does.FACILITY_ONLY)
    lines.refuse(wrong, outcomes.MODIFIER_DOES_NOT_APPLY)
    days = lines.postoperative_days
    beyond = has(Does.POSTOPERATIVE) & (days != -1) & ((days < 1) | (days > era.modifiers.global_period[row]))
    lines.refuse(beyond, outcomes.INVALID_POSTOPERATIVE_DAYS)
    lines.refuse(lines.by_assistant & era.modifiers.assistant_never[row], outcomes.ASSISTANT_NOT_PAID)
