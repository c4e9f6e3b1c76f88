"""CMS's relative value releases, and the one in force on a day."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from feecalc import reference
from feecalc.errors import InvalidValue, UnknownRelease
from feecalc.ingest.fetch.names import SeenAddress, seen_addresses

_NAME = re.compile(r"(?:RVU)?(?:20)?(\d\d)([A-Z][A-Z0-9_]{0,9})", re.IGNORECASE)
CORRECTION = re.compile(r"(RVU\d\d[A-Z])R\d?")  # of RVU24A: RVU24AR, and RVU24AR1 of it again
_PAGE = "https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files/"


@dataclass(frozen=True)
class KnownRelease:
    """One relative value release as CMS named it."""

    name: str
    year: int
    first_date_of_service: date | None
    corrects: str | None
    address: str  # the first of ``addresses``; empty where none is known
    addresses: tuple[SeenAddress, ...] = ()  # where its zip was seen, the newest file first

    @property
    def page(self) -> str:
        """Return address of the release's own page on cms.gov, where its zip is linked."""
        return _PAGE + self.name.lower()


@cache
def known_releases() -> tuple[KnownRelease, ...]:
    """Return every release of reference/release.toml, oldest first."""
    return tuple(
        KnownRelease(
            name=row["release"],
            year=row["year"],
            first_date_of_service=row.get("first_date_of_service"),
            corrects=row.get("corrects"),
            address=row["addresses"][0]["address"],
            addresses=seen_addresses(row["addresses"]),
        )
        for row in reference.rows("release")
    )


def unlisted_release(name: str, year: int, first_day: date | None) -> KnownRelease:
    """Return a release that reference/release.toml does not list, as far as its name and its zip say it.

    CMS names a correction after what it corrects: RVU26AR is RVU26A's, for the same days where it says no other.
    """
    correction = CORRECTION.fullmatch(name)
    listed = {release.name: release for release in known_releases()}
    corrected = listed.get(correction[1]) if correction else None
    if corrected is None:
        return KnownRelease(name, year, first_day, None, "")
    return KnownRelease(name, year, first_day or corrected.first_date_of_service, corrected.name, "")


def release_name(text: str) -> str:
    """Return CMS's name of a release from a user's text: RVU26C for 2026C, 26c and rvu26c."""
    match = _NAME.fullmatch(text.strip())
    if match is None:
        raise InvalidValue(f"{text!r} is not a release name; write it as 2026C or RVU26C (feecalc releases lists them)")
    return f"RVU{match[1]}{match[2].upper()}"


def is_release_name(text: str) -> bool:
    """Return whether this is CMS's name of a release in full, RVU26C."""
    return _NAME.fullmatch(text) is not None and release_name(text) == text


def known_release(text: str, others: Iterable[KnownRelease] = ()) -> KnownRelease:
    """Return the release named by ``text``, known or in ``others``. Raises UnknownRelease with the nearest names."""
    name = release_name(text)
    by_name = {release.name: release for release in (*others, *known_releases())}
    if name in by_name:
        return by_name[name]
    years = {release.year for release in by_name.values()}
    is_near = int(name[3:5]) + 2000 in {year + step for year in years for step in (-1, 0, 1)}
    near = difflib.get_close_matches(name, by_name, n=3, cutoff=0.7) if is_near else []
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise UnknownRelease(f"no release {name} is known{hint} (feecalc releases lists all {len(by_name)})")


def release_in_force(day: date, others: Iterable[KnownRelease] = ()) -> KnownRelease:
    """Return the release in force on ``day``, known or in ``others`` (installed releases that are not known here).

    A release holds from its first date of service to the next one's, and never past its calendar year. A release that
    corrects another for the same days takes its place.
    """
    known = (*known_releases(), *others)
    dated = [r for r in known if r.first_date_of_service is not None and r.year == day.year]
    begun = [r for r in dated if r.first_date_of_service is not None and r.first_date_of_service <= day]
    if not begun:
        years = sorted({r.year for r in known})
        raise UnknownRelease(
            f"no known release prices services of {day}; releases are known for {years[0]} to {years[-1]} "
            "(a newer one can be built from its zip: feecalc build FILE, then --release)"
        )
    latest = max(r.first_date_of_service for r in begun if r.first_date_of_service is not None)
    candidates = [r for r in begun if r.first_date_of_service == latest]
    corrected = {r.corrects for r in candidates}
    standing = [r for r in candidates if r.name not in corrected]
    if len(standing) > 1:
        names = " and ".join(r.name for r in standing)
        raise UnknownRelease(f"{names} both begin on {latest}: choose one with --release")
    return standing[0]
