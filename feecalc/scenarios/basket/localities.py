"""A basket in every locality: amount, rank, index to the nation, and which of the three indices drives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import numpy as np
import polars as pl

from feecalc.money import INDEX_PLACES, MONEY_PLACES, exact, money, rounded
from feecalc.pricing.arrays import Flags, Indices, Whole
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.rules.conversion_factor import conversion_factor
from feecalc.pricing.rules.work_gpci_floor import work_gpci_floor
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.basket.figures import Figures, Made, in_proportion
from feecalc.scenarios.basket.gaf import PLACES as GAF_PLACES
from feecalc.scenarios.basket.gaf import basket_gaf, locality_gaf, shares
from feecalc.scenarios.basket.nation import NATION
from feecalc.scenarios.basket.prices import UnitPrices, unit_prices
from feecalc.scenarios.basket.services import PLACE, SERVICE, named_service, services_of

INDEX_TO_NATIONAL_PLACES = 4
_WEIGHT = 10**4
_DRIVEN = ("work", "pe", "mp")  # in this order the indices are taken from the nation's to the place's


@dataclass(frozen=True)
class Compared:
    """A basket across localities, the dearest first. [USD]

    ``places``: rank (equal amounts share one), mac, locality, state, locality_name, amount, index_to_national (to a
    ten-thousandth), difference (from the national amount), work_part, pe_part, mp_part (what each index makes of the
    difference: they sum to it), driver (the index with the greatest part, "" where there is none), work_gpci, pe_gpci,
    mp_gpci, gaf (of the basket), locality_gaf (of CMS's national weights). ``left_out``: ``SERVICE``, service, units,
    status, reason of services that Medicare does not price.
    """

    release: str
    national_amount: Decimal
    units: int
    shares: dict[str, Decimal]  # of the basket's RVUs
    places: pl.DataFrame
    left_out: pl.DataFrame


def basket_across_localities(
    schedule: FeeSchedule,
    volume: pl.DataFrame,
    *,
    localities: Sequence[Locality | str] | None = None,
    qp: bool = False,
    gpci_floor: bool = True,
) -> Compared:
    """Price a volume's services as if all were given in one locality, in each of them, on the release's first day.

    Shape of ``volume``: ``services_of``; its own localities are set aside. Raises MissingColumn, InvalidValue,
    UnknownLocality, AmbiguousLocality.
    """
    day = schedule.release.day(None)
    services = services_of(volume, by_place=False)
    places = _places(schedule, localities)
    prices = _prices(schedule, services, places, qp, gpci_floor)
    is_priced: Flags = np.logical_and.reduce(prices.priced.reshape(services.height, -1), axis=1)
    cents = prices.cents.reshape(services.height, -1)[is_priced]
    units = services["units"].to_numpy()[is_priced]
    figures = Figures.of(schedule.of_track(qp=qp), services.filter(pl.Series(is_priced)), day)
    indices = Indices.of(places, day, work_gpci_floor(day, wanted=gpci_floor), schedule.unfloored)
    factor = conversion_factor(day, qp=qp).scaled
    amounts = units @ cents if len(units) else np.zeros(places.height + 1, np.int64)
    parts = _parts(figures, indices, factor, cents, units)
    rvus = _rvus(figures, indices, factor, cents[:, 0], units)
    found = places.select(*PLACE, "state", "locality_name").with_columns(
        _amount("amount", amounts[1:]),
        _index(amounts),
        _amount("difference", amounts[1:] - amounts[0]),
        *(_amount(f"{name}_part", part) for name, part in zip(_DRIVEN, parts, strict=True)),
        pl.Series("driver", _drivers(parts), pl.String),
        *(_thousandths(f"{name}_gpci", getattr(indices, name)) for name in _DRIVEN),
        _thousandths("gaf", basket_gaf(rvus, indices)),
        _thousandths("locality_gaf", locality_gaf(indices, day)),
    )
    rank = pl.col("amount").rank("min", descending=True).cast(pl.UInt32).alias("rank")
    ranked = found.select(rank, pl.all()).sort("rank", *PLACE)
    return Compared(
        schedule.release.name,
        exact(int(amounts[0]), MONEY_PLACES),
        int(units.sum()),
        shares(rvus),
        ranked,
        left_out(services, is_priced, prices, places.height + 1),
    )


def _places(schedule: FeeSchedule, localities: Sequence[Locality | str] | None) -> pl.DataFrame:
    if localities is None:
        return schedule.localities
    named = [schedule.find_locality(each) if isinstance(each, str) else each for each in localities]
    return schedule.rows_of_localities(list(dict.fromkeys(named)))


def _prices(
    schedule: FeeSchedule, services: pl.DataFrame, places: pl.DataFrame, qp: bool, gpci_floor: bool
) -> UnitPrices:
    """Prices of each service in the nation, then in each place. Shape: [service x (1 + place)]."""
    nation = pl.DataFrame({name: [NATION[name]] for name in PLACE})
    asked = services.join(pl.concat([nation, places.select(PLACE)]), how="cross", maintain_order="left_right")
    return unit_prices(schedule, asked, schedule.release.day(None), qp=qp, gpci_floor=gpci_floor)


def _fees(figures: Figures, indices: Indices, factor: int, taken: int) -> Whole:
    """Fees with the first ``taken`` indices the places' and the others 1. [cents]  Shape: [service, place]."""
    one = np.full(len(indices.work), 10**INDEX_PLACES, np.int64)
    work, pe, mp = (getattr(indices, name) if at < taken else one for at, name in enumerate(_DRIVEN))
    rvus, facility = figures.rvus, figures.facility
    return Made(
        work=rvus.work[:, None],
        pe=figures.pe(facility)[:, None],
        mp=rvus.mp[:, None],
        opps_pe=figures.opps_pe(facility)[:, None],
        opps_mp=rvus.opps_mp[:, None],
        capped=figures.capped[:, None],
        work_gpci=work,
        pe_gpci=pe,
        mp_gpci=mp,
        factor=factor,
    ).cents()


def _parts(figures: Figures, indices: Indices, factor: int, cents: Whole, units: Whole) -> list[Whole]:
    """What each index makes of the difference from the nation, one taken after the other. [cents]  Shape: [place].

    The last state is the amount itself, so the parts sum to the difference. The fee is a sum of the three parts: but
    for a cent of rounding a unit, and the OPPS cap, their order changes nothing.
    """
    national, own = cents[:, :1], _fees(figures, indices, factor, 0)
    states = [national + np.zeros_like(own)]
    states += [in_proportion(_fees(figures, indices, factor, taken), national, own) for taken in (1, 2)]
    sums = [units @ state for state in (*states, cents[:, 1:])]
    return [latter - former for former, latter in pairwise(sums)]


def _rvus(figures: Figures, indices: Indices, factor: int, national: Whole, units: Whole) -> tuple[int, int, int]:
    """The basket's RVUs of work, practice expense and malpractice, as its modifiers pay them. [10^-6]"""
    own = _fees(figures, indices, factor, 0)[:, 0]
    weight = units * np.where(own > 0, in_proportion(np.full_like(own, _WEIGHT), national, own), 0)
    rvus = figures.rvus
    work, pe, mp = (int(weight @ part) for part in (rvus.work, figures.pe(figures.facility), rvus.mp))
    return work, pe, mp


def _drivers(parts: Sequence[Whole]) -> list[str]:
    sizes = np.abs(np.stack(parts))
    greatest = sizes.argmax(axis=0)
    return [_DRIVEN[at] if sizes[at, place] else "" for place, at in enumerate(greatest)]


def _amount(name: str, cents: Whole) -> pl.Expr:
    return money(pl.lit(pl.Series(cents))).alias(name)


def _thousandths(name: str, column: Whole) -> pl.Series:
    assert INDEX_PLACES == GAF_PLACES
    return pl.Series(name, [exact(each, INDEX_PLACES) for each in column.tolist()], pl.Decimal(6, INDEX_PLACES))


def _index(amounts: Whole) -> pl.Series:
    """Each place's amount over the nation's, rounded once; null where that is 0."""
    nation, unit = int(amounts[0]), 10**INDEX_TO_NATIONAL_PLACES
    found = [
        None if nation == 0 else exact(rounded(amount * unit, nation), INDEX_TO_NATIONAL_PLACES)
        for amount in amounts[1:].tolist()
    ]
    return pl.Series("index_to_national", found, pl.Decimal(9, INDEX_TO_NATIONAL_PLACES))


def left_out(services: pl.DataFrame, is_priced: Flags, prices: UnitPrices, across: int = 1) -> pl.DataFrame:
    """The services that are not priced, and why. Shape: ``SERVICE``, service, units, status, reason."""
    first = pl.int_range(0, services.height * across, across, eager=True)
    if across > 1:  # the first of a service's prices that is missing says why
        missing = (~prices.priced).reshape(services.height, across)
        first = first + pl.Series(missing.argmax(axis=1).astype(np.int64))
    named = services.select(
        *SERVICE,
        named_service(),
        "units",
        prices.status.gather(first).alias("status"),
        prices.reason.gather(first).alias("reason"),
    )
    return named.filter(~pl.Series(is_priced))
