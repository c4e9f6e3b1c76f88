"""Therapy by a therapist's assistant (CQ, CO): Medicare pays a part of its share; the patient's share is not cut.

Percents and days: reference/modifier.toml, part medicare. Source: SSA 1834(v); Pub. 100-04 ch. 5 sec. 20.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.rows import NONE
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of
from feecalc.pricing.rules.rule import LookUp, Payment, RowChoice, Rule


class TherapyAssistant(LookUp):
    """Look up what Medicare pays of its share."""

    @cached_property
    def rate(self) -> int:
        rows = self.book.rows("modifier", kind="therapy_assistant")
        return min((percent.rate(row["value"]) for row in rows if "value" in row), default=percent.WHOLE)

    @cached_property
    def beside(self) -> Integers:
        """Return the number of the plan's modifier that must stand with each; NONE. Shape: [modifier + 1]."""
        words = self.rows.words.modifiers
        found = np.full(len(words.listed) + 1, NONE)
        for row in self.book.rows("modifier", kind="therapy_assistant"):
            found[words.at[row["modifier"]]] = words.at[row["beside"]]
        return found


def read_line(choice: RowChoice) -> None:
    """Note the lines of an assistant without the modifier of his plan of care."""
    at = choice.lines.with_modifier(ModifierEffect.THERAPY_ASSISTANT)
    if not len(at):
        return
    beside = choice.era.look_up(TherapyAssistant).beside
    given = [modifier[at] for modifier in choice.modifiers]
    for own in given:
        wanted = beside[own]
        has_plan = np.logical_or.reduce([each == wanted for each in given])
        choice.lines.notes[at[(wanted != NONE) & ~has_plan]] |= Note.ASSISTANT_WITHOUT_PLAN


def pay(payment: Payment) -> None:
    """Reduce Medicare's part to the percent."""
    at = payment.lines.with_modifier(ModifierEffect.THERAPY_ASSISTANT)
    whole, rate = payment.medicare[at], payment.era.look_up(TherapyAssistant).rate
    payment.medicare[at] = percent.share(whole, rate)
    payment.medicare_rate[at] = payment.medicare_rate[at] * rate // percent.WHOLE
    if payment.trail is not None:
        payment.trail.keep("therapy_assistant", at, whole, payment.medicare[at])


def payment_steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the percent of Medicare's part."""
    for station in case.stations("therapy_assistant"):
        modifier = case.modifier_that(ModifierEffect.THERAPY_ASSISTANT)
        rule = reference.row_on("modifier", case.day, modifier=modifier)
        before, after = case.around(station)
        factor = percent_of(case.followed.era.look_up(TherapyAssistant).rate)
        yield RuleStep(f"modifier {modifier}", rule["name"], before, factor, after, source_of(rule))


RULE = Rule(
    "therapy_assistant",
    read_line=read_line,
    pay=pay,
    payment_steps=payment_steps,
    notes={
        Note.ASSISTANT_WITHOUT_PLAN: "an assistant's modifier (CQ, CO) stands without that of the plan of care (CQ "
        "with GP, CO with GO): Medicare sends such a claim back",
    },
)
