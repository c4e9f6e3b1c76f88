"""Which amounts, before sequestration, would have been paid as a line was: with the cut taken off, or without."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from feecalc.contracts.amounts import HUNDRED_PERCENT
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.terms.sequestration import after_cut
from feecalc.pricing.arrays import Flags, Integers

_STEPS = 6  # amounts looked at around the one that a plain division gives


@dataclass(frozen=True)
class Reach:
    """From the least to the most amount that explains what was paid, and those that do to the cent. [cents]

    ``cut`` is what is taken off, ``at_charge`` whether the line was paid its charge. Shape of each: [line].
    """

    least: Integers
    most: Integers
    exact_least: Integers
    exact_most: Integers
    at_charge: Flags
    cut: Integers

    @classmethod
    def of(cls, evidence: Evidence, tolerance: int, *, taken: bool) -> Reach:
        """Return the reach of lines. ``tolerance`` in cents; ``taken``: sequestration is passed on."""
        paid, cut = evidence.paid, evidence.cut if taken else np.zeros_like(evidence.cut)
        at_charge = (evidence.billed >= 0) & (after_cut(evidence.billed, cut) == paid)
        ends = (paid - tolerance, paid + tolerance, paid, paid)
        if not taken:
            return cls(*ends, at_charge, cut)
        least, most = _least(ends[0], cut), _least(ends[1] + 1, cut) - 1
        return cls(least, most, _least(paid, cut), _least(paid + 1, cut) - 1, at_charge, cut)

    def rows(self, at: Integers) -> Reach:
        """Return some of the lines."""
        return Reach(*(getattr(self, array.name)[at] for array in fields(self)))

    def explains(self, amounts: Integers, billed: Integers) -> Flags:
        """Return whether amounts before the charge and the cut are what was paid, to the tolerance."""
        within = (self.least <= amounts) & (amounts <= self.most)
        found: Flags = within | (self.at_charge & (amounts >= billed))
        return found

    def exactly(self, amounts: Integers, billed: Integers) -> Flags:
        """Return the same, to the cent."""
        within = (self.exact_least <= amounts) & (amounts <= self.exact_most)
        found: Flags = within | (self.at_charge & (amounts >= billed))
        return found


def _least(paid: Integers, cut: Integers) -> Integers:
    """Return the least amount that pays so much, or more, after the cut."""
    near = paid * HUNDRED_PERCENT // (HUNDRED_PERCENT - cut) - _STEPS // 2
    tried = near + np.arange(_STEPS + 1)[:, None]
    at = (after_cut(tried, cut) >= paid).argmax(axis=0)
    found: Integers = near + at
    return found
