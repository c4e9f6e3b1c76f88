"""Which releases there are, and opening one once for all who look at it, anew when it has been built anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import streamlit as st

from feecalc import installed
from feecalc.ingest import starter
from feecalc.ingest.home import home_folder
from feecalc.ingest.store import Store
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.pricing.schedule import FeeSchedule
from feecalc.ui.shared.words import one_line

_GLOBAL = ""
_SCHEDULES_KEPT = 6  # each is a release in memory
_SCHEDULES_KEPT_TO_COMPARE = 40  # the same, of some 5 MB
_ZIP_KINDS = ("zip5", "zip_plus4")

# What the answer depends on besides the question: the folder, what is built in it, and the day, as notices speak of it.
Stamp = tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """A release a person may choose."""

    name: str
    first_date_of_service: date | None
    starter: bool


@dataclass(frozen=True)
class OpenedRelease:
    """An opened schedule and what the widgets offer from it."""

    schedule: FeeSchedule
    notices: tuple[str, ...]
    descriptions: dict[str, str]  # code -> what it is called, in the release's order
    places: dict[str, Locality]  # key -> locality
    counties: dict[str, str]  # key -> CMS's words for its counties
    counties_source: str
    counties_table: pl.DataFrame | None  # the same as a table, to search


def stamp() -> Stamp:
    """Return a value that changes whenever something is built, replaced or removed."""
    store = Store()
    built = (f"{manifest.name} {manifest.built} {manifest.source.get('sha256')}" for manifest in store.manifests())
    return (str(home_folder()), date.today().isoformat(), *built)


def choices() -> list[Choice]:
    """Return the installed releases, newest first, then those of the starter data that are not installed."""
    own = [Choice(built.name, built.first_date_of_service, starter=False) for built in Store().manifests("release")]
    embedded = [Choice(here.name, here.first_date_of_service, starter=True) for here in starter.starter_releases()]
    names = {release.name for release in own}
    return [*reversed(own), *(release for release in reversed(embedded) if release.name not in names)]


def has_zip_codes() -> bool:
    """Return whether a ZIP code file is installed."""
    return any(Store().manifests(kind) for kind in _ZIP_KINDS)


@st.cache_resource(max_entries=_SCHEDULES_KEPT, show_spinner="Opening the release")
def open_release(release: str | None, day: date | None, now: Stamp) -> OpenedRelease:
    """Return the schedule of a release, of a day, or (neither) the newest installed.

    Errors as ``installed.open_schedule``.
    """
    opened = installed.open_schedule(release, day=day, home=Path(now[0]))
    schedule = opened.schedule
    descriptions: dict[str, str] = {}
    for code, modifier, description in schedule.rvu.select("hcpcs", "modifier", "description").iter_rows():
        if modifier == _GLOBAL or code not in descriptions:
            descriptions[code] = one_line(description)
    counties = installed.counties_of(schedule, Path(now[0]))
    listed = () if counties is None else counties[0].select("mac", "locality", "counties").iter_rows()
    return OpenedRelease(
        schedule=schedule,
        notices=opened.notices,
        descriptions=descriptions,
        places={place.key: place for place in schedule.all_localities},
        counties={f"{mac}-{locality}": one_line(words) for mac, locality, words in listed},
        counties_source="" if counties is None else counties[1],
        counties_table=None if counties is None else counties[0],
    )


@st.cache_resource(max_entries=_SCHEDULES_KEPT_TO_COMPARE, show_spinner="Opening the releases")
def schedule(release: str, now: Stamp) -> FeeSchedule:
    """Return the schedule of one release, for pages that compare many. Errors as ``installed.open_schedule``."""
    return installed.open_schedule(release, home=Path(now[0])).schedule


@st.cache_resource(max_entries=2, show_spinner=False)
def zip_directory(day: date, now: Stamp) -> ZipDirectory:
    """Return the installed ZIP code files for a day of service."""
    return installed.open_zip_directory(Path(now[0]), day=day)
