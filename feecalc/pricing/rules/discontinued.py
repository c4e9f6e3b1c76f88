"""A procedure that the physician discontinued (53), and the two modifiers of a facility for one (73, 74).

Where the release has a row of the code with modifier 53, that row pays; of every other code the Medicare contractor
sets the price. 73 and 74 are a facility's and are never a physician's to bill.
Source: RVU25D.pdf, field Modifier; Pub. 100-04 ch. 4 sec. 20.6.4 (facilities).
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.eras.rows import DISCONTINUED
from feecalc.pricing.rules.rule import RowChoice, Rule


def choose_row(choice: RowChoice) -> None:
    """Choose the row of modifier 53 where the code has one and the line says no component."""
    at = choice.lines.with_modifier(ModifierEffect.DISCONTINUED)
    at = at[(choice.lines.does[at] & (ModifierEffect.PROFESSIONAL | ModifierEffect.TECHNICAL)) == 0]
    own = choice.era.rows.by_code[choice.code[at], DISCONTINUED]
    choice.row[at] = np.where(own >= 0, own, choice.row[at])


def refuse_row(choice: RowChoice) -> None:
    """Leave to the contractor what no row of modifier 53 prices."""
    at = choice.lines.with_modifier(ModifierEffect.DISCONTINUED)
    own = choice.era.rows.by_code[choice.code[at], DISCONTINUED]
    choice.lines.refuse_at(at[choice.row[at] != own], outcomes.CONTRACTOR_DECIDES)


def does_not_apply(lines: Lines, era: Era) -> Flags:
    """Mark the lines with a facility's modifier."""
    found: Flags = (lines.does & ModifierEffect.FACILITY_ONLY) != 0
    return found


RULE = Rule(
    "discontinued",
    choose_row=choose_row,
    refuse_row=refuse_row,
    does_not_apply=does_not_apply,
    judged=ModifierEffect.FACILITY_ONLY,
    refusal="only a facility bills it",
)
