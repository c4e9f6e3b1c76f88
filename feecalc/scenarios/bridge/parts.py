"""The two sides of a bridge, the parts of a change, and the order in which they are taken.

One part after the other is taken from the latter side, and what the revenue changes by is that part's. So the parts sum
to the change whatever the order; what two changes make together goes to the one that comes later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.errors import InvalidValue
from feecalc.money import FACTOR_PLACES, rounded, whole
from feecalc.pricing.arrays import Flags, Indices, Integers
from feecalc.pricing.release_terms import Terms
from feecalc.scenarios.basket.figures import Figures, Made, in_proportion, indices_of
from feecalc.scenarios.basket.prices import UnitPrices, unit_prices

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


@dataclass(frozen=True)
class Side:
    """Shape of the arrays: [service]."""

    terms: Terms
    figures: Figures
    indices: Indices
    is_there: Flags  # the release has the place
    prices: UnitPrices
    units: Integers

    @classmethod
    def of(cls, terms: Terms, services: pl.DataFrame, units: Integers) -> Side:
        """Return the services of a bridge by one side's release."""
        schedule, day = terms.schedule, terms.day
        indices, is_there = indices_of(schedule, services, day, gpci_floor=terms.gpci_floor)
        prices = unit_prices(
            schedule,
            services,
            day,
            qp=terms.tracks_qp,
            gpci_floor=terms.gpci_floor,
            factor=terms.conversion_factor,
        )
        figures = Figures.of(schedule.of_track(qp=terms.tracks_qp), services, day)
        return cls(terms, figures, indices, is_there, prices, units)

    @property
    def own_fee(self) -> Integers:
        """Return the fee of each service by this side's figures alone: what its other rules are in proportion to.

        [cents]
        """
        return made_of({}, self, self).cents()


def made_of(latter_has: dict[str, bool], former: Side, latter: Side) -> Made:
    """Return what amounts are made of where each part named True is the latter side's and each other the former's."""

    def side(part: str) -> Side:
        return latter if latter_has.get(part, False) else former

    facility, cap, place = side("rules").figures.facility, side("cap").figures, side("gpci").indices
    return Made(
        work=side("work").figures.rvus.work,
        pe=side("pe").figures.pe(facility),
        mp=side("mp").figures.rvus.mp,
        opps_pe=cap.opps_pe(facility),
        opps_mp=cap.rvus.opps_mp,
        capped=cap.capped,
        work_gpci=place.work,
        pe_gpci=place.pe,
        mp_gpci=place.mp,
        factor=whole(side("factor").terms.factor, FACTOR_PLACES),
    )


def whole_units(units: Integers) -> tuple[Integers, Integers, int]:
    """Return units as whole ones and no part of another."""
    return units, np.zeros_like(units), 1


def order_of(wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the order of all parts: those wanted first, the others after them as they are listed.

    Raises InvalidValue.
    """
    named = [part.strip().lower() for part in wanted if part.strip()]
    wrong = [part for part in named if part not in ORDERED]
    if wrong or len(set(named)) < len(named):
        what = f"no part {wrong[0][:40]!r}" if wrong else "a part is named twice"
        raise InvalidValue(f"--order: {what}; the parts are {', '.join(ORDERED)}")
    return (*named, *(part for part in ORDERED if part not in named))


def ordered_parts(former: Side, latter: Side, common: Flags, order: Sequence[str]) -> dict[str, Integers]:
    """Return what each part of ``ORDERED`` changes the revenue of the ``common`` services by.

    [cents]  Shape: [service].
    """
    states = [_revenue(former, latter, common, order[:taken]) for taken in range(len(order) + 1)]
    return {part: states[at + 1] - states[at] for at, part in enumerate(order)}


def _revenue(former: Side, latter: Side, common: Flags, taken: Sequence[str]) -> Integers:
    """Return the revenue where the ``taken`` parts are the latter side's. [cents]  Shape: [service].

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


def _units(before: Integers, after: Integers, *, volume: bool, mix: bool) -> tuple[Integers, Integers, int]:
    """Return units as whole ones and a part of another: (whole, numerator, denominator).

    Volume without mix is the former mix at the latter total; mix without volume the latter mix at the former total.
    """
    if volume == mix:
        return whole_units(after if volume else before)
    shape, total = (before, int(after.sum())) if volume else (after, int(before.sum()))
    own = int(shape.sum())
    if own == 0:  # nothing to keep the mix of: all of the change is volume's
        return whole_units(after if volume else before)
    return shape * total // own, shape * total % own, own


def amounts(price: Integers, units: Integers | int, numerator: Integers | int, denominator: int) -> Integers:
    """Price times units in cents, a sum of parts of a cent rounded once: the services with most of a cent get it."""
    parts = numerator * price
    cents: Integers = units * price + parts // denominator
    left = parts % denominator
    over = int(left.sum())
    more = rounded(over, denominator)
    if more:
        cents[np.argsort(-left, kind="stable")[:more]] += 1
    return cents


def units_of(total: int, own: int) -> tuple[int, int, int]:
    """Return ``total`` over ``own`` as a whole number and a part of another: (whole, numerator, denominator)."""
    return total // own, total % own, own
