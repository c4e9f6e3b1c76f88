"""Two surgeons operate as co-surgeons (62): each is paid a part of the fee, where the code's indicator allows two.

Percent and indicators: reference/cosurgery.toml, the rows of modifier 62. Source: Pub. 100-04 ch. 12 sec. 40.8;
RVU25D.pdf, field Co-surgeons (Modifier 62).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, modifier_name, percent_of, source_of
from feecalc.pricing.rules.rule import LookUp, Rule, priced_with, take


class CosurgeryRows(LookUp):
    """Look up which rows pay co-surgeons, and what."""

    @cached_property
    def rate(self) -> int:
        return percent.rate(self.book.row("cosurgery", kind="percent")["value"])

    @cached_property
    def applies(self) -> Flags:
        paid = self.book.indicators("cosurgery", "cosurgeon_indicator", "paid", "with_documentation")
        return self.rows.have("cosurgeon_indicator", *paid)


def has_unknown_indicator(lines: Lines, era: Era) -> Flags:
    """Mark the lines of co-surgeons whose indicator the rules do not know."""
    return _is_cosurgery(lines) & era.rows.is_unknown("cosurgeon_indicator")[lines.row]


def does_not_apply(lines: Lines, era: Era) -> Flags:
    """Mark the lines of co-surgeons whose code has none."""
    return _is_cosurgery(lines) & ~era.look_up(CosurgeryRows).applies[lines.row]


def _is_cosurgery(lines: Lines) -> Flags:
    found: Flags = (lines.does & ModifierEffect.COSURGERY) != 0
    return found


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Price each co-surgeon's line at the percent."""
    chosen = priced_with(lines, ModifierEffect.COSURGERY)
    if len(chosen):
        take(decided, chosen, np.full(len(chosen), era.look_up(CosurgeryRows).rate), "cosurgery")


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the co-surgeon's percent."""
    for station in case.stations("cosurgery"):
        modifier = case.modifier_that(ModifierEffect.COSURGERY)
        row = reference.row_on("cosurgery", case.day, modifier=modifier, kind="percent")
        before, after = case.around(station)
        name, factor = modifier_name(case, modifier), percent_of(case.figure(station, "rate"))
        yield RuleStep(f"modifier {modifier}", name, before, factor, after, source_of(row))


RULE = Rule(
    "cosurgery",
    has_unknown_indicator=has_unknown_indicator,
    does_not_apply=does_not_apply,
    judged=ModifierEffect.COSURGERY,
    refusal="its co-surgeon indicator is {cosurgeon_indicator}",
    decide=decide,
    steps=steps,
)
