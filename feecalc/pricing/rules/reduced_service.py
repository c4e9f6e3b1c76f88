"""A reduced service (52): the contractor decides what it pays; a stated percent, marked as assumed, stands in for that.

Without that choice the line is the contractor's to price. Percent: reference/reduced_service.toml.
Source: Pub. 100-04 ch. 12 sec. 20.4.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, modifier_name, percent_of, source_of
from feecalc.pricing.rules.rule import LookUp, Rule, priced_with, take


class ReducedService(LookUp):
    """Look up what a reduced service pays."""

    @cached_property
    def rate(self) -> int:
        return percent.rate(self.book.row("reduced_service")["value"])


def leave_to_contractor(lines: Lines, rules: ClaimRules) -> None:
    """Refuse reduced services where the assumed percent is not wanted."""
    if not rules.reduced_service:
        lines.refuse_at(lines.with_modifier(ModifierEffect.REDUCED), outcomes.CONTRACTOR_DECIDES)


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Price the lines at the percent, and note that it is assumed."""
    chosen = priced_with(lines, ModifierEffect.REDUCED)
    if not len(chosen):
        return
    take(decided, chosen, np.full(len(chosen), era.look_up(ReducedService).rate), "reduced_service")
    decided.notes[chosen] |= Note.REDUCED_SERVICE


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the reduced service's percent."""
    for station in case.stations("reduced_service"):
        modifier = case.modifier_that(ModifierEffect.REDUCED)
        row = next(row for row in reference.rows_on("reduced_service", case.day, modifier=modifier) if "value" in row)
        before, after = case.around(station)
        name, factor = modifier_name(case, modifier), percent_of(case.figure(station, "rate"))
        yield RuleStep(f"modifier {modifier}", name, before, factor, after, source_of(row))


RULE = Rule(
    "reduced_service",
    leave_to_contractor=leave_to_contractor,
    decide=decide,
    steps=steps,
    notes={Note.REDUCED_SERVICE: "the percent of a reduced service is assumed: the contractor decides"},
)
