"""Participation: a biller without the agreement is paid a part of the schedule, and may not charge above a limit.

Those who must take assignment have neither. Percents: reference/participation.toml, provider_type.toml.
Source: SSA 1848(a)(3), 1848(g)(2)(C), 1833(a)(1), 1842(b)(18)(C). The limiting charge is of a unit's fee schedule
amount before that is rounded, and rounded once, as CMS's look-up prints it; where a rule took something off after the
fee, and for anesthesia, of the rounded amount. The other percentages are of the rounded amount, rounded to the cent,
halves up: CMS publishes no rounding for these, so that is an assumption, and named one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.errors import InvalidValue
from feecalc.pricing.claims.arrays import percent as rates
from feecalc.pricing.rules.practitioner import ProviderTypes
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, rule_source
from feecalc.pricing.rules.rule import LookUp, Payment, Rule


@dataclass(frozen=True)
class Biller:
    """Hold a kind of biller on a day: his percent of the schedule, and whether he must take assignment."""

    provider_type: str
    name: str
    percent: str
    mandatory_assignment: bool
    source: str


@dataclass(frozen=True)
class Percent:
    """Hold a percentage of the fee schedule amount."""

    percent: str
    source: str


def biller(provider_type: str, day: date) -> Biller:
    """Return the provider type on ``day``. Raises InvalidValue with the known ones."""
    rows = reference.rows_on("provider_type", day, provider_type=provider_type.strip().lower())
    if not rows:
        known = ", ".join(sorted({row["provider_type"] for row in reference.rows_on("provider_type", day)}))
        raise InvalidValue(f"no provider type {provider_type[:40]!r} on {day}; the known ones are {known}")
    (row,) = rows
    return Biller(row["provider_type"], row["name"], row["value"], row["mandatory_assignment"], row["source"])


def limiting_charge(day: date) -> Percent:
    """Return the most a nonparticipating physician may charge on an unassigned claim."""
    row = reference.row_on("participation", day, kind="limiting_charge")
    return Percent(row["value"], row["source"])


class Participation(LookUp):
    """Look up what a biller without the agreement is paid."""

    @cached_property
    def rate(self) -> int:
        return rates.rate(self.book.row("participation", kind="nonparticipating_payment")["value"])


def pay(payment: Payment) -> None:
    """Allow the lines of nonparticipating billers their percent."""
    if not payment.rules.participation:
        return
    lines = payment.lines
    must = payment.era.look_up(ProviderTypes).takes_assignment
    outside = np.flatnonzero(~lines.participating & ~must[lines.biller])
    if len(outside):
        payment.participation = payment.participation.copy()
        payment.participation[outside] = payment.era.look_up(Participation).rate
        payment.take("nonparticipating", outside, payment.participation[outside])


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the nonparticipating biller's percent."""
    for station in case.stations("nonparticipating"):
        before, after = case.around(station)
        factor = percent_of(case.figure(station, "rate"))
        source = rule_source("participation", case.day, kind="nonparticipating_payment")
        yield RuleStep("nonparticipating", "billed without a participation agreement", before, factor, after, source)


RULE = Rule("participation", pay=pay, steps=steps)
