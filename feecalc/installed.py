"""From what is installed on this machine to a schedule that prices: the newest release, a named one, or a day's."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from feecalc.errors import NotInstalled, StoreError, UnknownRelease
from feecalc.ingest import releases, starter
from feecalc.ingest.manifest import Manifest
from feecalc.ingest.store import Store
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.pricing.release import ReleaseIdentity
from feecalc.pricing.schedule import FeeSchedule

_RELEASE, _ZIP5, _ZIP_PLUS4, _BASE_UNITS = "release", "zip5", "zip_plus4", "base_units"
_MOST_AT_HAND = 12  # three years of quarters


@dataclass(frozen=True)
class Opened:
    """A schedule, and what a person should be told of how it was chosen."""

    schedule: FeeSchedule
    notices: tuple[str, ...] = ()


def open_schedule(
    release: str | None = None, *, day: date | None = None, home: Path | None = None, starter_answers: bool = True
) -> Opened:
    """The schedule of a release (2026C), of the release in force on ``day``, or the newest installed.

    Where it is not installed and the starter data holds a selection of it, that answers (unless ``starter_answers`` is
    False), and a notice says so. Raises UnknownRelease, NotInstalled, InvalidValue, StoreError.
    """
    store = Store(home)
    if release is not None:
        name = releases.known_release(release, installed_unknown(store)).name
        notices = _other_in_force(name, day, store)
    elif day is not None:
        name, notices = releases.release_in_force(day, installed_unknown(store)).name, ()
    else:
        return _newest(store)
    manifest = store.manifest(name)
    if manifest is not None:
        return Opened(_from_store(store, manifest), notices)
    if starter_answers and starter.starter_release(name) is not None:
        return Opened(_from_starter(name, store), (*notices, starter_notice(name)))
    have = ", ".join(each.name for each in store.manifests(_RELEASE)) or "none"
    begins = "" if day is None or release is not None else f", in force on {day},"
    raise NotInstalled(
        f"{name}{begins} is not installed (installed: {have}); load it with feecalc fetch {name}, "
        "or feecalc build with its zip"
    )


def releases_at_hand(home: Path | None = None, most: int = _MOST_AT_HAND) -> list[str]:
    """The newest releases that are installed, or the starter data's where none is; oldest first."""
    installed = [each.name for each in Store(home).manifests(_RELEASE) if each.first_date_of_service is not None]
    return (installed or [each.name for each in starter.starter_releases()])[-most:]


def schedules_at_hand(home: Path | None = None, most: int = _MOST_AT_HAND) -> list[FeeSchedule]:
    """The same, opened. Errors as ``open_schedule``."""
    return [open_schedule(name, home=home).schedule for name in releases_at_hand(home, most)]


def installed_unknown(store: Store) -> tuple[releases.KnownRelease, ...]:
    """Releases that are installed though reference/release.toml does not know them: newer than this version."""
    known = {each.name for each in releases.known_releases()}
    found = []
    for name in store.names():
        if name in known or not releases.is_release_name(name):
            continue
        with suppress(StoreError):  # a damaged one is said where it is asked for
            manifest = store.manifest(name)
            if manifest is not None and manifest.kind == _RELEASE:
                begins = manifest.first_date_of_service
                found.append(releases.unlisted_release(name, manifest.year, begins))
    return tuple(found)


def starter_notice(name: str) -> str:
    """What is said wherever starter data answers."""
    return (
        f"starter data: a selection of {len(starter.services())} services of {name}, not the whole release; load it "
        f"with feecalc fetch {name}, or feecalc build with its zip"
    )


def open_zip_directory(home: Path | None = None, *, day: date | None = None) -> ZipDirectory:
    """The ZIP files that are installed: of several ZIP5 files the newest that is not after ``day``."""
    store = Store(home)
    zip5 = _of_day(store.manifests(_ZIP5), day)
    plus4 = _of_day(store.manifests(_ZIP_PLUS4), day)
    return ZipDirectory(
        zip5=None if zip5 is None else store.read(zip5.name, _ZIP5),
        zip5_name="" if zip5 is None else zip5.name,
        zip_plus4=None if plus4 is None else store.read(plus4.name, _ZIP_PLUS4),
        zip_plus4_name="" if plus4 is None else plus4.name,
    )


def _of_day(manifests: list[Manifest], day: date | None) -> Manifest | None:
    begun = [
        each
        for each in manifests
        if day is None or each.first_date_of_service is None or each.first_date_of_service <= day
    ]
    return (begun or manifests)[-1] if manifests else None


def _newest(store: Store) -> Opened:
    installed = store.manifests(_RELEASE)
    if not installed:
        name = starter.starter_releases()[-1].name
        return Opened(_from_starter(name, store), (starter_notice(name),))
    newest = installed[-1]
    return Opened(_from_store(store, newest), _newer_in_force(newest.name, store))


def _newer_in_force(name: str, store: Store) -> tuple[str, ...]:
    try:
        now = releases.release_in_force(date.today(), installed_unknown(store))
    except UnknownRelease:
        return ()
    if now.name == name:
        return ()
    return (f"priced by {name}, the newest installed; in force today is {now.name} (feecalc fetch {now.name})",)


def _other_in_force(name: str, day: date | None, store: Store) -> tuple[str, ...]:
    if day is None:
        return ()
    try:
        now = releases.release_in_force(day, installed_unknown(store))
    except UnknownRelease:
        return ()
    return () if now.name == name else (f"priced by {name}, as asked; the release in force on {day} is {now.name}",)


def _from_store(store: Store, manifest: Manifest) -> FeeSchedule:
    name = manifest.name
    members = {table: str(about.get("member", "")) for table, about in manifest.tables.items()}
    units = _of_day(store.manifests(_BASE_UNITS), manifest.first_date_of_service)
    if units is not None:
        members[_BASE_UNITS] = str(units.tables[_BASE_UNITS].get("member", units.name))
    assert manifest.first_date_of_service is not None
    identity = ReleaseIdentity(
        name=name,
        year=manifest.year,
        first_date_of_service=manifest.first_date_of_service,
        source_name=str(manifest.source["name"]),
        sha256=str(manifest.source["sha256"]),
        retrieved=manifest.source.get("retrieved"),
        members=members,
    )

    def optional(table: str) -> pl.DataFrame | None:
        return store.read(name, table) if table in manifest.tables else None

    return FeeSchedule(
        identity,
        store.read(name, "rvu"),
        store.read(name, "gpci"),
        anesthesia=optional("anesthesia"),
        base_units=None if units is None else store.read(units.name, _BASE_UNITS),
        counties=optional("county"),
        rvu_qp=optional("rvu_qp"),
    )


def _from_starter(name: str, store: Store) -> FeeSchedule:
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

    def optional(table: str) -> pl.DataFrame | None:
        return starter.read_starter(name, table) if table in release.tables else None

    return FeeSchedule(
        identity,
        starter.read_starter(name, "rvu"),
        starter.read_starter(name, "gpci"),
        anesthesia=optional("anesthesia"),
        base_units=optional(_BASE_UNITS),
        counties=optional("county"),
    )


def counties_of(schedule: FeeSchedule, home: Path | None = None) -> tuple[pl.DataFrame, str] | None:
    """The county table to search for a schedule, and its release: its own, else the nearest release's that has one."""
    if schedule.counties is not None:
        return schedule.counties, schedule.release.name
    store = Store(home)
    having = [each for each in store.manifests(_RELEASE) if "county" in each.tables]
    if having:
        nearest = min(having, key=lambda each: abs(each.year - schedule.release.year))
        return store.read(nearest.name, "county"), nearest.name
    for release in reversed(starter.starter_releases()):
        if "county" in release.tables:
            return starter.read_starter(release.name, "county"), f"{release.name} (starter data)"
    return None
