"""More work than usual (22) is paid by report: the line pays the amount without it, and says so.

Source: Pub. 100-04 ch. 12 sec. 40.2.A.10.
"""

from __future__ import annotations

from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.rule import Rule, priced_with


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Note the lines that are priced without the increase."""
    decided.notes[priced_with(lines, ModifierEffect.INCREASED)] |= Note.INCREASED_SERVICE


RULE = Rule(
    "increased_service",
    decide=decide,
    notes={Note.INCREASED_SERVICE: "more work than usual is paid by report: this is the amount without it"},
)
