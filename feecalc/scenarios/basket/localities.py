"""A basket in every locality: amount, rank, index to the nation, and which of the three indices drives it.

Also two localities beside one another, and the localities a ZIP code may lie in. The geographic adjustment factor (GAF)
is the three indices in one. Source: 42 CFR 414.26: the GAF of a service in an area is the sum, over work, practice
expense and malpractice, of the part's share of the service's total RVUs times the area's index. For a locality as a
whole CMS weights the indices by national shares, and uses the result to compare areas only, never to pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.errors import SplitZip, UnknownLocality
from feecalc.money import INDEX_PLACES, MONEY_PLACES, exact, money, rounded, rounded_to, whole
from feecalc.pricing.arrays import Flags, Indices, Integers
from feecalc.pricing.claims.columns import named_service
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.pricing.rules.conversion_factor import conversion_factor
from feecalc.pricing.rules.work_gpci_floor import work_gpci_floor
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.basket.figures import Figures, Made, in_proportion
from feecalc.scenarios.basket.prices import NATION, PLACE, SERVICE, UnitPrices, services_of, unit_prices

PLACES = 3  # as CMS prints a GAF: thousandths, as its indices
_WEIGHT_PLACES = 5
_SHARE_PLACES = 4
INDEX_TO_NATIONAL_PLACES = 4
_WEIGHT = 10**4
_DRIVEN = ("work", "pe", "mp")  # in this order the indices are taken from the nation's to the place's
_PART_NAMES = {"work_part": "Work", "pe_part": "Practice expense", "mp_part": "Malpractice"}
_INDEX_OF_PART = {"work_part": "work_gpci", "pe_part": "pe_gpci", "mp_part": "mp_gpci"}
_MONEY = pl.Decimal(18, 2)
_CODE = 5


def basket_gaf(rvus: tuple[int, int, int], indices: Indices) -> Integers:
    """Return the GAF of RVUs (work, pe, mp: any whole unit, all alike), rounded once.

    [thousandths]  Shape: [locality].
    """
    work, pe, mp = rvus
    total = max(1, work + pe + mp)
    # of whole numbers of any size: a basket's RVUs times an index may pass 64 bits
    of_each = zip(indices.work.tolist(), indices.pe.tolist(), indices.mp.tolist(), strict=True)
    sums = [work * w + pe * p + mp * m for w, p, m in of_each]
    return np.array([rounded(part, total) for part in sums], np.int64)


def shares(rvus: tuple[int, int, int]) -> dict[str, Decimal]:
    """Return each part's share of the RVUs, to a ten-thousandth."""
    total = max(1, sum(rvus))
    return {
        name: rounded_to(Decimal(part) / total, _SHARE_PLACES)
        for name, part in zip(("work", "pe", "mp"), rvus, strict=True)
    }


def weights(day: date) -> tuple[int, int, int]:
    """Return CMS's national weights of work, pe and mp. [10^-5]  Raises MissingRule for a day without."""
    work, pe, mp = (
        whole(reference.row_on("gaf_weight", day, index=name)["value"], _WEIGHT_PLACES) for name in ("work", "pe", "mp")
    )
    return work, pe, mp


def locality_gaf(indices: Indices, day: date) -> Integers:
    """Return the GAF of localities, whatever is done there, rounded once. [thousandths]  Shape: [locality]."""
    return basket_gaf(weights(day), indices)


@dataclass(frozen=True)
class Compared:
    """A basket across localities, the highest first. [USD]

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
    named = [schedule.find_locality(locality) if isinstance(locality, str) else locality for locality in localities]
    return schedule.rows_of_localities(list(dict.fromkeys(named)))


def _prices(
    schedule: FeeSchedule, services: pl.DataFrame, places: pl.DataFrame, qp: bool, gpci_floor: bool
) -> UnitPrices:
    """Return prices of each service in the nation, then in each place. Shape: [service x (1 + place)]."""
    nation = pl.DataFrame({name: [NATION[name]] for name in PLACE})
    located = services.join(pl.concat([nation, places.select(PLACE)]), how="cross", maintain_order="left_right")
    return unit_prices(schedule, located, schedule.release.day(None), qp=qp, gpci_floor=gpci_floor)


def _fees(figures: Figures, indices: Indices, factor: int, taken: int) -> Integers:
    """Return fees with the first ``taken`` indices the places' and the others 1. [cents]  Shape: [service, place]."""
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


def _parts(figures: Figures, indices: Indices, factor: int, cents: Integers, units: Integers) -> list[Integers]:
    """Return what each index makes of the difference from the nation, one taken after the other.

    [cents]  Shape: [place].
    The last state is the amount itself, so the parts sum to the difference. The fee is a sum of the three parts: but
    for a cent of rounding a unit, and the OPPS cap, their order changes nothing.
    """
    national, own = cents[:, :1], _fees(figures, indices, factor, 0)
    states = [national + np.zeros_like(own)]
    states += [in_proportion(_fees(figures, indices, factor, taken), national, own) for taken in (1, 2)]
    sums = [units @ state for state in (*states, cents[:, 1:])]
    return [latter - former for former, latter in pairwise(sums)]


def _rvus(figures: Figures, indices: Indices, factor: int, national: Integers, units: Integers) -> tuple[int, int, int]:
    """Return the basket's RVUs of work, practice expense and malpractice, as its modifiers pay them. [10^-6]"""
    own = _fees(figures, indices, factor, 0)[:, 0]
    weight = units * np.where(own > 0, in_proportion(np.full_like(own, _WEIGHT), national, own), 0)
    rvus = figures.rvus
    work, pe, mp = (int(weight @ part) for part in (rvus.work, figures.pe(figures.facility), rvus.mp))
    return work, pe, mp


def _drivers(parts: Sequence[Integers]) -> list[str]:
    sizes = np.abs(np.stack(parts))
    greatest = sizes.argmax(axis=0)
    return [_DRIVEN[at] if sizes[at, place] else "" for place, at in enumerate(greatest)]


def _amount(name: str, cents: Integers) -> pl.Expr:
    return money(pl.lit(pl.Series(cents))).alias(name)


def _thousandths(name: str, column: Integers) -> pl.Series:
    assert INDEX_PLACES == PLACES
    return pl.Series(name, [exact(index, INDEX_PLACES) for index in column.tolist()], pl.Decimal(6, INDEX_PLACES))


def _index(amounts: Integers) -> pl.Series:
    """Return each place's amount over the nation's, rounded once; null where that is 0."""
    nation, unit = int(amounts[0]), 10**INDEX_TO_NATIONAL_PLACES
    found = [
        None if nation == 0 else exact(rounded(amount * unit, nation), INDEX_TO_NATIONAL_PLACES)
        for amount in amounts[1:].tolist()
    ]
    return pl.Series("index_to_national", found, pl.Decimal(9, INDEX_TO_NATIONAL_PLACES))


def left_out(services: pl.DataFrame, is_priced: Flags, prices: UnitPrices, across: int = 1) -> pl.DataFrame:
    """Return the services that are not priced, and why. Shape: ``SERVICE``, service, units, status, reason."""
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


def compare_two_localities(compared: Compared, first: str, second: str) -> pl.DataFrame:
    """Return where two places' amounts differ. [USD]

    Shape: part (National amount, Work, Practice expense, Malpractice, Amount), first_index, second_index (null where
    there is none), first, second, difference (second less first). The parts of each place sum to its amount, and so do
    the differences. ``first`` and ``second`` are keys (09102-04). Raises UnknownLocality.
    """
    one, two = (_row(compared, key) for key in (first, second))
    national = compared.national_amount
    rows: list[tuple[object, ...]] = [("National amount", None, None, national, national)]
    rows += [
        (name, one[_INDEX_OF_PART[part]], two[_INDEX_OF_PART[part]], one[part], two[part])
        for part, name in _PART_NAMES.items()
    ]
    rows += [("Amount", None, None, one["amount"], two["amount"])]
    names = ("part", "first_index", "second_index", "first", "second")
    kinds = (pl.String, pl.Decimal(6, 3), pl.Decimal(6, 3), _MONEY, _MONEY)
    table = pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")
    return table.with_columns((pl.col("second") - pl.col("first")).cast(_MONEY).alias("difference"))


def _row(compared: Compared, key: str) -> dict[str, object]:
    mac, _, locality = key.partition("-")
    found = compared.places.filter((pl.col("mac") == mac) & (pl.col("locality") == locality))
    if not found.height:
        raise UnknownLocality(f"no locality {key} in {compared.release}; choose one of the list")
    return found.row(0, named=True)


@dataclass(frozen=True)
class ZipPlaces:
    """A ZIP code's localities. ``split``: more than one may be it, and amounts are bounds; ``note`` says by what."""

    zip: str
    localities: tuple[Locality, ...]
    note: str

    @property
    def split(self) -> bool:
        return len(self.localities) > 1


def places_of_zip(zips: ZipDirectory, text: str, schedule: FeeSchedule) -> ZipPlaces:
    """Return where a ZIP code, or ZIP+4, lies in the release's year.

    A ZIP code that is split lies in the localities its ZIP+4 codes do; where no file of those is installed, in one of
    its state's. Raises InvalidValue, NotInstalled, UnknownZip, UnknownLocality.
    """
    year = schedule.release.year
    try:
        found = zips.locality_of(text, year)
    except SplitZip:
        code = text.strip()[:_CODE]
        return _bounds(zips, code, schedule)
    place = schedule.find_locality(f"{found.mac}-{found.locality}")
    return ZipPlaces(found.zip, (place,), f"{found.source}: {place.label}")


def _bounds(zips: ZipDirectory, code: str, schedule: FeeSchedule) -> ZipPlaces:
    year = schedule.release.year
    if zips.zip_plus4 is not None:
        rows = zips.zip_plus4.filter(
            (pl.col("zip") == code) & (pl.col("first_year") <= year) & (pl.col("last_year") >= year)
        )
        keys = rows.select("mac", "locality").unique().sort("mac", "locality").rows()
        places = tuple(schedule.find_locality(f"{mac}-{number}") for mac, number in keys)
        return ZipPlaces(code, places, f"{zips.zip_plus4_name}: split between {len(places)} localities by ZIP+4")
    assert zips.zip5 is not None
    row = zips.zip5.filter(pl.col("zip") == code).row(0, named=True)
    most = schedule.find_locality(f"{row['mac']}-{row['locality']}")
    places = tuple(place for place in schedule.all_localities if place.state == most.state)
    note = (
        f"{zips.zip5_name}: split, most of it in {most.label}; no ZIP+4 file is installed, so the bounds are those of "
        f"all localities of {most.state}"
    )
    return ZipPlaces(code, places, note)
