"""One side of a bridge: a release and a volume, as the numbers a revenue is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.money import FACTOR_PLACES, whole
from feecalc.pricing.arrays import Flags, Indices, Whole
from feecalc.scenarios.basket.figures import Figures, Made, indices_of
from feecalc.scenarios.basket.prices import UnitPrices, unit_prices
from feecalc.scenarios.basket.terms import Terms


@dataclass(frozen=True)
class Side:
    """Shape of the arrays: [service]."""

    terms: Terms
    figures: Figures
    indices: Indices
    is_there: Flags  # the release has the place
    prices: UnitPrices
    units: Whole

    @classmethod
    def of(cls, terms: Terms, services: pl.DataFrame, units: Whole) -> Side:
        """The services of a bridge by one side's release."""
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
    def own_fee(self) -> Whole:
        """The fee of each service by this side's figures alone: what its other rules are in proportion to. [cents]"""
        return made_of({}, self, self).cents()


def made_of(latter_has: dict[str, bool], former: Side, latter: Side) -> Made:
    """What amounts are made of where each part named True is the latter side's and each other the former's."""

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


def whole_units(units: Whole) -> tuple[Whole, Whole, int]:
    """Units as whole ones and no part of another."""
    return units, np.zeros_like(units), 1
