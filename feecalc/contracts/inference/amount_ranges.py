"""Ranges of amounts, before sequestration, that explain what each line was paid."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from feecalc.contracts.amounts import HUNDRED_PERCENT
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.terms.sequestration import after_cut
from feecalc.pricing.arrays import Flags, Integers

_STEPS = 6  # amounts looked at around the one that a plain division gives


@dataclass(frozen=True)
class AmountRanges:
    """The least and most amount that explain each line's payment, to the tolerance and to the cent. [cents]

    ``cut`` is sequestration [10^-4 of a percent], ``at_charge`` whether the line was paid its charge. Shape: [line].
    """

    least: Integers
    most: Integers
    exact_least: Integers
    exact_most: Integers
    at_charge: Flags
    cut: Integers

    @classmethod
    def of(cls, evidence: Evidence, tolerance: int, *, with_cut: bool) -> AmountRanges:
        """Return the ranges of lines. ``tolerance`` in cents; ``with_cut``: sequestration is passed on."""
        paid, cut = evidence.paid, evidence.cut if with_cut else np.zeros_like(evidence.cut)
        at_charge = (evidence.billed >= 0) & (after_cut(evidence.billed, cut) == paid)
        ends = (paid - tolerance, paid + tolerance, paid, paid)
        if not with_cut:
            return cls(*ends, at_charge, cut)
        least, most = _least(ends[0], cut), _least(ends[1] + 1, cut) - 1
        return cls(least, most, _least(paid, cut), _least(paid + 1, cut) - 1, at_charge, cut)

    def rows(self, lines: Integers) -> AmountRanges:
        """Return the ranges of some of the lines."""
        return AmountRanges(*(getattr(self, array.name)[lines] for array in fields(self)))

    def explains(self, amounts: Integers, billed: Integers) -> Flags:
        """Return whether amounts before the charge ceiling and sequestration explain the payments, to the tolerance."""
        within = (self.least <= amounts) & (amounts <= self.most)
        explained: Flags = within | (self.at_charge & (amounts >= billed))
        return explained

    def exactly(self, amounts: Integers, billed: Integers) -> Flags:
        """Return whether amounts before the charge ceiling and sequestration explain the payments to the cent."""
        within = (self.exact_least <= amounts) & (amounts <= self.exact_most)
        explained: Flags = within | (self.at_charge & (amounts >= billed))
        return explained


def _least(paid: Integers, cut: Integers) -> Integers:
    """Return the least amount that pays at least ``paid`` after the cut."""
    near = paid * HUNDRED_PERCENT // (HUNDRED_PERCENT - cut) - _STEPS // 2
    tried = near + np.arange(_STEPS + 1)[:, None]
    step = (after_cut(tried, cut) >= paid).argmax(axis=0)
    amount: Integers = near + step
    return amount
