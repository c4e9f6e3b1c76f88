"""Which relative value release a source is: what was asked for, what its name says, what its members say.

A person's ``--release`` goes before the file's name, and the name before the content; but content that speaks against
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
class Said:
    """What one voice (a member's name, or its content) says the release is; None where it says nothing."""

    who: str
    year: int | None = None
    month: int | None = None

    @property
    def what(self) -> str:
        """Return ``October 2025``, ``2025``."""
        month = _MONTHS[self.month - 1].capitalize() if self.month else ""
        return f"{month} {self.year or ''}".strip()


def month_of(word: str) -> int | None:
    """Return the month of JAN, Jan. or January; None for another word."""
    word = word.upper().strip(". ")
    found = [number for number, month in enumerate(_MONTHS, 1) if word in (month, month[:3])]
    return found[0] if found else None


# A day or a quarter written out in a file's name: year and month, or year and quarter.
_DAYS = (
    re.compile(r"(?<!\d)(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"),  # 20260401
    re.compile(r"eff(?:ective)?[-_. ]*(?P<month>0[1-9]|1[0-2])[-_.]?\d\d[-_.]?(?P<year>20\d\d)(?!\d)", re.IGNORECASE),
    re.compile(r"(?<!\d)(?P<year>20\d\d)[-_ ]?q(?P<quarter>[1-4])(?![a-z0-9])", re.IGNORECASE),  # V2026Q2, 2025-q4
    re.compile(r"^[a-z_]+[a-z]-(?P<year>20\d\d)(?P<quarter>[1-4])(?![0-9])", re.IGNORECASE),  # OPPS-20254
)


def said_by_name(stem: str, who: str | None = None) -> Said:
    """The year and month in a member's name: PPRRVU2025_Oct, PPRRVU25_JAN, 25LOCCO, GPCI2026, asc_20260401, 2024q3."""
    for pattern in _DAYS:
        days = {
            (int(match["year"]), int(groups.get("month") or 3 * int(groups.get("quarter") or 1) - 2))
            for match in pattern.finditer(stem)
            if (groups := match.groupdict())
        }
        if len(days) == 1:
            return Said(who or stem, *days.pop())
    years = set(re.findall(r"(?<!\d)(20\d\d)(?!\d)", stem)) or {
        f"20{short}" for short in re.findall(r"(?<!\d)(\d\d)(?!\d)", stem)
    }
    months = {month for word in re.findall(r"[A-Za-z]+", stem) if (month := month_of(word))}
    return Said(
        who or stem,
        int(years.pop()) if len(years) == 1 else None,
        months.pop() if len(months) == 1 else None,
    )


def said_by_content(who: str, facts: Mapping[str, str]) -> Said:
    """Return the year and month a member's own words give."""
    year = facts.get("year", "")
    return Said(who, int(year) if re.fullmatch(r"\d{4}", year) else None, month_of(facts.get("month", "")))


def named_release(source_name: str) -> str | None:
    """The release a zip or folder is named after: rvu24ar-posted-04-01-2024.zip is RVU24AR. None for other names.

    A name that only looks like a release's (rvu40a.zip) is given too, known or not.
    """
    stem = re.sub(r"\.zip$", "", source_name, flags=re.IGNORECASE)
    for release in known_releases():
        if names_release(f"{stem}.zip", release.name):
            return release.name
    found = {match.upper() for match in _RELEASE_IN_NAME.findall(stem)}
    return found.pop() if len(found) == 1 else None


def identify(source_name: str, asked: str | None, voices: Iterable[Said]) -> tuple[KnownRelease, tuple[str, ...]]:
    """Return the release of a source, and what a person should know of how it was found.

    ``voices`` speak of the relative value file itself. Raises InvalidValue (it cannot be told; say it with
    --release), UnknownRelease, and CheckFailed where the content contradicts the name.
    """
    voices = list(voices)
    named = named_release(source_name)
    notes: list[str] = []
    if asked is not None:
        release = _asked_release(asked, voices)
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
            release = _unlisted(named, voices)
            if release.corrects is None:
                raise UnknownRelease(f"{source_name}: {error}; to build it all the same: --release {named}") from error
            notes.append(
                f"{release.name} is not among the releases feecalc knows; taken as the correction of "
                f"{release.corrects}, as its name says, for services from {release.first_date_of_service}"
            )
    else:
        return _release_by_content(source_name, voices), ()
    for voice in voices:
        if voice.year not in (None, release.year) or not _month_fits(release, voice.month):
            begins = f", which begins on {release.first_date_of_service}" if release.first_date_of_service else ""
            raise CheckFailed(
                f"{source_name}: {how} says {release.name}{begins}, but {voice.who} says {voice.what}; "
                "nothing was built. Say which release it is with --release, or get the right file"
            )
    return release, tuple(notes)


def _asked_release(asked: str, voices: list[Said]) -> KnownRelease:
    name = release_name(asked)
    known = {release.name: release for release in known_releases()}
    if name in known:
        return known[name]
    release = _unlisted(name, voices)
    if release.corrects is None and release.year <= max(each.year for each in known.values()):
        known_release(name)  # raises, with the nearest names
    return release


def _unlisted(name: str, voices: list[Said]) -> KnownRelease:
    """Return a release that is not listed: a correction by its name, any other by what its members say of the month."""
    year = 2000 + int(name[3:5])
    correction = unlisted_release(name, year, None)
    if correction.corrects is not None:
        return correction
    months = {voice.month for voice in voices} - {None}
    month = months.pop() if len(months) == 1 else None
    return unlisted_release(name, year, None if month is None else date(year, month, 1))


def _months(release: KnownRelease) -> set[int]:
    """The months a release's own file may name: a correction (RVU24AR, of RVU24A) keeps that of what it corrects."""
    months = {release.first_date_of_service.month} if release.first_date_of_service else set()
    first = CORRECTION.fullmatch(release.name)
    corrected = release.corrects or (first and first[1])
    for other in known_releases():
        if other.name == corrected:
            months |= _months(other)
    return months


def _month_fits(release: KnownRelease, month: int | None) -> bool:
    quarters = {each for each in _months(release) if each % 3 == 1}
    return month is None or not quarters or month in quarters


def _release_by_content(source_name: str, voices: list[Said]) -> KnownRelease:
    years = {voice.year for voice in voices} - {None}
    months = {voice.month for voice in voices} - {None}
    if len(years) > 1 or len(months) > 1:
        words = "; ".join(f"{voice.who} says {voice.what}" for voice in voices if voice.what)
        raise CheckFailed(f"{source_name}: its members contradict each other: {words}. Nothing was built")
    fitting = [
        release
        for release in known_releases()
        if release.year in years and months and months <= _months(release)
    ]
    if len(fitting) == 1:
        return fitting[0]
    said = next((f"{voice.who} says {voice.what}" for voice in voices if voice.year and voice.month), None)
    said = said or "; ".join(f"{voice.who} says {voice.what}" for voice in voices if voice.what) or "nothing says it"
    if fitting:
        names = " or ".join(release.name for release in fitting)
        raise InvalidValue(f"{source_name}: it can be {names} ({said}); say which: --release {fitting[-1].name}")
    raise InvalidValue(f"{source_name}: which release it is cannot be told ({said}); say it with --release, as RVU26C")
