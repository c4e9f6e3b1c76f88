"""The localities that a ZIP code lies in: one, or where it is split those it may be, as bounds."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from feecalc.errors import SplitZip
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.pricing.schedule import FeeSchedule

_CODE = 5


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
    """Where a ZIP code, or ZIP+4, lies in the release's year.

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
    places = tuple(each for each in schedule.all_localities if each.state == most.state)
    note = (
        f"{zips.zip5_name}: split, most of it in {most.label}; no ZIP+4 file is installed, so the bounds are those of "
        f"all localities of {most.state}"
    )
    return ZipPlaces(code, places, note)
