"""The biller says himself that the service is not covered (GY), or not reasonable and necessary (GZ): it is not paid.

Source: MLN Matters MM7228 (GZ); Palmetto GBA, GZ and GY HCPCS Modifier Use.
"""

from __future__ import annotations

from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.rules.rule import RowChoice, Rule


def refuse_row(choice: RowChoice) -> None:
    """Refuse lines with one of the two modifiers."""
    lines = choice.lines
    lines.refuse_at(lines.with_modifier(ModifierEffect.NOT_COVERED), outcomes.NONCOVERED)
    lines.refuse_at(lines.with_modifier(ModifierEffect.NOT_NECESSARY), outcomes.NOT_NECESSARY)


RULE = Rule("not_covered", refuse_row=refuse_row)
