"""Which release prices which days, and why a day has none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from feecalc.errors import UnknownRelease
from feecalc.ingest.releases import KnownRelease, known_releases, release_in_force
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.schedule import FeeSchedule
from feecalc.runs.schedules import OpenSchedules

_NO_RELEASE = "no_release"


def coverage(opened: OpenSchedules) -> list[ReleaseDays]:
    """The days of each open release: from its first to the day before the next known release's first.

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


def with_reasons(priced: pl.DataFrame, opened: OpenSchedules) -> pl.DataFrame:
    """Lines that no open release prices, with the release they would need."""
    if not priced["release"].null_count():
        return priced
    lacking = priced["pricing_status"] == _NO_RELEASE
    days = priced["date_of_service"].filter(lacking).unique().to_list()
    reasons = {day: _reason(day, opened) for day in days}
    told = pl.col("date_of_service").replace_strict(reasons, default=None, return_dtype=pl.String)
    is_lacking = pl.col("pricing_status") == _NO_RELEASE
    return priced.with_columns(reason=pl.when(is_lacking).then(told).otherwise(pl.col("reason")))


def _reason(day: date, opened: OpenSchedules) -> str:
    if opened.pinned:
        (pinned,) = opened.schedules
        return f"{pinned.release.name} prices services of {pinned.release.year}, not of {day}"
    try:
        name = release_in_force(day, opened.others).name
    except UnknownRelease as error:
        return str(error)
    return f"{name}, in force on {day}, is not installed: load it with feecalc fetch {name}, or feecalc build its zip"
