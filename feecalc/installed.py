"""From what is installed on this machine to a schedule that prices: the newest release, a named one, or a day's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from feecalc.errors import NotInstalled, StoreError, UnknownRelease
from feecalc.ingest import releases, starter
from feecalc.ingest.manifest import Manifest
from feecalc.ingest.snapshot import Replaced
from feecalc.ingest.store import Snapshot, Store
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.pricing.release import ReleaseIdentity
from feecalc.pricing.rules.work_gpci_floor import PrintedIndices, with_unfloored
from feecalc.pricing.schedule import FeeSchedule

_RELEASE, _ZIP5, _ZIP_PLUS4, _BASE_UNITS = "release", "zip5", "zip_plus4", "base_units"
_RVU, _GPCI, _COUNTY = "rvu", "gpci", "county"
_ANESTHESIA, _RVU_QP = "anesthesia", "rvu_qp"
_OPTIONAL = (_ANESTHESIA, _COUNTY, _RVU_QP)  # tables that a release may lack
_MOST_AT_HAND = 12  # three years of quarters


@dataclass(frozen=True)
class Opened:
    """A schedule, and what a person should be told of how it was chosen."""

    schedule: FeeSchedule
    notices: tuple[str, ...] = ()

    def all_notices(self, *, gpci_floor: bool) -> tuple[str, ...]:
        """Return the notices; where prices leave the floor out, also where the work indices without it come from."""
        return self.notices if gpci_floor else (*self.notices, *self.schedule.unfloored.notices)


def open_schedule(
    release: str | None = None, *, day: date | None = None, home: Path | None = None, starter_answers: bool = True
) -> Opened:
    """Return the schedule of a release (2026C), of the release in force on ``day``, or the newest installed.

    All of it is of one build, whatever is built meanwhile. Where it is not installed and the starter data holds a
    selection of it, that answers (unless ``starter_answers`` is False), and a notice says so. Raises UnknownRelease,
    NotInstalled, InvalidValue, StoreError.
    """
    return Store(home).read_at_once(lambda now: open_from(now, release, day=day, starter_answers=starter_answers))


def open_from(
    now: Snapshot, release: str | None = None, *, day: date | None = None, starter_answers: bool = True
) -> Opened:
    """Return the same of what is installed at one moment, for who opens several."""
    if release is not None:
        name = releases.known_release(release, installed_unknown(now)).name
        notices = _other_in_force(name, day, now)
    elif day is not None:
        name, notices = releases.release_in_force(day, installed_unknown(now)).name, ()
    else:
        return _newest(now)
    manifest = now.manifest(name)
    if manifest is not None:
        return Opened(_from_store(now, manifest), notices)
    if starter_answers and starter.starter_release(name) is not None:
        return Opened(_from_starter(now, name), (*notices, starter_notice(name)))
    have = ", ".join(each.name for each in now.manifests(_RELEASE)) or "none"
    begins = "" if day is None or release is not None else f", in force on {day},"
    raise NotInstalled(
        f"{name}{begins} is not installed (installed: {have}); load it with feecalc fetch {name}, "
        "or feecalc build with its zip"
    )


def releases_at_hand(home: Path | None = None, most: int = _MOST_AT_HAND) -> list[str]:
    """Return the newest releases that are installed, or the starter data's where none is; oldest first."""
    return _at_hand(Store(home).read_at_once(lambda now: now.manifests(_RELEASE)), most)


def schedules_at_hand(home: Path | None = None, most: int = _MOST_AT_HAND) -> list[FeeSchedule]:
    """Return the same, opened. Errors as ``open_schedule``."""

    def opened(now: Snapshot) -> list[FeeSchedule]:
        return [open_from(now, name).schedule for name in _at_hand(now.manifests(_RELEASE), most)]

    return Store(home).read_at_once(opened)


def _at_hand(manifests: list[Manifest], most: int) -> list[str]:
    installed = [manifest.name for manifest in manifests if manifest.first_date_of_service is not None]
    return (installed or [release.name for release in starter.starter_releases()])[-most:]


def installed_unknown(now: Snapshot) -> tuple[releases.KnownRelease, ...]:
    """Return releases that are installed though reference/release.toml does not know them: newer than this version."""
    known = {release.name for release in releases.known_releases()}
    found = []
    for name in now.names():
        if name in known or not releases.is_release_name(name):
            continue
        with suppress(StoreError):  # a damaged one is said where it is asked for
            manifest = now.manifest(name)
            if manifest is not None and manifest.kind == _RELEASE:
                begins = manifest.first_date_of_service
                found.append(releases.unlisted_release(name, manifest.year, begins))
    return tuple(found)


def starter_notice(name: str) -> str:
    """Return what is said wherever starter data answers."""
    return (
        f"starter data: a selection of {len(starter.services())} services of {name}, not the whole release; load it "
        f"with feecalc fetch {name}, or feecalc build with its zip"
    )


def open_zip_directory(home: Path | None = None, *, day: date | None = None) -> ZipDirectory:
    """Return the ZIP files that are installed: of several ZIP5 files the newest that is not after ``day``."""

    def directory(now: Snapshot) -> ZipDirectory:
        zip5 = _of_day(now.manifests(_ZIP5), day)
        plus4 = _of_day(now.manifests(_ZIP_PLUS4), day)
        return ZipDirectory(
            zip5=None if zip5 is None else now.read(zip5.name, _ZIP5),
            zip5_name="" if zip5 is None else zip5.name,
            zip_plus4=None if plus4 is None else now.read(plus4.name, _ZIP_PLUS4),
            zip_plus4_name="" if plus4 is None else plus4.name,
        )

    return Store(home).read_at_once(directory)


def _of_day(manifests: list[Manifest], day: date | None) -> Manifest | None:
    begun = [
        manifest
        for manifest in manifests
        if day is None or manifest.first_date_of_service is None or manifest.first_date_of_service <= day
    ]
    return (begun or manifests)[-1] if manifests else None


def _newest(now: Snapshot) -> Opened:
    installed = now.manifests(_RELEASE)
    if not installed:
        name = starter.starter_releases()[-1].name
        return Opened(_from_starter(now, name), (starter_notice(name),))
    newest = installed[-1]
    return Opened(_from_store(now, newest), _newer_in_force(newest.name, now))


def _newer_in_force(name: str, now: Snapshot) -> tuple[str, ...]:
    try:
        today = releases.release_in_force(date.today(), installed_unknown(now))
    except UnknownRelease:
        return ()
    if today.name == name:
        return ()
    return (f"priced by {name}, the newest installed; in force today is {today.name} (feecalc fetch {today.name})",)


def _other_in_force(name: str, day: date | None, now: Snapshot) -> tuple[str, ...]:
    if day is None:
        return ()
    try:
        of_day = releases.release_in_force(day, installed_unknown(now))
    except UnknownRelease:
        return ()
    if of_day.name == name:
        return ()
    return (f"priced by {name}, as asked; the release in force on {day} is {of_day.name}",)


def _from_store(now: Snapshot, manifest: Manifest) -> FeeSchedule:
    members = {table: str(about.get("member", "")) for table, about in manifest.tables.items()}
    units = _of_day(now.manifests(_BASE_UNITS), manifest.first_date_of_service)
    if units is not None:
        members[_BASE_UNITS] = str(units.tables[_BASE_UNITS].get("member", units.name))
    assert manifest.first_date_of_service is not None
    identity = ReleaseIdentity(
        name=manifest.name,
        year=manifest.year,
        first_date_of_service=manifest.first_date_of_service,
        source_name=str(manifest.source["name"]),
        sha256=str(manifest.source["sha256"]),
        retrieved=manifest.source.get("retrieved"),
        members=members,
    )
    tables = now.read_tables(manifest.name, _tables_of(manifest))
    localities, unfloored = with_unfloored(tables[_GPCI], _both_printed(now, manifest), manifest.name)
    return FeeSchedule(
        identity,
        tables[_RVU],
        localities,
        unfloored=unfloored,
        base_units=None if units is None else now.read(units.name, _BASE_UNITS),
        anesthesia=tables.get(_ANESTHESIA),
        counties=tables.get(_COUNTY),
        rvu_qp=tables.get(_RVU_QP),
    )


def _from_starter(now: Snapshot, name: str) -> FeeSchedule:
    release = starter.starter_release(name)
    assert release is not None
    identity = ReleaseIdentity(
        name=name,
        year=release.year,
        first_date_of_service=release.first_date_of_service,
        source_name=release.source["name"],
        sha256=release.source["sha256"],
        starter=True,
        members={table: about["member"] for table, about in release.tables.items()},
    )
    units = starter.read_starter(name, _BASE_UNITS) if _BASE_UNITS in release.tables else None
    tables = {table: starter.read_starter(name, table) for table in _tables_of(release)}
    localities, unfloored = with_unfloored(tables[_GPCI], _both_printed(now, release), name)
    return FeeSchedule(
        identity,
        tables[_RVU],
        localities,
        unfloored=unfloored,
        base_units=units,
        anesthesia=tables.get(_ANESTHESIA),
        counties=tables.get(_COUNTY),
        rvu_qp=tables.get(_RVU_QP),
    )


def _tables_of(release: Manifest | starter.StarterRelease) -> list[str]:
    """Return the tables that a schedule is opened with."""
    return [_RVU, _GPCI, *(table for table in _OPTIONAL if table in release.tables)]


def _both_printed(now: Snapshot, release: Manifest | starter.StarterRelease) -> Iterator[PrintedIndices]:
    """The GPCI tables of a release's year that print the work index without the floor too, read as they are needed.

    Of what is installed the newest first, then the starter data's. A damaged one is said where it is asked for.
    """
    for each in reversed(_of_year(now, release.year)):
        if each.name != release.name and _prints_both(each):
            try:
                theirs = now.read(each.name, _GPCI)
            except StoreError:
                continue
            except Replaced:
                if not now.is_current(each.name):  # a build took its place: begin anew, with what is there now
                    raise
                continue
            member = each.tables[_GPCI].get("member", _GPCI)
            yield PrintedIndices(f"{member} of {each.name}", theirs)
    for known in reversed(starter.starter_releases()):
        if known.year == release.year and _prints_both(known):
            member = known.tables[_GPCI]["member"]
            theirs = starter.read_starter(known.name, _GPCI)
            yield PrintedIndices(f"{member} of {known.name} in the starter data", theirs)


def _of_year(now: Snapshot, year: int) -> list[Manifest]:
    """Return the undamaged releases of a year, oldest first."""
    found = []
    for name in now.names():
        if releases.is_release_name(name):
            with suppress(StoreError):
                manifest = now.manifest(name)
                if manifest is not None and manifest.year == year:
                    found.append(manifest)
    return sorted(found, key=lambda each: each.age)


def _prints_both(release: Manifest | starter.StarterRelease) -> bool:
    return _GPCI in release.tables and release.facts.get(_GPCI, {}).get("prints_floor") == "both"


def counties_of(schedule: FeeSchedule, home: Path | None = None) -> tuple[pl.DataFrame, str] | None:
    """The county table to search for a schedule, and its release: its own, else the nearest release's that has one."""
    if schedule.counties is not None:
        return schedule.counties, schedule.release.name
    found = Store(home).read_at_once(lambda now: _nearest_counties(now, schedule.release.year))
    if found is not None:
        return found
    for release in reversed(starter.starter_releases()):
        if _COUNTY in release.tables:
            return starter.read_starter(release.name, _COUNTY), f"{release.name} (starter data)"
    return None


def _nearest_counties(now: Snapshot, year: int) -> tuple[pl.DataFrame, str] | None:
    having = [manifest for manifest in now.manifests(_RELEASE) if _COUNTY in manifest.tables]
    if not having:
        return None
    nearest = min(having, key=lambda each: abs(each.year - year))
    return now.read(nearest.name, _COUNTY), nearest.name
