"""Which percents of Medicare, in hundredths of a percent, explain amounts to the cent: counted for all at once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from feecalc.contracts.inference.evidence import Evidence
from feecalc.pricing.arrays import Flags, Whole

_WHOLE = 10_000  # 100 percent
_MOST = 5 * _WHOLE
_PLACES = 2
# What a line counts as evidence: the natural logarithm of how much likelier an amount is that a reading explains.
NATS = 2.0
# What a percent must have going for it the less round it is: 120, then 117.5, then 117.43. [nats]
_ROUND = ((100, 0.0), (50, 1.0), (10, 2.0), (1, 3.0))
_FEWEST_OF_A_CATEGORY = 3.0  # more lines than the common percent must a percent of its own explain
_SHARE_OF_A_CATEGORY = 0.15
_NOISE = 6  # places of a sum of weights that are kept


def _reluctance() -> Whole:
    """How little each percent is to be expected beforehand. [lines]"""
    hundredths = np.arange(_MOST + 1)
    found = np.zeros(_MOST + 1)
    for step, nats in reversed(_ROUND):
        found[hundredths % step == 0] = nats / NATS
    return found


_RELUCTANCE = _reluctance()


@dataclass(frozen=True)
class Percents:
    """A common percent and those of categories that have their own. [hundredths of a percent]"""

    common: int
    own: dict[int, int]
    score: float  # lines explained, less what the percents cost
    sureness: float  # of the common percent, given the amounts

    def of_lines(self, evidence: Evidence) -> Whole:
        """The percent of each line."""
        each = np.full(len(evidence.categories), self.common, np.int64)
        for number, percent in self.own.items():
            each[number] = percent
        return each[evidence.category]


def as_percent(hundredths: int) -> Decimal:
    """``12050`` as 120.5."""
    found = Decimal(hundredths).scaleb(-_PLACES).normalize()
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found


def at_percent(medicare: Whole, hundredths: Whole | int) -> Whole:
    """A percent of amounts, to the cent, halves up. [cents]"""
    found: Whole = (2 * medicare * hundredths + _WHOLE) // (2 * _WHOLE)
    return found


def explained(medicare: Whole, percents: Percents, evidence: Evidence, tolerance: int) -> Flags:
    """Which lines were paid the percent of these amounts, or their charge where that is less, give or take cents."""
    expected = at_percent(medicare, percents.of_lines(evidence))
    at_charge = (evidence.billed >= 0) & (evidence.billed == evidence.paid) & (expected >= evidence.billed)
    found: Flags = (medicare > 0) & (evidence.paid > 0) & (at_charge | (np.abs(expected - evidence.paid) <= tolerance))
    return found


def best_percents(medicare: Whole, evidence: Evidence, tolerance: int) -> Percents:
    """The percents that explain most of the lines, were ``medicare`` what Medicare allows for them. [cents; -1: none]

    Each line allows the percents of a span; the spans of all lines are laid over one another and the highest place
    taken, a round percent before another that explains as much.
    """
    heights = _heights(medicare, evidence, tolerance)
    together = heights.sum(axis=0) - _RELUCTANCE
    common = int(together.argmax())
    score, own = float(together[common]), {}
    of_category = heights - _RELUCTANCE
    weights = np.bincount(evidence.category, evidence.weight, len(evidence.categories))
    for number, row in enumerate(of_category):
        if not evidence.categories[number]:
            continue  # codes of no category have nothing in common
        percent = int(row.argmax())
        gain = float(row[percent] - heights[number, common])
        if gain >= max(_FEWEST_OF_A_CATEGORY, _SHARE_OF_A_CATEGORY * weights[number]):
            own[number] = percent
            score += gain - _FEWEST_OF_A_CATEGORY / 2
    free = [number for number in range(len(heights)) if number not in own]
    others = heights[free].sum(axis=0) - _RELUCTANCE if free else together
    if free and own:  # the common percent is that of the categories that have none of their own
        better = int(others.argmax())
        score += float(others[better] - others[common])
        common = better
    sureness = 1 / float(np.exp(NATS * (others - others[common])).sum())
    return Percents(common, own, score, sureness)


def common_percent(medicare: Whole, evidence: Evidence, tolerance: int) -> int:
    """The one percent that explains most lines, whatever their category. [hundredths of a percent]"""
    return int((_heights(medicare, evidence, tolerance).sum(axis=0) - _RELUCTANCE).argmax())


def _heights(medicare: Whole, evidence: Evidence, tolerance: int) -> Whole:
    """How much is explained by each percent. Shape: [category, hundredth of a percent]."""
    known = np.flatnonzero((medicare > 0) & (evidence.paid > 0))
    amounts, paid, billed = medicare[known], evidence.paid[known], evidence.billed[known]
    half = _WHOLE // 2
    first = _ceiling((2 * (paid - tolerance) - 1) * half, amounts)
    last = _ceiling((2 * (paid + tolerance) + 1) * half, amounts) - 1
    last[(billed >= 0) & (billed == paid)] = _MOST  # the charge was the ceiling: any percent from there on
    possible = (first <= _MOST) & (last >= first)
    first, last = np.clip(first[possible], 0, _MOST), np.clip(last[possible], 0, _MOST)
    category, weight = evidence.category[known][possible], evidence.weight[known][possible]
    across, rows = _MOST + 2, len(evidence.categories)
    begins = np.bincount(category * across + first, weight, rows * across)
    ends = np.bincount(category * across + last + 1, weight, rows * across)
    found: Whole = np.cumsum((begins - ends).reshape(rows, across), axis=1)[:, :-1]
    return np.round(found, _NOISE)


def _ceiling(above: Whole, below: Whole) -> Whole:
    found: Whole = -(-above // below)
    return found
