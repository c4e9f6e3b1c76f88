"""A practitioner who is no physician is paid a part of the schedule: nurse practitioners, midwives, social workers ...

AS (an assistant at surgery) has the percent in it already, so it is not taken twice. Each provider type's percent, and
whether he must take assignment: reference/provider_type.toml. Source: SSA 1833(a)(1), 1842(b)(18)(C); Pub. 100-04
ch. 12 sec. 110.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of
from feecalc.pricing.rules.rule import LookUp, Payment, Rule


class ProviderTypes(LookUp):
    """Look up what the rules say of each provider type. Shape of each: [provider type + 1]."""

    @cached_property
    def rate(self) -> Integers:
        """Return the percent of each provider type, 0 for one that is not known."""
        words = self.rows.words.provider_types
        rates = np.zeros(len(words.listed) + 1, np.int64)
        for row in self.book.rows("provider_type"):
            rates[words.at[row["provider_type"]]] = percent.rate(row["value"])
        return rates

    @cached_property
    def takes_assignment(self) -> Flags:
        """Return whether each provider type must take assignment."""
        words = self.rows.words.provider_types
        must = np.zeros(len(words.listed) + 1, np.bool_)
        for row in self.book.rows("provider_type"):
            must[words.at[row["provider_type"]]] = row["mandatory_assignment"]
        return must


def pay(payment: Payment) -> None:
    """Allow each biller's lines his percent; the whole where another rule has taken it."""
    if not payment.rules.practitioner_percent:
        return
    lines = payment.lines
    rates = payment.era.look_up(ProviderTypes).rate[lines.biller]
    rates[lines.with_modifier(ModifierEffect.PRACTITIONER_ASSISTANT)] = percent.WHOLE
    payment.practitioner = rates
    lesser = np.flatnonzero(rates != percent.WHOLE)
    payment.take("practitioner", lesser, rates[lesser])


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the biller and his percent."""
    for station in case.stations("practitioner"):
        number = int(case.followed.priced.lines.biller[case.followed.line])
        biller = case.followed.era.words.provider_types.listed[number]
        row = reference.row_on("provider_type", case.day, provider_type=biller)
        before, after = case.around(station)
        factor = percent_of(case.figure(station, "rate"))
        yield RuleStep("practitioner", row["name"], before, factor, after, source_of(row))


RULE = Rule("practitioner", pay=pay, steps=steps)
