"""Percents of Medicare that explain amounts to the cent: lines counted for every hundredth of a percent at once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from feecalc.contracts.inference.amount_ranges import AmountRanges
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.thresholds import Thresholds
from feecalc.money import rounded, rounded_to
from feecalc.pricing.arrays import Flags, Integers

_WHOLE = 10_000  # 100 percent
MOST = 5 * _WHOLE
_PLACES = 2
# Extra evidence that a percent needs the less round it is: 120, then 117.5, then 117.43. [nats]
_ROUND = ((100, 0.0), (50, 1.0), (10, 2.0), (1, 3.0))
_NATS_OF_A_LINE = 2.0
_FEWEST_OF_A_CATEGORY = 3.0  # more lines than the common percent must a percent of its own explain
_SHARE_OF_A_CATEGORY = 0.15
_NOISE = 6  # places of a sum of weights that are kept


def _prior_cost() -> Integers:
    """Return the lines that each percent must explain beyond a round one. [lines]"""
    hundredths = np.arange(MOST + 1)
    cost = np.zeros(MOST + 1)
    for step, nats in reversed(_ROUND):
        cost[hundredths % step == 0] = nats / _NATS_OF_A_LINE
    return cost


PRIOR_COST = _prior_cost()


@dataclass(frozen=True)
class Percents:
    """The common percent, and those of categories with their own. [hundredths of a percent]"""

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
    """Return hundredths of a percent as a percent: 12050 as 120.5."""
    percent = Decimal(hundredths).scaleb(-_PLACES).normalize()
    return rounded_to(percent, 0) if percent == percent.to_integral_value() else percent


def at_percent(medicare: Integers, hundredths: Integers | int) -> Integers:
    """Return a percent of amounts, to the cent, half up. [cents]"""
    amounts: Integers = rounded(medicare * hundredths, _WHOLE)
    return amounts


def best_percents(
    medicare: Integers, evidence: Evidence, ranges: AmountRanges, thresholds: Thresholds, exact_weight: float
) -> Percents:
    """Return the percents that explain most lines, if ``medicare`` is what Medicare allows. [cents; -1: none]

    Each line is explained by a span of percents; the percent in most spans is taken, a round one before another that
    explains as much. ``exact_weight``: added for a line that is explained to the cent.
    """
    explained = explained_by_percent(
        medicare, evidence, ranges, evidence.category, len(evidence.categories), exact_weight
    )
    together = explained.sum(axis=0) - PRIOR_COST
    common = int(together.argmax())
    score, own = float(together[common]), {}
    of_category = explained - PRIOR_COST
    weights = np.bincount(evidence.category, evidence.weight, len(evidence.categories))
    for number, row in enumerate(of_category):
        if not evidence.categories[number]:
            continue  # codes of no category have nothing in common
        percent = int(row.argmax())
        gain = float(row[percent] - explained[number, common])
        if gain >= max(_FEWEST_OF_A_CATEGORY, _SHARE_OF_A_CATEGORY * weights[number]):
            own[number] = percent
            score += gain - _FEWEST_OF_A_CATEGORY / 2
    without_own = [number for number in range(len(explained)) if number not in own]
    others = explained[without_own].sum(axis=0) - PRIOR_COST if without_own else together
    if without_own and own:  # the common percent is that of the categories that have none of their own
        better = int(others.argmax())
        score += float(others[better] - others[common])
        common = better
    sureness = 1 / float(np.exp(thresholds.nats * (others - others[common])).sum())
    return Percents(common, own, score, sureness)


def common_percent(medicare: Integers, evidence: Evidence, tolerance: int) -> int:
    """Return the percent that explains most lines, whatever their category. [hundredths of a percent]"""
    ranges, one_category = AmountRanges.of(evidence, tolerance, with_cut=False), np.zeros_like(evidence.category)
    return int((explained_by_percent(medicare, evidence, ranges, one_category, 1)[0] - PRIOR_COST).argmax())


def explained_by_percent(
    medicare: Integers, evidence: Evidence, ranges: AmountRanges, row: Integers, rows: int, exact_weight: float = 0.0
) -> Integers:
    """Return the weight of the lines that each percent explains. Shape: [row, hundredth of a percent].

    ``row``: the row that each line counts in, of ``rows``.
    """
    known = np.flatnonzero((medicare > 0) & (evidence.paid > 0) & (evidence.weight > 0))
    amounts, at_charge, row = medicare[known], ranges.at_charge[known], row[known]
    weight, columns = evidence.weight[known], MOST + 2
    changes = np.zeros(rows * columns)
    for least, most, factor in (
        (ranges.least, ranges.most, 1.0),
        (ranges.exact_least, ranges.exact_most, exact_weight),
    ):
        if not factor:
            continue
        first, last, possible = _spans(amounts, least[known], most[known], at_charge)
        row_start, line_weight = (row * columns)[possible], factor * weight[possible]
        changes += np.bincount(row_start + first, line_weight, rows * columns)
        changes -= np.bincount(row_start + last + 1, line_weight, rows * columns)
    explained: Integers = np.cumsum(changes.reshape(rows, columns), axis=1)[:, :-1]
    return np.round(explained, _NOISE)


def _spans(amounts: Integers, least: Integers, most: Integers, at_charge: Flags) -> tuple[Integers, Integers, Flags]:
    """Return the first and last percent that brings each amount into its span of cents, and whether there is one."""
    half = _WHOLE // 2
    first = _ceiling((2 * least - 1) * half, amounts)
    last = _ceiling((2 * most + 1) * half, amounts) - 1
    last[at_charge] = MOST  # the charge was the ceiling: any percent from there on
    possible = (first <= MOST) & (last >= first)
    return np.clip(first[possible], 0, MOST), np.clip(last[possible], 0, MOST), possible


def _ceiling(numerator: Integers, denominator: Integers) -> Integers:
    quotient: Integers = -(-numerator // denominator)
    return quotient
