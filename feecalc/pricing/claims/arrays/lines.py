"""The lines of a batch in one era, as arrays, and what the rules decide of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from feecalc.money import rounded
from feecalc.pricing.arrays import Flags, Integers, taken
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.segments import place_among
from feecalc.pricing.claims.arrays.trail import Trail
from feecalc.pricing.claims.outcomes import PRICED

NONE = -1
NO_DAY = -(10**6)  # in place of a date of service that cannot be read
_ASSISTANTS = ModifierEffect.ASSISTANT | ModifierEffect.PRACTITIONER_ASSISTANT
# Lines of one code and 62 that differ in one of these are one co-surgeon's: his sides, his parts of the care.
OF_ONE_SURGEON = (
    ModifierEffect.RIGHT | ModifierEffect.LEFT | ModifierEffect.BOTH_SIDES
    | ModifierEffect.INTRAOPERATIVE | ModifierEffect.POSTOPERATIVE | ModifierEffect.PREOPERATIVE
)  # fmt: skip


@dataclass
class Lines:
    """Hold claim lines. Shape of each: [line]. A group is of one patient, day and physician.

    Where rules look at several lines, those of a group stand together, in the order of their numbers.
    """

    group: Integers  # the group's number
    number: Integers  # the line's number on its claim
    practice: Integers  # the patient, day and group practice, whoever the physician
    patient_day: Integers  # the patient's day, whoever the physician
    rendering: Integers  # who rendered the service, as a number; 0 for all where no line says
    unsure: Flags  # whether the specialty, and so who is the same physician, is not known
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
        found: Flags = (self.does & _ASSISTANTS) != 0
        return found

    @cached_property
    def surgeon(self) -> Integers:
        """Tell those apart who are never ranked with each other in a group: assistants, and two co-surgeons."""
        return self.surgeons_among(self.group)

    def surgeons_among(self, physician: Integers) -> Integers:
        """Return 0 for a surgeon, other numbers for assistants at surgery and for the second co-surgeon of a code.

        ``physician``: the number of each line's physician.
        """
        found = np.zeros(len(self), np.int64)
        helping = self.with_modifier(_ASSISTANTS)
        found[helping] = -1 - self.rendering[helping]
        joint = self.priced_at(self.with_modifier(ModifierEffect.COSURGERY))
        if len(joint) > 1:
            alike = self.does[joint] & OF_ONE_SURGEON
            found[joint] = place_among(physician[joint], self.row[joint], alike, number=self.number[joint])
        return found

    @cached_property
    def _modified(self) -> tuple[Integers, Integers, int]:
        """Return the positions of the lines with a modifier that does something, what it does, and what any does."""
        at = np.flatnonzero(self.does)
        does = self.does[at]
        return at, does, int(np.bitwise_or.reduce(does)) if len(at) else 0

    def any_modifier(self, does: int) -> bool:
        """Return whether a modifier of any line does any of these."""
        return (self._modified[2] & does) != 0

    def with_modifier(self, does: int) -> Integers:
        """Return the positions of the lines whose modifiers do any of these."""
        at, own, _ = self._modified
        return at[(own & does) != 0] if self.any_modifier(does) else at[:0]

    def take(self, at: Integers) -> Lines:
        """Return some of the lines, as arrays of their own."""
        return Lines(**{field.name: taken(getattr(self, field.name), at) for field in fields(self)})

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
        rates = self.rates[at]
        less = np.flatnonzero(rates != percent.WHOLE)
        shares = cents.copy()
        shares[less] = percent.share(cents[less], rates[less])
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


@dataclass(frozen=True)
class ProfessionalShare:
    """Hold the lines of which the professional part alone has a bonus: that part, of what the line pays. [cents]"""

    at: Integers  # position of the line
    part: Integers
    of: Integers


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
    professional: ProfessionalShare | None = None
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
