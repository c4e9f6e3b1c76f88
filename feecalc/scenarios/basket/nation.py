"""A release with the nation beside its localities: every index 1, under a MAC and number that are blank."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from feecalc.money import exact, rounded
from feecalc.pricing.rules.conversion_factor import anesthesia_conversion_factor
from feecalc.pricing.schedule import FeeSchedule

NATION = {"mac": "", "locality": "", "state": "", "locality_name": "national"}
_INDICES = ("work_gpci", "work_gpci_unfloored", "pe_gpci", "mp_gpci")
_ONE = Decimal("1.000")
_LOCAL_PLACES, _NATIONAL_PLACES = 2, 4


def with_nation(schedule: FeeSchedule, places: pl.DataFrame, day: date) -> FeeSchedule:
    """The release with these localities (rows of its GPCI table) and the nation, which stands first."""
    localities = pl.concat([_row(places, {**NATION, **dict.fromkeys(_INDICES, _ONE)}), places])
    if schedule.anesthesia is None:
        return replace(schedule, localities=localities)
    factor = Decimal(anesthesia_conversion_factor(day).value)
    national = _row(schedule.anesthesia, {**NATION, "anesthesia_conversion_factor": factor})
    return replace(schedule, localities=localities, anesthesia=pl.concat([national, schedule.anesthesia]))


def with_anesthesia(schedule: FeeSchedule, times: Fraction) -> FeeSchedule:
    """The release with its anesthesia factors so many times what they are, each rounded once as CMS prints it.

    CMS prints a locality's factor with two decimals, the nation's with four.
    """
    if schedule.anesthesia is None or times == 1:
        return schedule
    name = "anesthesia_conversion_factor"
    moved = [
        None if factor is None else _times(factor, times, _LOCAL_PLACES if mac else _NATIONAL_PLACES)
        for mac, factor in schedule.anesthesia.select("mac", name).iter_rows()
    ]
    kind = schedule.anesthesia.schema[name]
    return replace(schedule, anesthesia=schedule.anesthesia.with_columns(pl.Series(name, moved).cast(kind)))


def _times(factor: Decimal, times: Fraction, places: int) -> Decimal:
    product = Fraction(factor) * times * 10**places
    return exact(rounded(product.numerator, product.denominator), places)


def _row(table: pl.DataFrame, values: dict[str, Any]) -> pl.DataFrame:
    """One row of the table's columns; those without a value are null."""
    return pl.DataFrame(
        {name: pl.Series(name, [values.get(name)], kind, strict=False) for name, kind in table.schema.items()}
    )
