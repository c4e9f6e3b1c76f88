"""Which percents of Medicare, in hundredths of a percent, explain amounts to the cent: counted for all at once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.reach import Reach
from feecalc.contracts.inference.thresholds import Thresholds
from feecalc.money import rounded, rounded_to
from feecalc.pricing.arrays import Flags, Integers

_WHOLE = 10_000  # 100 percent
MOST = 5 * _WHOLE
_PLACES = 2
# What a percent must have going for it the less round it is: 120, then 117.5, then 117.43. [nats]
_ROUND = ((100, 0.0), (50, 1.0), (10, 2.0), (1, 3.0))
_NATS_OF_A_LINE = 2.0
_FEWEST_OF_A_CATEGORY = 3.0  # more lines than the common percent must a percent of its own explain
_SHARE_OF_A_CATEGORY = 0.15
_NOISE = 6  # places of a sum of weights that are kept


def _reluctance() -> Integers:
    """Return how little each percent is to be expected beforehand. [lines]"""
    hundredths = np.arange(MOST + 1)
    found = np.zeros(MOST + 1)
    for step, nats in reversed(_ROUND):
        found[hundredths % step == 0] = nats / _NATS_OF_A_LINE
    return found


RELUCTANCE = _reluctance()


@dataclass(frozen=True)
class Percents:
    """A common percent and those of categories that have their own. [hundredths of a percent]"""

    common: int
    own: dict[int, int]
    score: float  # lines explained, less what the percents cost
    sureness: float  # of the common percent, given the amounts

    def of_lines(self, evidence: Evidence) -> Integers:
        """Return the percent of each line."""
        of_category = np.full(len(evidence.categories), self.common, np.int64)
        for number, percent in self.own.items():
            of_category[number] = percent
        return of_category[evidence.category]


def as_percent(hundredths: int) -> Decimal:
    """Return ``12050`` as 120.5."""
    found = Decimal(hundredths).scaleb(-_PLACES).normalize()
    return rounded_to(found, 0) if found == found.to_integral_value() else found


def at_percent(medicare: Integers, hundredths: Integers | int) -> Integers:
    """Return a percent of amounts, to the cent, halves up. [cents]"""
    found: Integers = rounded(medicare * hundredths, _WHOLE)
    return found


def best_percents(medicare: Integers, evidence: Evidence, reach: Reach, terms: Thresholds, exact: float) -> Percents:
    """Return the percents that explain most lines, were ``medicare`` what Medicare allows for them. [cents; -1: none]

    Each line allows the percents of a span; the spans of all lines are laid over one another and the highest place
    taken, a round percent before another that explains as much. ``exact``: what a line counts more to the cent.
    """
    layers = heights(medicare, evidence, reach, evidence.category, len(evidence.categories), exact)
    together = layers.sum(axis=0) - RELUCTANCE
    common = int(together.argmax())
    score, own = float(together[common]), {}
    of_category = layers - RELUCTANCE
    weights = np.bincount(evidence.category, evidence.weight, len(evidence.categories))
    for number, row in enumerate(of_category):
        if not evidence.categories[number]:
            continue  # codes of no category have nothing in common
        percent = int(row.argmax())
        gain = float(row[percent] - layers[number, common])
        if gain >= max(_FEWEST_OF_A_CATEGORY, _SHARE_OF_A_CATEGORY * weights[number]):
            own[number] = percent
            score += gain - _FEWEST_OF_A_CATEGORY / 2
    free = [number for number in range(len(layers)) if number not in own]
    others = layers[free].sum(axis=0) - RELUCTANCE if free else together
    if free and own:  # the common percent is that of the categories that have none of their own
        better = int(others.argmax())
        score += float(others[better] - others[common])
        common = better
    sureness = 1 / float(np.exp(terms.nats * (others - others[common])).sum())
    return Percents(common, own, score, sureness)


def common_percent(medicare: Integers, evidence: Evidence, tolerance: int) -> int:
    """Return the one percent that explains most lines, whatever their category. [hundredths of a percent]"""
    reach, all_of_one = Reach.of(evidence, tolerance, taken=False), np.zeros_like(evidence.category)
    return int((heights(medicare, evidence, reach, all_of_one, 1)[0] - RELUCTANCE).argmax())


def heights(
    medicare: Integers, evidence: Evidence, reach: Reach, row: Integers, rows: int, exact: float = 0.0
) -> Integers:
    """Return how much is explained by each percent. Shape: [row, hundredth of a percent]; ``row``: of each line."""
    known = np.flatnonzero((medicare > 0) & (evidence.paid > 0) & (evidence.weight > 0))
    amounts, at_charge, row = medicare[known], reach.at_charge[known], row[known]
    weight, across = evidence.weight[known], MOST + 2
    found = np.zeros(rows * across)
    for least, most, times in ((reach.least, reach.most, 1.0), (reach.exact_least, reach.exact_most, exact)):
        if not times:
            continue
        first, last, possible = _spans(amounts, least[known], most[known], at_charge)
        begin, counted = (row * across)[possible], times * weight[possible]
        found += np.bincount(begin + first, counted, rows * across)
        found -= np.bincount(begin + last + 1, counted, rows * across)
    layers: Integers = np.cumsum(found.reshape(rows, across), axis=1)[:, :-1]
    return np.round(layers, _NOISE)


def _spans(amounts: Integers, least: Integers, most: Integers, at_charge: Flags) -> tuple[Integers, Integers, Flags]:
    """Return the first and last percent at which each amount comes to its span of cents, and where there is one."""
    half = _WHOLE // 2
    first = _ceiling((2 * least - 1) * half, amounts)
    last = _ceiling((2 * most + 1) * half, amounts) - 1
    last[at_charge] = MOST  # the charge was the ceiling: any percent from there on
    possible = (first <= MOST) & (last >= first)
    return np.clip(first[possible], 0, MOST), np.clip(last[possible], 0, MOST), possible


def _ceiling(above: Integers, below: Integers) -> Integers:
    found: Integers = -(-above // below)
    return found
