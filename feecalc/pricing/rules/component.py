"""The professional component (26) and the technical component (TC) of a test have rows of their own.

A line with 26 or TC is paid by that row of its code; a code without the row cannot be billed so, and no line is both.
Source: RVU25D.pdf, field Modifier, and Attachment A, PC/TC indicator.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.eras.rows import PROFESSIONAL, TECHNICAL
from feecalc.pricing.rules.rule import RowChoice, Rule

_BOTH = ModifierEffect.PROFESSIONAL | ModifierEffect.TECHNICAL


def choose_row(choice: RowChoice) -> None:
    """Choose the component's row where the line says one."""
    at = choice.lines.with_modifier(_BOTH)
    is_professional = (choice.lines.does[at] & ModifierEffect.PROFESSIONAL) != 0
    component = np.where(is_professional, PROFESSIONAL, TECHNICAL)
    choice.row[at] = choice.era.rows.by_code[choice.code[at], component]


def does_not_apply(lines: Lines, era: Era) -> Flags:
    """Mark the lines whose code has no row of the component, and those that say both."""
    at = lines.with_modifier(_BOTH)
    said, rows = lines.does[at] & _BOTH, era.rows.of_same_code[lines.billed_row[at]]
    component = np.where(said == ModifierEffect.PROFESSIONAL, PROFESSIONAL, TECHNICAL)
    found = np.zeros(len(lines), np.bool_)
    found[at] = (said == _BOTH) | (rows[np.arange(len(at)), component] < 0)
    return found


def refuse_row(choice: RowChoice) -> None:
    """Refuse lines whose code has no such row, and those that say both components."""
    lines = choice.lines
    lines.refuse(choice.row < 0, outcomes.MODIFIER_DOES_NOT_APPLY)
    choice.row = lines.billed_row = np.maximum(choice.row, 0)
    lines.refuse(does_not_apply(lines, choice.era), outcomes.MODIFIER_DOES_NOT_APPLY)


RULE = Rule(
    "component",
    choose_row=choose_row,
    refuse_row=refuse_row,
    does_not_apply=does_not_apply,
    judged=_BOTH,
    refusal="the release has no row of it with this modifier",
)
