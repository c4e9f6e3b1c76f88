"""Pricers for what Medicare itself has not: a fixed day for all lines, another factor, the nation as a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from feecalc.money import FACTOR_PLACES, whole
from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import Coverage, Eras
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.conversion_factor import anesthesia_conversion_factor
from feecalc.pricing.schedule import FeeSchedule

NATIONAL = "national"
_ONE = "1.000"
_NO_DAY = -(10**6)  # what the engine has in place of a date that cannot be read


@dataclass(frozen=True)
class _OneEra(Eras):
    """One day's rules and release for lines of every day."""

    def numbers(self, days: Whole) -> Whole:
        return np.where(days == _NO_DAY, -1, 0)


def pricer_with_factor(coverage: Sequence[Coverage], rules: ClaimRules, factor: Decimal | None) -> ClaimPricer:
    """A pricer whose conversion factor may be another than Medicare's. [USD per RVU]"""
    return _with_factor(ClaimPricer(coverage, rules), factor)


def pricer_of_day(schedule: FeeSchedule, day: date, rules: ClaimRules, factor: Decimal | None) -> ClaimPricer:
    """A pricer by one release and the rules of one day, whatever day a line is of."""
    pricer = ClaimPricer([Coverage(schedule, day, day)], rules)
    era = Era(day, day, schedule, pricer.words, pricer.outcomes, rules.gpci_floor)
    vars(pricer)["eras"] = _OneEra((era,))  # a cached property, told before it is asked
    return _with_factor(pricer, factor)


def _with_factor(pricer: ClaimPricer, factor: Decimal | None) -> ClaimPricer:
    if factor is not None:
        scaled = whole(factor, FACTOR_PLACES)
        for era in pricer.eras.listed:
            vars(era.amounts)["factors"] = (scaled, scaled)  # a cached property, told before it is asked
    return pricer


def national_schedule(schedule: FeeSchedule, day: date) -> FeeSchedule:
    """The release with the nation as its one locality ("", ""): every index is 1."""
    place: dict[str, Any] = {"mac": "", "locality": "", "state": "", "locality_name": NATIONAL}
    names = ("work_gpci", "work_gpci_unfloored", "pe_gpci", "mp_gpci")
    indices = dict.fromkeys(names, Decimal(_ONE))
    localities = pl.DataFrame([{**place, **indices}], schema_overrides=schedule.localities.schema)
    anesthesia = pl.DataFrame(
        [{**place, "anesthesia_conversion_factor": Decimal(anesthesia_conversion_factor(day).value)}],
        schema_overrides={"anesthesia_conversion_factor": pl.Decimal(12, 4)},
    ).drop("state")
    return replace(schedule, localities=localities.select(schedule.localities.columns), anesthesia=anesthesia)
