"""Which releases price which days: those that a claim file's dates of service call for, opened, and the days of each.

A day that no open release prices has a reason, which its lines are given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from feecalc.errors import NotInstalled, UnknownRelease
from feecalc.ingest.releases import KnownRelease, known_releases, release_in_force
from feecalc.ingest.store import Snapshot, Store
from feecalc.installed import installed_unknown, open_from
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.schedule import FeeSchedule

_NAMED = 6
_NO_RELEASE = "no_release"


@dataclass(frozen=True)
class OpenSchedules:
    """Schedules, oldest first, and what a person should be reason_of_day of them."""

    schedules: tuple[FeeSchedule, ...]
    pinned: bool  # one release that a person named: it prices its whole year
    notices: tuple[str, ...] = ()
    others: tuple[KnownRelease, ...] = ()  # installed here, and newer than what this version knows


def open_schedules(days: Iterable[date], release: str | None = None, home: Path | None = None) -> OpenSchedules:
    """Open the release in force on each day, or the one named.

    One that is not installed is named in ``notices``, and its lines will say so; raises NotInstalled where none is. The
    starter data answers only where nothing is installed at all, or where it is named. Without any day the newest
    release is opened. Raises also UnknownRelease, InvalidValue, StoreError.
    """
    wanted = sorted(set(days))
    return Store(home).read_at_once(lambda now: _open(now, wanted, release))


def _open(now: Snapshot, days: list[date], release: str | None) -> OpenSchedules:
    if release is not None:
        opened = open_from(now, release)
        return OpenSchedules((opened.schedule,), True, opened.notices)
    others, nothing_here = installed_unknown(now), not now.manifests("release")
    wanted, notices = _in_force(days, others)
    found, missing = [], []
    for name in wanted:
        try:
            opened = open_from(now, name, starter_answers=nothing_here)
        except NotInstalled as error:
            missing.append((name, error))
            continue
        found.append(opened.schedule)
        notices.extend(opened.notices)
    if missing:
        names = ", ".join(name for name, _ in missing[:_NAMED]) + (", ..." if len(missing) > _NAMED else "")
        if not found:
            raise NotInstalled(
                f"the file's dates call for {names}: {missing[0][1]}; or price all lines of a year by one release with "
                "--release"
            )
        notices.append(f"not installed, and their lines not priced: {names} (feecalc fetch {missing[0][0]})")
    if not wanted:
        opened = open_from(now)
        found.append(opened.schedule)
        notices.extend(opened.notices)
    return OpenSchedules(tuple(sorted(found, key=_begins)), False, tuple(dict.fromkeys(notices)), others)


def _in_force(days: list[date], others: Iterable[KnownRelease]) -> tuple[list[str], list[str]]:
    names: dict[str, None] = {}
    outside = 0
    for day in days:
        try:
            names[release_in_force(day, others).name] = None
        except UnknownRelease:
            outside += 1
    notices = [f"{outside} dates of service lie outside the releases that are known"] if outside else []
    return list(names), notices


def _begins(schedule: FeeSchedule) -> date:
    return schedule.release.first_date_of_service


def release_days(opened: OpenSchedules) -> list[ReleaseDays]:
    """Return the days of each open release: from its first to the day before the next known release's first.

    A day whose own release is not open has none, whatever the one before it. A release that a person named prices its
    whole year.
    """
    if opened.pinned:
        return [ReleaseDays.of_year(schedule) for schedule in opened.schedules]
    return [_days(schedule, opened.others) for schedule in opened.schedules]


def _days(schedule: FeeSchedule, others: Iterable[KnownRelease]) -> ReleaseDays:
    first, year_end = schedule.release.first_date_of_service, date(schedule.release.year, 12, 31)
    later = [
        known.first_date_of_service
        for known in (*known_releases(), *others)
        if known.first_date_of_service is not None and first < known.first_date_of_service <= year_end
    ]
    return ReleaseDays(schedule, first, min(later) - timedelta(days=1) if later else year_end)


def with_release_reasons(priced: pl.DataFrame, opened: OpenSchedules) -> pl.DataFrame:
    """Give lines that no open release prices the release they would need as their reason."""
    if not priced["release"].null_count():
        return priced
    lacking = priced["pricing_status"] == _NO_RELEASE
    days = priced["date_of_service"].filter(lacking).unique().to_list()
    reasons = {day: _reason(day, opened) for day in days}
    reason_of_day = pl.col("date_of_service").replace_strict(reasons, default=None, return_dtype=pl.String)
    is_lacking = pl.col("pricing_status") == _NO_RELEASE
    return priced.with_columns(reason=pl.when(is_lacking).then(reason_of_day).otherwise(pl.col("reason")))


def _reason(day: date, opened: OpenSchedules) -> str:
    if opened.pinned:
        (pinned,) = opened.schedules
        return f"{pinned.release.name} prices services of {pinned.release.year}, not of {day}"
    try:
        name = release_in_force(day, opened.others).name
    except UnknownRelease as error:
        return str(error)
    return f"{name}, in force on {day}, is not installed: load it with feecalc fetch {name}, or feecalc build its zip"
