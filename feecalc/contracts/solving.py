"""Which value of a term reaches a target (a revenue, an effective percent of Medicare, a change of what is paid now).

By halving over whole steps, each tried by the pricing itself: to the cent where a value does.
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
from feecalc.contracts.terms.unknown import Unknown
from feecalc.contracts.trials import Trials, total
from feecalc.errors import InvalidValue
from feecalc.money import MONEY_PLACES, rounded_to

_CENT = Decimal("0.01")
_ROUND = (10_000, 1000, 500, 100, 50, 10, 5, 1)  # steps: the roundest of several values is told
_TRIED_APART = 400  # contracts priced to find percents that differ
_MOST_APART = 3
Revenue = Callable[[Contract], int]


@dataclass(frozen=True)
class Point:
    """A value of the term, and what it pays. [USD]"""

    values: tuple[Decimal, ...]  # one, or one a category
    revenue: Decimal
    off: Decimal  # above the target, or below it where negative
    contract: Contract


@dataclass(frozen=True)
class Solution:
    """What reaches a target. ``exact`` or else the nearest ``below`` and ``above``, None where there is none."""

    what: str
    unit: str
    now: Decimal | None
    revenue_now: Decimal | None  # None where the contract cannot be priced without the term
    target: Decimal
    exact: Point | None
    below: Point | None
    above: Point | None
    apart: Point | None = None  # percents of the categories, each its own, that reach it to the cent
    categories: tuple[str, ...] = ()

    @property
    def nearest(self) -> Point:
        """The exact value, or the nearer of the two beside it."""
        points = [point for point in (self.exact, self.below, self.above) if point is not None]
        return min(points, key=lambda point: abs(point.off))


def solve(contract: Contract, unknown: Unknown, target: Decimal, revenue: Revenue) -> Solution:
    """Return the value of ``unknown`` at which the contract pays ``target``. [USD]

    ``revenue`` is what a contract pays in all [cents]; it must not fall when the term rises. Raises InvalidValue where
    the term does not matter or the target lies outside all it can do.
    """
    wanted = int(target / _CENT)

    @cache
    def at(steps: int) -> int:
        return revenue(unknown.contract(contract, steps))

    least, most = at(unknown.least), at(unknown.most)
    if least == most:
        raise InvalidValue(f"{unknown.what} changes nothing here: {_dollars(least)} is paid whatever it is")
    if not least <= wanted <= most:
        why = "charges or other terms are the ceiling" if wanted > most else "other terms pay more than that alone"
        raise InvalidValue(
            f"no value of {unknown.what} pays {target:,.2f}: from {unknown.value(unknown.least)} to "
            f"{unknown.value(unknown.most):,} it pays {_dollars(least):,} to {_dollars(most):,} ({why})"
        )
    first = _first(lambda steps: at(steps) >= wanted, unknown.least, unknown.most)

    def point(steps: int) -> Point:
        paid = at(steps)
        return Point(
            (unknown.value(steps),), _dollars(paid), _dollars(paid - wanted), unknown.contract(contract, steps)
        )

    now = None
    if unknown.now is not None:
        now = _dollars(revenue(contract))
    if at(first) != wanted:
        below = point(first - 1) if first > unknown.least else None
        return Solution(unknown.what, unknown.unit, unknown.now, now, target, None, below, point(first))
    last = _first(lambda steps: at(steps) > wanted, first, unknown.most) if most > wanted else unknown.most + 1
    exact = point(_roundest(first, last - 1))
    return Solution(unknown.what, unknown.unit, unknown.now, now, target, exact, None, None)


def solve_categories(
    contract: Contract, names: Sequence[str], target: Decimal, revenue: Revenue, *, by_points: bool = False
) -> Solution:
    """Solve for the percents of categories; where one step for all misses the target, steps of each are tried.

    Percents near each other that reach the target to the cent are given as ``apart``; there may be none.
    """
    unknown = category.unknown(contract, names, contract.payer, by_points=by_points)
    found = solve(contract, unknown, target, revenue)
    wanted = {name.strip().lower() for name in names}
    listed = tuple(row.name for row in contract.category if row.name.lower() in wanted)
    if found.exact is None and 1 < len(listed) <= _MOST_APART and not by_points:
        steps = int(found.nearest.values[0] / _CENT)
        apart = _apart(contract, listed, steps, int(target / _CENT), revenue)
        found = replace(found, apart=apart)
    return replace(found, categories=listed)


def _apart(contract: Contract, names: Sequence[str], steps: int, wanted: int, revenue: Revenue) -> Point | None:
    """Return percents of each category, as near to each other as can be, that pay the target to the cent."""
    reach = _TRIED_APART // len(names) // 2
    offsets = np.arange(max(-steps, -reach), reach + 1)
    together = _put(contract, dict.fromkeys(names, steps))
    base = revenue(together)
    more = [
        np.array([revenue(_put(together, {name: steps + int(offset)})) - base for offset in offsets], np.int64)
        for name in names
    ]
    chosen = _sum_to(more, wanted - base, offsets)
    if chosen is None:
        return None
    values = {name: steps + int(offsets[at]) for name, at in zip(names, chosen, strict=True)}
    found = _put(contract, values)
    paid = revenue(found)
    if paid != wanted:  # the categories are not paid apart: one ceiling holds over both
        return None
    return Point(tuple(value * _CENT for value in values.values()), _dollars(paid), Decimal("0.00"), found)


def _put(contract: Contract, steps: dict[str, int]) -> Contract:
    for name, count in steps.items():
        contract = category.unknown(contract, [name], contract.payer).contract(contract, count)
    return contract


def _sum_to(more: Sequence[np.ndarray], wanted: int, offsets: np.ndarray) -> tuple[int, ...] | None:
    """Return one place of each array so that the values add up, with the least distance between the places; or None."""
    last, before = more[-1], np.zeros(1, np.int64)
    for gains in more[:-1]:
        before = (before[:, None] + gains).ravel()
    order = np.argsort(last, kind="stable")
    at = np.searchsorted(last[order], wanted - before)
    hit = np.flatnonzero((at < len(last)) & (last[order][np.minimum(at, len(last) - 1)] == wanted - before))
    if not len(hit):
        return None
    others = np.unravel_index(hit, tuple(len(gains) for gains in more[:-1]))
    places = np.stack([*others, order[at[hit]]])
    spread = np.abs(offsets[places]).max(axis=0)
    return tuple(int(place) for place in places[:, spread.argmin()])


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Return the lowest number for which it holds; it holds for ``high``, and from some number on."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _roundest(first: int, last: int) -> int:
    """Return the roundest number from the first to the last."""
    for step in _ROUND:
        found = -(-first // step) * step
        if found <= last:
            return found
    return first


def _dollars(cents: int) -> Decimal:
    return cents * _CENT


def revenue_of(trials: Trials) -> Revenue:
    """Return what a contract pays in all. [cents]"""
    return lambda contract: total(trials.pay(contract))


def revenue_beside_medicare(trials: Trials) -> tuple[Revenue, int]:
    """Return what a contract pays for what current Medicare prices too, and what Medicare allows for it. [cents]"""
    medicare = trials.medicare()
    known = medicare > 0

    def revenue(contract: Contract) -> int:
        return total(np.where(known, trials.pay(contract), NONE))

    return revenue, total(np.where(known, medicare, NONE))


def effective_target(percent: Decimal, medicare: int) -> Decimal:
    """Return the revenue that is a percent of what Medicare allows, to the cent. [USD]  Raises InvalidValue."""
    if medicare <= 0:
        raise InvalidValue("current Medicare prices none of the lines: there is no effective percent; give a revenue")
    return rounded_to(medicare * _CENT * percent / 100, MONEY_PLACES)


def changed_target(percent: Decimal, now: int) -> Decimal:
    """Return what is paid now and a percent more, to the cent. [USD]"""
    return rounded_to(now * _CENT * (100 + percent) / 100, MONEY_PLACES)
