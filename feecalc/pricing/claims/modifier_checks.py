"""Whether a line's modifiers apply to its code at all, by the indicators of its row. Source: RVU25D.pdf, Attachment A.

Every check is of one line by itself, and all come before the rules that look at several lines.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.does import Does
from feecalc.pricing.claims.era import Era
from feecalc.pricing.claims.lines import Lines
from feecalc.pricing.claims.rules import ClaimRules

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
    split = sum(has(each).astype(np.int8) for each in _SPLIT)
    wrong = has(Does.BOTH_SIDES) & (era.both_sides_rate[row] == 0)
    wrong |= (split > 1) | ((split == 1) & ~era.split_care_applies[row])
    wrong |= has(Does.COSURGERY) & ~era.cosurgery_applies[row]
    wrong |= lines.by_assistant & era.assistant_does_not_apply[row]
    wrong |= has(Does.FILM | Does.COMPUTED_RADIOGRAPHY | Does.OLD_TOMOGRAPH) & ~era.has_technical_part[lines.billed_row]
    wrong |= has(Does.FACILITY_ONLY)
    lines.refuse(wrong, outcomes.MODIFIER_DOES_NOT_APPLY)
    days = lines.postoperative_days
    beyond = has(Does.POSTOPERATIVE) & (days != -1) & ((days < 1) | (days > era.global_period[row]))
    lines.refuse(beyond, outcomes.INVALID_POSTOPERATIVE_DAYS)
    lines.refuse(lines.by_assistant & era.assistant_never[row], outcomes.ASSISTANT_NOT_PAID)
