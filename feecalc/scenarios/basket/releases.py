"""A basket release after release, as a series: the same services in all of them, and what each prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.errors import AmbiguousLocality, UnknownLocality
from feecalc.money import MONEY_PLACES, exact, rounded_to
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.columns import named_service
from feecalc.pricing.release_terms import Terms
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.basket.prices import SERVICE, UnitPrices, services_of, unit_prices

_RATE_PLACES = 4
_AMOUNT = pl.Decimal(18, MONEY_PLACES)
_RATE = pl.Decimal(9, _RATE_PLACES)


@dataclass(frozen=True)
class Series:
    """A basket across releases, oldest first. [USD]

    ``releases``: release, first_date_of_service, conversion_factor, amount (all services that the release prices),
    services and units priced, same_services_amount (those that every release prices), change and change_rate of that
    from the release before, index (the first is 1). Null where the release does not know the place. ``left_out``: the
    services that some release does not price, with its name and reason.
    """

    place: str
    releases: pl.DataFrame
    left_out: pl.DataFrame


def basket_across_releases(
    schedules: Sequence[FeeSchedule],
    volume: pl.DataFrame,
    *,
    locality: str | None = None,
    qp: bool = False,
    gpci_floor: bool = True,
) -> Series:
    """Price a volume's services in each release, on its first day, in the nation or one locality.

    ``locality`` is looked up in each release, by key or name. The QP factor is taken from the year on that has one.
    Raises MissingColumn, InvalidValue; UnknownLocality or AmbiguousLocality where no release knows the place.
    """
    services = services_of(volume, by_place=False)
    units = services["units"].to_numpy()
    ordered = sorted(schedules, key=lambda schedule: schedule.release.first_date_of_service)
    found = [_priced(terms, services, locality, qp, gpci_floor) for terms in ordered]
    if locality is not None and all(priced is None for priced in found):
        ordered[-1].find_locality(locality)  # says what is wrong with it
    same = np.logical_and.reduce([priced.priced for priced in found if priced is not None])
    rows, left = [], []
    for schedule, prices in zip(ordered, found, strict=True):
        rows.append(_row(Terms(schedule, qp=qp), prices, units, same))
        if prices is not None and not prices.priced.all():
            left.append(_left_out(schedule, services, prices))
    return Series(
        "national" if locality is None else locality,
        _with_changes(pl.DataFrame(rows, schema=_ROW, orient="row")),
        pl.concat(left) if left else pl.DataFrame(schema=_LEFT),
    )


_ROW: dict[str, pl.DataType | type[pl.DataType]] = {
    "release": pl.String,
    "first_date_of_service": pl.Date,
    "conversion_factor": pl.Decimal(9, 4),
    "amount": _AMOUNT,
    "services": pl.Int64,
    "units": pl.Int64,
    "same_services_amount": _AMOUNT,
}
_LEFT: dict[str, pl.DataType | type[pl.DataType]] = {
    "release": pl.String,
    "service": pl.String,
    "units": pl.Int64,
    "status": pl.String,
    "reason": pl.String,
}


def _priced(
    schedule: FeeSchedule, services: pl.DataFrame, locality: str | None, qp: bool, gpci_floor: bool
) -> UnitPrices | None:
    """Return the prices of a release, None where it does not know the place."""
    mac = number = ""
    if locality is not None:
        try:
            place = schedule.find_locality(locality)
        except (UnknownLocality, AmbiguousLocality):
            return None
        mac, number = place.mac, place.locality
    placed = services.with_columns(pl.lit(mac).alias("mac"), pl.lit(number).alias("locality"))
    terms = Terms(schedule, qp=qp)
    return unit_prices(schedule, placed, terms.day, qp=terms.tracks_qp, gpci_floor=gpci_floor)


def _row(terms: Terms, prices: UnitPrices | None, units: Integers, same: Flags) -> tuple[object, ...]:
    release = terms.schedule.release
    about = (release.name, release.first_date_of_service, terms.factor)
    if prices is None:
        return (*about, None, None, None, None)
    priced = prices.priced
    return (
        *about,
        exact(int(units @ prices.cents), MONEY_PLACES),
        int(priced.sum()),
        int(units[priced].sum()),
        exact(int(units[same] @ prices.cents[same]), MONEY_PLACES),
    )


def _with_changes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with what the like-for-like amount changes by."""
    amounts = rows["same_services_amount"].to_list()
    known = [amount for amount in amounts if amount is not None]
    first = known[0] if known else None
    changes: list[object] = []
    rates: list[object] = []
    before = None
    for amount in amounts:
        changes.append(None if amount is None or before is None else amount - before)
        rates.append(None if amount is None or not before else rounded_to((amount - before) / before, _RATE_PLACES))
        before = before if amount is None else amount
    index = [None if amount is None or not first else rounded_to(amount / first, _RATE_PLACES) for amount in amounts]
    return rows.with_columns(
        pl.Series("change", changes, _AMOUNT), pl.Series("change_rate", rates, _RATE), pl.Series("index", index, _RATE)
    )


def _left_out(schedule: FeeSchedule, services: pl.DataFrame, prices: UnitPrices) -> pl.DataFrame:
    named = services.select(*SERVICE, named_service(), "units").with_columns(
        pl.lit(schedule.release.name).alias("release"), prices.status.alias("status"), prices.reason.alias("reason")
    )
    return named.filter(~pl.Series(prices.priced)).select(*_LEFT)
