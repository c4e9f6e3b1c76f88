"""The value of a contract term that reaches a target: a revenue, an effective percent of Medicare, or a change.

Found by bisection over whole steps; each step is priced in full, so that a value that is exact is exact to the cent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

import numpy as np

from feecalc.contracts.amounts import NONE
from feecalc.contracts.contract import Contract
from feecalc.contracts.terms import category
from feecalc.contracts.terms.solvable import SolvableTerm
from feecalc.contracts.trials import Trials, total
from feecalc.errors import InvalidValue
from feecalc.money import MONEY_PLACES, rounded_to

_CENT = Decimal("0.01")
_ROUND = (10_000, 1000, 500, 100, 50, 10, 5, 1)  # steps: of values that reach the target the roundest is returned
_TRIED_APART = 400  # contracts priced to find separate percents
_MOST_APART = 3
Revenue = Callable[[Contract], int]


@dataclass(frozen=True)
class SolvedValue:
    """A value of the term, and the revenue at that value. [USD]"""

    values: tuple[Decimal, ...]  # one, or one for each category
    revenue: Decimal
    off: Decimal  # above the target, or below it where negative
    contract: Contract


@dataclass(frozen=True)
class Solution:
    """The value that reaches a target: ``exact``, or the nearest ``below`` and ``above``; None where there is none."""

    what: str
    unit: str
    now: Decimal | None
    revenue_now: Decimal | None  # None where the contract cannot be priced without the term
    target: Decimal
    exact: SolvedValue | None
    below: SolvedValue | None
    above: SolvedValue | None
    by_category: SolvedValue | None = None  # separate percents of the categories that reach it to the cent
    categories: tuple[str, ...] = ()

    @property
    def nearest(self) -> SolvedValue:
        """The exact value, or the nearer of ``below`` and ``above``."""
        points = [point for point in (self.exact, self.below, self.above) if point is not None]
        return min(points, key=lambda point: abs(point.off))


def solve(contract: Contract, term: SolvableTerm, target: Decimal, revenue: Revenue) -> Solution:
    """Return the value of ``term`` at which the contract pays ``target``. [USD]

    ``revenue`` returns what a contract pays in total [cents]; it must not fall when the term rises. Raises InvalidValue
    where the term changes nothing or no value reaches the target.
    """
    target_cents = int(target / _CENT)

    @cache
    def revenue_at(steps: int) -> int:
        return revenue(term.contract(contract, steps))

    least, most = revenue_at(term.least), revenue_at(term.most)
    if least == most:
        raise InvalidValue(f"{term.what} changes nothing here: {_dollars(least)} is paid whatever it is")
    if not least <= target_cents <= most:
        reason = (
            "charges or other terms are the ceiling" if target_cents > most else "other terms pay more than that alone"
        )
        raise InvalidValue(
            f"no value of {term.what} pays {target:,.2f}: from {term.value(term.least)} to "
            f"{term.value(term.most):,} it pays {_dollars(least):,} to {_dollars(most):,} ({reason})"
        )
    first = _lowest_where(lambda steps: revenue_at(steps) >= target_cents, term.least, term.most)

    def solved(steps: int) -> SolvedValue:
        paid = revenue_at(steps)
        return SolvedValue(
            (term.value(steps),), _dollars(paid), _dollars(paid - target_cents), term.contract(contract, steps)
        )

    revenue_now = None
    if term.now is not None:
        revenue_now = _dollars(revenue(contract))
    if revenue_at(first) != target_cents:
        below = solved(first - 1) if first > term.least else None
        return Solution(term.what, term.unit, term.now, revenue_now, target, None, below, solved(first))
    last = (
        _lowest_where(lambda steps: revenue_at(steps) > target_cents, first, term.most)
        if most > target_cents
        else term.most + 1
    )
    exact = solved(_roundest(first, last - 1))
    return Solution(term.what, term.unit, term.now, revenue_now, target, exact, None, None)


def solve_categories(
    contract: Contract, names: Sequence[str], target: Decimal, revenue: Revenue, *, by_points: bool = False
) -> Solution:
    """Solve for the percents of categories.

    Where no common percent reaches the target to the cent, separate percents near each other are tried; those that do
    are returned as ``by_category``, None where there are none. Raises InvalidValue as ``solve``.
    """
    term = category.solvable(contract, names, contract.payer, by_points=by_points)
    solution = solve(contract, term, target, revenue)
    wanted = {name.strip().lower() for name in names}
    categories = tuple(row.name for row in contract.category if row.name.lower() in wanted)
    if solution.exact is None and 1 < len(categories) <= _MOST_APART and not by_points:
        steps = int(solution.nearest.values[0] / _CENT)
        separate = _separate_percents(contract, categories, steps, int(target / _CENT), revenue)
        solution = replace(solution, by_category=separate)
    return replace(solution, categories=categories)


def _separate_percents(
    contract: Contract, names: Sequence[str], steps: int, target_cents: int, revenue: Revenue
) -> SolvedValue | None:
    """Return separate percents of categories, as near to each other as possible, that pay the target to the cent."""
    span = _TRIED_APART // len(names) // 2
    offsets = np.arange(max(-steps, -span), span + 1)
    common_contract = _with_category_percents(contract, dict.fromkeys(names, steps))
    common_revenue = revenue(common_contract)
    gains = [
        np.array(
            [
                revenue(_with_category_percents(common_contract, {name: steps + int(offset)})) - common_revenue
                for offset in offsets
            ],
            np.int64,
        )
        for name in names
    ]
    chosen = _places_summing_to(gains, target_cents - common_revenue, offsets)
    if chosen is None:
        return None
    values = {name: steps + int(offsets[at]) for name, at in zip(names, chosen, strict=True)}
    solved_contract = _with_category_percents(contract, values)
    paid = revenue(solved_contract)
    if paid != target_cents:  # the categories' amounts are not independent: one ceiling covers both
        return None
    return SolvedValue(
        tuple(value * _CENT for value in values.values()), _dollars(paid), Decimal("0.00"), solved_contract
    )


def _with_category_percents(contract: Contract, steps: dict[str, int]) -> Contract:
    for name, count in steps.items():
        contract = category.solvable(contract, [name], contract.payer).contract(contract, count)
    return contract


def _places_summing_to(arrays: Sequence[np.ndarray], total: int, offsets: np.ndarray) -> tuple[int, ...] | None:
    """Return one position in each array whose values add up to ``total``, with the least distance; None if none do."""
    last, sums = arrays[-1], np.zeros(1, np.int64)
    for array in arrays[:-1]:
        sums = (sums[:, None] + array).ravel()
    order = np.argsort(last, kind="stable")
    place_in_last = np.searchsorted(last[order], total - sums)
    matches = np.flatnonzero(
        (place_in_last < len(last)) & (last[order][np.minimum(place_in_last, len(last) - 1)] == total - sums)
    )
    if not len(matches):
        return None
    others = np.unravel_index(matches, tuple(len(array) for array in arrays[:-1]))
    places = np.stack([*others, order[place_in_last[matches]]])
    spread = np.abs(offsets[places]).max(axis=0)
    return tuple(int(place) for place in places[:, spread.argmin()])


def _lowest_where(condition: Callable[[int], bool], low: int, high: int) -> int:
    """Return the lowest number that meets a condition. ``high`` meets it, and every number above one that does."""
    while low < high:
        middle = (low + high) // 2
        if condition(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _roundest(first: int, last: int) -> int:
    """Return the roundest number from the first to the last, inclusive."""
    for step in _ROUND:
        multiple = -(-first // step) * step
        if multiple <= last:
            return multiple
    return first


def _dollars(cents: int) -> Decimal:
    return cents * _CENT


def revenue_of(trials: Trials) -> Revenue:
    """Return the function that gives a contract's total revenue over some lines. [cents]"""
    return lambda contract: total(trials.pay(contract))


def revenue_beside_medicare(trials: Trials) -> tuple[Revenue, int]:
    """Return a contract's revenue on lines that current Medicare prices, and what Medicare allows for them. [cents]"""
    medicare = trials.medicare()
    known = medicare > 0

    def revenue(contract: Contract) -> int:
        return total(np.where(known, trials.pay(contract), NONE))

    return revenue, total(np.where(known, medicare, NONE))


def effective_target(percent: Decimal, medicare: int) -> Decimal:
    """Return the revenue that is a percent of what Medicare allows [cents], to the cent. [USD] Raises InvalidValue."""
    if medicare <= 0:
        raise InvalidValue("current Medicare prices none of the lines: there is no effective percent; give a revenue")
    return rounded_to(medicare * _CENT * percent / 100, MONEY_PLACES)


def changed_target(percent: Decimal, now: int) -> Decimal:
    """Return current revenue [cents] raised by a percent, to the cent. [USD]"""
    return rounded_to(now * _CENT * (100 + percent) / 100, MONEY_PLACES)
