"""The parts of a change, and the order in which they are taken.

One part after the other is taken from the latter side, and what the revenue changes by is that part's. So the parts sum
to the change whatever the order; what two changes make together goes to the one that comes later.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from feecalc.errors import InvalidValue
from feecalc.money import rounded
from feecalc.pricing.arrays import Flags, Whole
from feecalc.scenarios.basket.figures import in_proportion
from feecalc.scenarios.bridge.sides import Side, made_of, whole_units

ORDERED = ("factor", "work", "pe", "mp", "gpci", "cap", "rules", "volume", "mix")
APART = ("new_codes", "deleted_codes")  # codes of one release alone: no order changes these
PARTS = (*ORDERED, *APART)
MEANING = {
    "factor": "conversion factor",
    "work": "work RVUs",
    "pe": "practice expense RVUs",
    "mp": "malpractice RVUs",
    "gpci": "geographic indices",
    "cap": "OPPS cap on imaging",
    "rules": "other rules (status, setting, modifiers)",
    "volume": "volume, at the same mix",
    "mix": "mix of services and places",
    "new_codes": "new codes",
    "deleted_codes": "deleted codes",
}


def order_of(asked: Sequence[str]) -> tuple[str, ...]:
    """The order of all parts: those asked for first, the others after them as they are listed. Raises InvalidValue."""
    named = [each.strip().lower() for each in asked if each.strip()]
    wrong = [each for each in named if each not in ORDERED]
    if wrong or len(set(named)) < len(named):
        what = f"no part {wrong[0][:40]!r}" if wrong else "a part is named twice"
        raise InvalidValue(f"--order: {what}; the parts are {', '.join(ORDERED)}")
    return (*named, *(each for each in ORDERED if each not in named))


def ordered_parts(former: Side, latter: Side, common: Flags, order: Sequence[str]) -> dict[str, Whole]:
    """What each part of ``ORDERED`` changes the revenue of the ``common`` services by. [cents]  Shape: [service]."""
    states = [_revenue(former, latter, common, order[:taken]) for taken in range(len(order) + 1)]
    return {part: states[at + 1] - states[at] for at, part in enumerate(order)}


def _revenue(former: Side, latter: Side, common: Flags, taken: Sequence[str]) -> Whole:
    """The revenue where the ``taken`` parts are the latter side's. [cents]  Shape: [service].

    What one side alone prices is worth its price there until, or from when, the rules are the latter side's: its
    figures on the other side pay nothing, and no part but the rules is made of them.
    """
    has = dict.fromkeys(taken, True)
    ruling = latter if has.get("rules", False) else former
    price = in_proportion(made_of(has, former, latter).cents(), ruling.prices.cents, ruling.own_fee)
    price = np.where(former.prices.priced & latter.prices.priced, price, ruling.prices.cents)
    price = np.where(ruling.prices.priced & common, price, 0)
    before, after = np.where(common, former.units, 0), np.where(common, latter.units, 0)
    return amounts(price, *_units(before, after, volume=has.get("volume", False), mix=has.get("mix", False)))


def _units(before: Whole, after: Whole, *, volume: bool, mix: bool) -> tuple[Whole, Whole, int]:
    """Units as whole ones and a part of another: (whole, numerator, denominator).

    Volume without mix is the former mix at the latter total; mix without volume the latter mix at the former total.
    """
    if volume == mix:
        return whole_units(after if volume else before)
    shape, total = (before, int(after.sum())) if volume else (after, int(before.sum()))
    own = int(shape.sum())
    if own == 0:  # nothing to keep the mix of: all of the change is volume's
        return whole_units(after if volume else before)
    return shape * total // own, shape * total % own, own


def amounts(price: Whole, units: Whole | int, numerator: Whole | int, denominator: int) -> Whole:
    """Price times units in cents, a sum of parts of a cent rounded once: the services with most of a cent get it."""
    parts = numerator * price
    cents: Whole = units * price + parts // denominator
    left = parts % denominator
    over = int(left.sum())
    more = rounded(over, denominator)
    if more:
        cents[np.argsort(-left, kind="stable")[:more]] += 1
    return cents


def units_of(total: int, own: int) -> tuple[int, int, int]:
    """``total`` over ``own`` as a whole number and a part of another: (whole, numerator, denominator)."""
    return total // own, total % own, own
