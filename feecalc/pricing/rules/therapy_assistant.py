"""Therapy by a therapist's assistant (CQ, CO): Medicare pays a part of its share; the patient's share is not cut.

Percents and days: reference/modifier.toml, part medicare. Source: SSA 1834(v).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from feecalc import reference
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of
from feecalc.pricing.rules.rule import LookUp, Payment, Rule


class TherapyAssistant(LookUp):
    """Look up what Medicare pays of its share."""

    @cached_property
    def rate(self) -> int:
        rows = self.book.rows("modifier", kind="therapy_assistant")
        return min((percent.rate(row["value"]) for row in rows if "value" in row), default=percent.WHOLE)


def pay(payment: Payment) -> None:
    """Reduce Medicare's part to the percent."""
    at = payment.lines.with_modifier(ModifierEffect.THERAPY_ASSISTANT)
    whole = payment.medicare[at]
    payment.medicare[at] = percent.share(whole, payment.era.look_up(TherapyAssistant).rate)
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


RULE = Rule("therapy_assistant", pay=pay, payment_steps=payment_steps)
