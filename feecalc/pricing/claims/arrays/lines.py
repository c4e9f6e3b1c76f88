"""The lines of a batch in one era, as arrays, and what the rules decide of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from feecalc.money import rounded
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.trail import Trail
from feecalc.pricing.claims.outcomes import PRICED

NONE = -1
NO_DAY = -(10**6)  # in place of a date of service that cannot be read


@dataclass
class Lines:
    """Hold claim lines. Shape of each: [line]. Lines of a group (patient, day, physician) stand together."""

    group: Integers  # the group's number, never decreasing
    number: Integers  # the line's number on its claim
    patient_day: Integers  # the patient's day, whoever the physician; never decreasing
    row: Integers  # the relative value row paid
    billed_row: Integers  # the row of the code and component on the line
    locality: Integers
    facility: Flags
    does: Integers  # bits of ModifierEffect
    units: Integers
    factor: Integers  # conversion factor of the line's track [ten-thousandths]
    billed: Integers  # cents, -1 where not given
    biller: Integers
    qp: Flags
    minutes: Integers  # -1 where not given
    anesthesia: Integers  # the line's first anesthesia modifier, as a word's number; that of "" where none
    participating: Flags
    postoperative_days: Integers  # -1 where not given
    present_at_induction: Flags
    claim: Integers  # the claim's number in the batch, 0 for all where no deductible is left
    deductible: Integers  # cents of the deductible left before the claim
    status: Integers  # numbers of Outcomes
    notes: Integers  # bits of Note that the row billed and the place give

    @cached_property
    def by_assistant(self) -> Flags:
        """Mark the lines of an assistant at surgery, who ranks apart from the surgeon."""
        found: Flags = (self.does & (ModifierEffect.ASSISTANT | ModifierEffect.PRACTITIONER_ASSISTANT)) != 0
        return found

    @cached_property
    def _modified(self) -> Integers:
        """Return the positions of the lines with a modifier that does something."""
        return np.flatnonzero(self.does)

    def with_modifier(self, does: int) -> Integers:
        """Return the positions of the lines whose modifiers do any of these."""
        found: Integers = self._modified[(self.does[self._modified] & does) != 0]
        return found

    def take(self, at: Integers) -> Lines:
        """Return some of the lines, as arrays of their own."""
        return Lines(**{field.name: getattr(self, field.name)[at] for field in fields(self)})

    def refuse(self, wrong: Flags, outcome: int) -> None:
        """Give the lines that are priced so far and ``wrong`` an outcome."""
        self.refuse_at(np.flatnonzero(wrong), outcome)

    def refuse_at(self, wrong: Integers, outcome: int) -> None:
        """Give the priced lines at these positions an outcome."""
        self.status[wrong[self.status[wrong] == PRICED]] = outcome

    def refuse_each(self, outcomes: Integers) -> None:
        """Give the lines that are priced so far each its outcome, ``PRICED`` for those that stay so."""
        np.copyto(self.status, outcomes, where=self.priced(), casting="same_kind")

    def priced_at(self, at: Integers) -> Integers:
        """Return those of some positions whose lines are priced so far."""
        found: Integers = at[self.status[at] == PRICED]
        return found

    def __len__(self) -> int:
        return len(self.group)

    def priced(self) -> Flags:
        found: Flags = self.status == PRICED
        return found


@dataclass(frozen=True)
class Step:
    """Hold a modifier percent of every line, the whole where a line has none. Shape of each: [line]."""

    rates: Integers
    days: Integers | int = 1  # of the days of a period, each line's own
    period: Integers | int = 1

    def of(self, cents: Integers, at: Integers) -> Integers:
        """Apply the percent to amounts at some lines: each of its two parts is rounded."""
        shares = percent.share(cents, self.rates[at])
        if isinstance(self.days, int) or isinstance(self.period, int):
            return shares
        part: Integers = rounded(shares * self.days[at], self.period[at])
        return part


@dataclass
class Procedure:
    """Hold one procedure of some lines: what it pays after the rules of parts, and its technical part. [cents]"""

    amount: Integers
    technical: Integers  # what it still pays for the part
    reduced: Flags


@dataclass(frozen=True)
class LineParts:
    """Hold the lines whose parts matter: images, tests, a ceiling, or old equipment. Shape of each: [in at]."""

    at: Integers  # position of the line
    count: Integers  # procedures
    technical: Integers  # of one procedure before any rule for several lines, -1 where there is none
    first: Procedure
    other: Procedure  # each further one


@dataclass
class Decisions:
    """Hold what the rules decide, one column each. Amounts in cents, -1 where there is none. Shape of each: [line]."""

    fee: Integers  # of one unit, uncapped
    procedures: Integers  # units that rank as procedures
    sides: Integers  # of one procedure, after the bilateral rule
    bilateral_rate: Integers  # ten-thousandths
    pair: Integers  # position of the line that this one is the other side of, -1 for most
    service: Integers  # of one procedure, after the percents of modifiers
    modifier_rate: Integers  # 10^-8
    several: Integers  # of the line, after the several-line rules and what follows them
    before_several: Integers  # of the line, before them
    rank_percents: Integers  # of all its procedures by their ranks, -1 where amounts decide [ten-thousandths]
    rank: Integers  # within its rule, 0 where none
    is_bilateral: Flags  # whether the line says both sides, or one of a pair that does
    in_several_rule: Flags  # whether a several-line rule speaks of the line's code at all
    technical_before: Integers  # technical parts of others ranked before this line's, -1 where not ranked
    professional_before: Integers
    technical_rate: Integers  # of a technical part after the first in its rule [ten-thousandths]
    professional_rate: Integers
    cap: Integers  # the line's ceiling
    above_cap: Integers  # what the ceiling takes off the line
    film_reduction: Integers  # what old equipment takes off the line
    notes: Integers  # bits of Note
    steps: list[Step]  # each modifier percent, in order: for the parts of a line
    anesthetic: Integers  # positions of the lines that anesthesia's own rule prices
    parts: LineParts | None = None
    trail: Trail | None = None  # kept where a receipt is asked for

    @classmethod
    def at_first(cls, fee: Integers, units: Integers, anesthetic: Integers) -> Decisions:
        """Return the decisions before any rule: the fee, every unit a procedure."""
        lines = len(fee)
        zeros, none = np.zeros(lines, np.int64), np.full(lines, NONE)
        return cls(
            fee=fee,
            procedures=units.astype(np.int64),
            sides=fee.copy(),
            bilateral_rate=np.full(lines, percent.WHOLE),
            pair=none.copy(),
            service=fee.copy(),
            modifier_rate=np.full(lines, percent.RATE_WHOLE),
            several=zeros.copy(),
            before_several=zeros.copy(),
            rank_percents=none.copy(),
            rank=zeros.copy(),
            is_bilateral=np.zeros(lines, np.bool_),
            in_several_rule=np.zeros(lines, np.bool_),
            technical_before=none.copy(),
            professional_before=none.copy(),
            technical_rate=np.full(lines, percent.WHOLE),
            professional_rate=np.full(lines, percent.WHOLE),
            cap=none.copy(),
            above_cap=zeros.copy(),
            film_reduction=zeros.copy(),
            notes=zeros.copy(),
            steps=[],
            anesthetic=anesthetic,
        )
