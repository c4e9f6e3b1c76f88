"""A claim engine between two sides: parts of one release in the other, the claim rules applied to what that makes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from feecalc import reference
from feecalc.money import FACTOR_PLACES, whole
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.line_pricer import LinePricer
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.release_terms import Terms
from feecalc.pricing.rules.conversion_factor import conversion_factor, has_qp_track
from feecalc.pricing.schedule import FeeSchedule

RATES = ("factor", "work", "pe", "mp", "gpci", "cap", "rules")  # the parts of a bridge that make an amount
_ROW, _PLACE = ["hcpcs", "modifier"], ["mac", "locality"]
_COLUMNS = {
    "work": ("work_rvu",),
    "pe": ("pe_rvu_nonfacility", "pe_rvu_facility"),
    "mp": ("mp_rvu",),
    "cap": ("opps_pe_rvu_nonfacility", "opps_pe_rvu_facility", "opps_mp_rvu"),
}
_INDICES = ("work_gpci", "work_gpci_unfloored", "pe_gpci", "mp_gpci")
_FACTOR = "anesthesia_conversion_factor"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Mixed:
    """The sides an engine is made of: ``ruling`` has the rows, rules and days, ``paying`` the conversion factor."""

    ruling: Terms
    paying: Terms
    pricer: LinePricer


def mixed(former: Terms, latter: Terms, taken: Collection[str], rules: ClaimRules) -> Mixed:
    """Return the engine in which the ``taken`` of ``RATES`` are the latter side's and the others the former's.

    What only the ruling release has a row or a place for keeps that release's own numbers. Raises InvalidValue where
    the work index without the floor is not known.
    """

    def side(part: str) -> Terms:
        return latter if part in taken else former

    ruling, paying = side("rules"), side("factor")
    rvu, rvu_qp = ruling.schedule.rvu, ruling.schedule.of_track(qp=True).rvu
    for part, columns in _COLUMNS.items():
        rvu = _with(rvu, side(part).schedule.rvu, _ROW, columns)
        rvu_qp = _with(rvu_qp, side(part).schedule.of_track(qp=True).rvu, _ROW, columns)
    localities = _with(ruling.schedule.localities, side("gpci").schedule.localities, _PLACE, _INDICES)
    anesthesia, others = ruling.schedule.anesthesia, paying.schedule.anesthesia
    if anesthesia is not None and others is not None:
        anesthesia = _with(anesthesia, others, _PLACE, (_FACTOR,))
    apart = former.schedule.has_qp_track or latter.schedule.has_qp_track
    schedule = replace(
        ruling.schedule, rvu=rvu, rvu_qp=rvu_qp, qps_apart=apart, localities=localities, anesthesia=anesthesia
    )
    with_floor = replace(rules, gpci_floor=side("gpci").gpci_floor)
    return Mixed(ruling, paying, ClaimPricer(_release_days(schedule, paying), with_floor))


def _with(table: pl.DataFrame, other: pl.DataFrame, keys: list[str], columns: tuple[str, ...]) -> pl.DataFrame:
    """Return the table with columns of another, row by row of the same key."""
    if table is other:
        return table
    theirs = other.select(*keys, *(pl.col(name).alias(f"their_{name}") for name in columns)).unique(keys)
    joined = table.join(theirs, on=keys, how="left", maintain_order="left")
    mine = (pl.coalesce(pl.col(f"their_{name}").cast(table.schema[name]), name).alias(name) for name in columns)
    return joined.with_columns(mine).select(table.columns)


def _release_days(schedule: FeeSchedule, paying: Terms) -> list[ReleaseDays]:
    """Return the ruling release's year with factors, cut where the paying side's conversion factor changes."""
    year = schedule.release.year
    theirs = paying.schedule.release.year
    changes = {row["effective_from"] for row in reference.rows("conversion_factor")}
    cuts = sorted(same_day(day, year) for day in changes if day.year == theirs and (day.month, day.day) != (1, 1))
    starts = [date(year, 1, 1), *cuts]
    ends = [*(day - _DAY for day in cuts), date(year, 12, 31)]
    return [
        ReleaseDays(schedule, first, last, _factors(paying, same_day(first, theirs)))
        for first, last in zip(starts, ends, strict=True)
    ]


def _factors(paying: Terms, day: date) -> tuple[int, int]:
    """Return the conversion factor of everybody else and of QPs. [ten-thousandths]"""
    if paying.conversion_factor is not None:
        own = whole(paying.conversion_factor, FACTOR_PLACES)
        return own, own
    other = conversion_factor(day).scaled
    return other, conversion_factor(day, qp=True).scaled if has_qp_track(day) else other


def same_day(day: date, year: int) -> date:
    """Return the same day of another year; February 29 is the 28th where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)
