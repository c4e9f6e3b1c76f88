"""A release may print an indicator that is new to the rules: no rule that depends on it is applied, and that is said.

A line whose modifier depends on such an indicator is not priced at all: whether it is paid is not known. Which
indicators are known: reference/known_indicator.toml. Source: the release's own record layout, RVU25D.pdf, Attachment A.
"""

from __future__ import annotations

from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.rule import Rule

NOT_PRICED = (
    "the indicator that says whether a modifier is paid for this code is not one that feecalc's rules know: not priced"
)


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Note the priced lines whose row has such an indicator."""
    decided.notes[lines.priced() & era.rows.has_unknown_indicator[lines.row]] |= Note.UNKNOWN_INDICATOR


RULE = Rule(
    "unknown_indicator",
    decide=decide,
    notes={
        Note.UNKNOWN_INDICATOR: "an indicator of the code's row in the release is not one that feecalc's rules know: "
        "no rule that depends on it was applied",
    },
)
