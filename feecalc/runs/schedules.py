"""The releases that a claim file's dates of service call for, opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from feecalc.errors import NotInstalled, UnknownRelease
from feecalc.ingest import releases
from feecalc.ingest.store import Snapshot, Store
from feecalc.installed import installed_unknown, open_from
from feecalc.pricing.schedule import FeeSchedule

_NAMED = 6


@dataclass(frozen=True)
class OpenSchedules:
    """Schedules, oldest first, and what a person should be told of them."""

    schedules: tuple[FeeSchedule, ...]
    pinned: bool  # one release that a person named: it prices its whole year
    notices: tuple[str, ...] = ()
    others: tuple[releases.KnownRelease, ...] = ()  # installed here, and newer than what this version knows


def open_schedules(days: Iterable[date], release: str | None = None, home: Path | None = None) -> OpenSchedules:
    """The release in force on each day, or the one named.

    One that is not installed is said, and its lines will say so; raises NotInstalled where none is. The starter data
    answers only where nothing is installed at all, or where it is named. Without any day the newest release is opened.
    Raises also UnknownRelease, InvalidValue, StoreError.
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


def _in_force(days: list[date], others: Iterable[releases.KnownRelease]) -> tuple[list[str], list[str]]:
    names: dict[str, None] = {}
    outside = 0
    for day in days:
        try:
            names[releases.release_in_force(day, others).name] = None
        except UnknownRelease:
            outside += 1
    notices = [f"{outside} dates of service lie outside the releases that are known"] if outside else []
    return list(names), notices


def _begins(schedule: FeeSchedule) -> date:
    return schedule.release.first_date_of_service
