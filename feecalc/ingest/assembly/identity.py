"""Identification of a source's relative value release: by request, by its name, or by its members' content.

The user's ``--release`` takes precedence over the file's name, and the name over the content. Content that contradicts
the release is never built under its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from feecalc.errors import CheckFailed, InvalidValue, UnknownRelease
from feecalc.ingest.fetch.origin import names_release
from feecalc.ingest.releases import (
    CORRECTION,
    KnownRelease,
    known_release,
    known_releases,
    release_name,
    unlisted_release,
)

_MONTHS = (
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
)
# What may follow: a date, a word of an update, or the number of a copy (rvu26ar_1.zip); not more of a name (_PCT0).
_RELEASE_IN_NAME = re.compile(
    r"(?:^|[^a-z0-9])(rvu\d\d[a-z][a-z0-9]{0,2})(?=$|[^a-z0-9_]|_\d+(?:$|[^a-z0-9_]))", re.IGNORECASE
)


@dataclass(frozen=True)
class StatedDate:
    """The year and month that a member's name or content states; None where it states none."""

    source: str
    year: int | None = None
    month: int | None = None

    @property
    def date_text(self) -> str:
        """The date in words: ``October 2025`` or ``2025``."""
        month = _MONTHS[self.month - 1].capitalize() if self.month else ""
        return f"{month} {self.year or ''}".strip()


def month_of(word: str) -> int | None:
    """Return the number of the month JAN, Jan. or January; None for another word."""
    word = word.upper().strip(". ")
    months = [number for number, month in enumerate(_MONTHS, 1) if word in (month, month[:3])]
    return months[0] if months else None


# A day or a quarter written out in a file's name: year and month, or year and quarter.
_DAYS = (
    re.compile(r"(?<!\d)(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"),  # 20260401
    re.compile(r"eff(?:ective)?[-_. ]*(?P<month>0[1-9]|1[0-2])[-_.]?\d\d[-_.]?(?P<year>20\d\d)(?!\d)", re.IGNORECASE),
    re.compile(r"(?<!\d)(?P<year>20\d\d)[-_ ]?q(?P<quarter>[1-4])(?![a-z0-9])", re.IGNORECASE),  # V2026Q2, 2025-q4
    re.compile(r"^[a-z_]+[a-z]-(?P<year>20\d\d)(?P<quarter>[1-4])(?![0-9])", re.IGNORECASE),  # OPPS-20254
)


def date_in_name(stem: str, source: str | None = None) -> StatedDate:
    """Return year and month in a name: PPRRVU2025_Oct, PPRRVU25_JAN, 25LOCCO, GPCI2026, asc_20260401, 2024q3."""
    for pattern in _DAYS:
        days = {
            (int(match["year"]), int(groups.get("month") or 3 * int(groups.get("quarter") or 1) - 2))
            for match in pattern.finditer(stem)
            if (groups := match.groupdict())
        }
        if len(days) == 1:
            return StatedDate(source or stem, *days.pop())
    years = set(re.findall(r"(?<!\d)(20\d\d)(?!\d)", stem)) or {
        f"20{short}" for short in re.findall(r"(?<!\d)(\d\d)(?!\d)", stem)
    }
    months = {month for word in re.findall(r"[A-Za-z]+", stem) if (month := month_of(word))}
    return StatedDate(
        source or stem,
        int(years.pop()) if len(years) == 1 else None,
        months.pop() if len(months) == 1 else None,
    )


def date_in_content(source: str, facts: Mapping[str, str]) -> StatedDate:
    """Return the year and month stated in a member's content (``facts``)."""
    year = facts.get("year", "")
    return StatedDate(source, int(year) if re.fullmatch(r"\d{4}", year) else None, month_of(facts.get("month", "")))


def named_release(source_name: str) -> str | None:
    """Return the release that a zip or folder is named after: RVU24AR for rvu24ar-posted-04-01-2024.zip; else None.

    A name that only looks like a release's (rvu40a.zip) counts, known or not.
    """
    stem = re.sub(r"\.zip$", "", source_name, flags=re.IGNORECASE)
    for release in known_releases():
        if names_release(f"{stem}.zip", release.name):
            return release.name
    found = {match.upper() for match in _RELEASE_IN_NAME.findall(stem)}
    return found.pop() if len(found) == 1 else None


def identify(
    source_name: str, requested: str | None, stated_dates: Iterable[StatedDate]
) -> tuple[KnownRelease, tuple[str, ...]]:
    """Return the release of a source, and notes on how it was identified.

    ``stated_dates`` are those of the relative value file. Raises InvalidValue (not identified: give --release),
    UnknownRelease, and CheckFailed where the content contradicts the name.
    """
    stated_dates = list(stated_dates)
    named = named_release(source_name)
    notes: list[str] = []
    if requested is not None:
        release = _requested_release(requested, stated_dates)
        how = f"--release {release.name}"
        if named not in (None, release.name):
            notes.append(f"{source_name} is named after {named}; built as {release.name}, as --release says")
        if release.address == "":
            notes.append(f"{release.name} is not among the releases feecalc knows; taken as --release says")
    elif named is not None:
        how = f"the name {source_name}"
        try:
            release = known_release(named)
        except UnknownRelease as error:
            release = _unlisted(named, stated_dates)
            if release.corrects is None:
                raise UnknownRelease(f"{source_name}: {error}; to build it all the same: --release {named}") from error
            notes.append(
                f"{release.name} is not among the releases feecalc knows; taken as the correction of "
                f"{release.corrects}, as its name says, for services from {release.first_date_of_service}"
            )
    else:
        return _release_by_content(source_name, stated_dates), ()
    for stated in stated_dates:
        if stated.year not in (None, release.year) or not _month_fits(release, stated.month):
            first_day = f", which begins on {release.first_date_of_service}" if release.first_date_of_service else ""
            raise CheckFailed(
                f"{source_name}: {how} says {release.name}{first_day}, but {stated.source} says {stated.date_text}; "
                "nothing was built. Say which release it is with --release, or get the right file"
            )
    return release, tuple(notes)


def _requested_release(requested: str, stated_dates: list[StatedDate]) -> KnownRelease:
    name = release_name(requested)
    known = {release.name: release for release in known_releases()}
    if name in known:
        return known[name]
    release = _unlisted(name, stated_dates)
    if release.corrects is None and release.year <= max(listed.year for listed in known.values()):
        known_release(name)  # raises, with the nearest names
    return release


def _unlisted(name: str, stated_dates: list[StatedDate]) -> KnownRelease:
    """Return a release that is not listed: a correction by its name, any other by the month that its members state."""
    year = 2000 + int(name[3:5])
    correction = unlisted_release(name, year, None)
    if correction.corrects is not None:
        return correction
    months = {stated.month for stated in stated_dates} - {None}
    month = months.pop() if len(months) == 1 else None
    return unlisted_release(name, year, None if month is None else date(year, month, 1))


def _months(release: KnownRelease) -> set[int]:
    """Return the months that a release's file may state: a correction (RVU24AR) may keep that of RVU24A."""
    months = {release.first_date_of_service.month} if release.first_date_of_service else set()
    first = CORRECTION.fullmatch(release.name)
    corrected = release.corrects or (first and first[1])
    for other in known_releases():
        if other.name == corrected:
            months |= _months(other)
    return months


def _month_fits(release: KnownRelease, month: int | None) -> bool:
    quarters = {first_month for first_month in _months(release) if first_month % 3 == 1}
    return month is None or not quarters or month in quarters


def _release_by_content(source_name: str, stated_dates: list[StatedDate]) -> KnownRelease:
    years = {stated.year for stated in stated_dates} - {None}
    months = {stated.month for stated in stated_dates} - {None}
    if len(years) > 1 or len(months) > 1:
        words = "; ".join(f"{stated.source} says {stated.date_text}" for stated in stated_dates if stated.date_text)
        raise CheckFailed(f"{source_name}: its members contradict each other: {words}. Nothing was built")
    fitting = [
        release for release in known_releases() if release.year in years and months and months <= _months(release)
    ]
    if len(fitting) == 1:
        return fitting[0]
    complete = [stated for stated in stated_dates if stated.year and stated.month]
    dated = complete[:1] or [stated for stated in stated_dates if stated.date_text]
    statements = "; ".join(f"{stated.source} says {stated.date_text}" for stated in dated) or "nothing says it"
    if fitting:
        names = " or ".join(release.name for release in fitting)
        raise InvalidValue(f"{source_name}: it can be {names} ({statements}); say which: --release {fitting[-1].name}")
    raise InvalidValue(
        f"{source_name}: which release it is cannot be told ({statements}); say it with --release, as RVU26C"
    )
