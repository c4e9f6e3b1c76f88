"""The widgets most pages begin with: which release or day, where, and a procedure code.

Each is of the page whose name it is given::

    WHEN, WHERE = WhenKeys("forecast"), WhereKeys("forecast")
    ADDRESS = Address("forecast", {**when_parameters(WHEN), **where_parameters(WHERE)},
                      defaults={**when_defaults(WHEN), **where_defaults(WHERE)})

    when = pick_when(WHEN, remarks)                                      # release or day, as a person chose
    opened = opening.open_release(when.release, when.day, opening.stamp())  # from the cache
    where = pick_where(WHERE, opened, opened.schedule.release.day(when.day), now, remarks)

A release has thousands of codes, and a browser takes seconds to search so long a list: it is given the starter data's
services and what the last words found; any other code is typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from feecalc.errors import FeeCalcError, InputError, UnknownLocality
from feecalc.ingest import releases, starter
from feecalc.pricing.places.locality import Locality, by_county, split_state
from feecalc.ui.shared import address, opening
from feecalc.ui.shared.address import Parameter, settle
from feecalc.ui.shared.opening import OpenedRelease, Stamp
from feecalc.ui.shared.words import one_line, plain

_MOST_OFFERED = 200
_MOST_SHOWN = 40  # characters of what was typed
BY_RELEASE, BY_DAY = "Release", "Date of service"
NATIONAL, BY_LOCALITY, BY_ZIP = "National", "Locality", "ZIP code"
_MOST_COUNTIES = 60  # characters of a locality's counties in the list of choices
_MOST_NAMED = 6


def pick_code(key: str, opened: OpenedRelease, label: str = "Procedure code", *, example: bool = True) -> str | None:
    """Return a code of the release, or what was typed in its place: pricing says what is wrong with that.

    None where nothing was typed, or where the words fit more than one code, which are then offered. With ``example`` a
    page where nothing was typed starts with a code.
    """
    descriptions, found_key = opened.descriptions, f"{key}_found"
    common = [code for code in starter.services()["hcpcs"] if code in descriptions]
    typed = st.session_state.get(key)
    if typed is None and key not in st.session_state and example:
        st.session_state[key] = typed = next(iter(common), None)
    hint = ""
    if typed and typed not in descriptions:
        written = _code_as_written(typed, descriptions)
        found = [] if written in descriptions else codes_with(written, descriptions)
        if len(found) > 1:
            more = " and more" if len(found) > _MOST_OFFERED else ""
            hint = f"{min(len(found), _MOST_OFFERED)}{more} codes fit {one_line(typed)[:_MOST_SHOWN]!r}: choose one."
            st.session_state[found_key] = found[:_MOST_OFFERED]
            st.session_state[key] = None
        else:
            st.session_state[key] = found[0] if found else written
    chosen = st.session_state.get(key)
    offered = dict.fromkeys([*st.session_state.get(found_key, ()), *common])
    options = [code for code in offered if code in descriptions]
    code: str | None = st.selectbox(
        label,
        options if chosen is None or chosen in options else [chosen, *options],
        index=None,
        format_func=lambda code: f"{code}  {descriptions[code]}" if code in descriptions else one_line(code),
        key=key,
        accept_new_options=True,
        filter_mode="contains",
        placeholder="Type a code, or a word, and press Enter",
        help="Type a code, or a word of its description, and press Enter.",
    )
    if hint:
        st.info(plain(hint), icon=":material/search:")
    return code


def codes_with(text: str, descriptions: dict[str, str]) -> list[str]:
    """Return the codes that begin with the text, or whose description has all its words, in the release's order."""
    words = text.lower().split()
    if not words:
        return []
    return [
        code
        for code, description in descriptions.items()
        if code.lower().startswith(words[0]) or all(word in description.lower() for word in words)
    ]


def _code_as_written(text: str, descriptions: dict[str, str]) -> str:
    """Return what a person typed, as the release writes it: capitals, and the code alone of a whole line."""
    words = text.upper().split()
    return words[0] if words and words[0] in descriptions else text.strip()


@dataclass(frozen=True)
class WhenKeys:
    """The keys of the widgets of ``pick_when``."""

    page: str

    @property
    def by(self) -> str:
        return f"{self.page}_when"

    @property
    def release(self) -> str:
        return f"{self.page}_release"

    @property
    def day(self) -> str:
        return f"{self.page}_day"


@dataclass(frozen=True)
class WhereKeys:
    """The keys of the widgets of ``pick_where``."""

    page: str

    @property
    def by(self) -> str:
        return f"{self.page}_where"

    @property
    def locality(self) -> str:
        return f"{self.page}_locality"

    @property
    def zip_code(self) -> str:
        return f"{self.page}_zip"


@dataclass(frozen=True)
class When:
    """What was chosen: a release, or a day of service; neither is the newest release installed."""

    release: str | None
    day: date | None


@dataclass
class Where:
    """The locality, None for the nation. ``problem``: why the words given name none; show it, and price nothing."""

    locality: Locality | None = None
    problem: FeeCalcError | None = None


def when_parameters(keys: WhenKeys) -> dict[str, Parameter]:
    """Return ``release=RVU26C`` or ``date=2026-08-03``."""
    return {
        "release": Parameter(keys.release, address.upper(r"RVU[0-9]{2}[0-9A-Z_]{1,10}"), {keys.by: BY_RELEASE}),
        "date": Parameter(keys.day, address.day, {keys.by: BY_DAY}),
    }


def when_defaults(keys: WhenKeys) -> dict[str, Any]:
    return {keys.by: BY_RELEASE}


def where_parameters(keys: WhereKeys) -> dict[str, Parameter]:
    """Return ``locality=09102-04`` or ``zip=33133``."""
    return {
        "locality": Parameter(keys.locality, address.text(r"[0-9]{5}-[0-9]{2}"), {keys.by: BY_LOCALITY}),
        "zip": Parameter(keys.zip_code, address.text(r"[0-9]{5}(-[0-9]{4})?"), {keys.by: BY_ZIP}),
    }


def where_defaults(keys: WhereKeys) -> dict[str, Any]:
    return {keys.by: NATIONAL}


def pick_release(key: str, remarks: list[str], label: str = "Release", *, shown: bool = True) -> str | None:
    """Return a release of those here, newest first; None for the newest installed.

    A release of the address that is known and not installed is in the list too: opening it says how to load it.
    """
    there = {release.name: release for release in opening.choices()}
    current = st.session_state.get(key)
    known = {release.name for release in releases.known_releases()}
    options = [*there, *([current] if current in known and current not in there else [])]
    newest = there[options[0]]
    remarks += settle(key, options, newest.name, "No release {} is known; the newest one here is used.")

    def named(name: str) -> str:
        choice = there.get(name)
        if choice is None:
            return f"{name}, not installed"
        begins = f", {choice.first_date_of_service:%B %Y}" if choice.first_date_of_service else ""
        return f"{name}{begins}{' (starter data)' if choice.starter else ''}"

    visibility: Any = "visible" if shown else "collapsed"
    chosen = st.selectbox(label, options, format_func=named, key=key, label_visibility=visibility)
    return None if chosen == newest.name and not newest.starter else chosen


def pick_when(keys: WhenKeys, remarks: list[str]) -> When:
    """Return the release to open, or the day of service."""
    by = st.radio("When", [BY_RELEASE, BY_DAY], key=keys.by, horizontal=True)
    if by == BY_RELEASE:
        return When(pick_release(keys.release, remarks, shown=False), None)
    there = opening.choices()
    years = {release.year for release in releases.known_releases()}
    years |= {release.first_date_of_service.year for release in there if release.first_date_of_service is not None}
    earliest, latest = date(min(years), 1, 1), date(max(years), 12, 31)
    day = st.session_state.get(keys.day)
    if day is None or not earliest <= day <= latest:
        if day is not None:
            remarks.append(f"No release prices services of {day}; another day is used.")
        st.session_state[keys.day] = there[0].first_date_of_service or latest
    picked = st.date_input(
        "Date of service", key=keys.day, min_value=earliest, max_value=latest, format="YYYY-MM-DD",
        label_visibility="collapsed",
    )  # fmt: skip
    return When(None, picked)


def pick_where(keys: WhereKeys, opened: OpenedRelease, day: date, now: Stamp, remarks: list[str]) -> Where:
    """Return the nation, a locality found by its name, number, state or county, or a ZIP code's."""
    ways = [NATIONAL, BY_LOCALITY, *([BY_ZIP] if opening.has_zip_codes() else [])]
    remarks += settle(
        keys.by,
        ways,
        NATIONAL,
        "No ZIP code file is installed (the page Data takes one, or feecalc build FILE); the amount is national.",
    )
    way = st.radio("Where", ways, key=keys.by, horizontal=True)
    if way == NATIONAL:
        return Where()
    if way == BY_ZIP:
        return _by_zip(keys, opened, day, now, remarks)
    return pick_locality(keys.locality, opened, remarks)


def pick_locality(
    key: str, opened: OpenedRelease, remarks: list[str], label: str = "Locality", *, shown: bool = False
) -> Where:
    """Return a locality out of the list, or by words typed into it: a city, a county with its state, a number."""
    options = sorted(opened.places, key=lambda key: (opened.places[key].state, opened.places[key].name))
    typed = st.session_state.get(key)
    problem: FeeCalcError | None = None
    if typed and typed not in options:
        try:
            st.session_state[key], by = _by_words(str(typed), opened)
            remarks += [f"{one_line(typed)[:60]} is in {opened.places[st.session_state[key]].label}{by}."]
        except UnknownLocality as error:
            if _is_key(str(typed)):
                remarks.append(f"No locality {typed} in {opened.schedule.release.name}.")
                st.session_state[key] = None
            else:
                problem = error
        except InputError as error:
            problem = error
    chosen = st.selectbox(
        label,
        options,
        index=None,
        format_func=lambda key: _named(key, opened),
        key=key,
        filter_mode="contains",
        accept_new_options=True,
        placeholder="Type a city, county, state or number",
        help='A county that is not in the list is found with its state: type "Volusia, FL" and press Enter.',
        label_visibility="visible" if shown else "collapsed",
    )
    if problem is not None:
        return Where(problem=problem)
    if chosen is None:
        remarks.append("Choose a locality; until then the amount is national.")
        return Where()
    if chosen in opened.counties:
        st.caption(plain(f"Counties, by {opened.counties_source}: {opened.counties[chosen]}"))
    return Where(opened.places[chosen])


def _by_zip(keys: WhereKeys, opened: OpenedRelease, day: date, now: Stamp, remarks: list[str]) -> Where:
    given = st.text_input("ZIP code", key=keys.zip_code, placeholder="33133 or 33133-1234", max_chars=10)
    if not given:
        remarks.append("Give a ZIP code; until then the amount is national.")
        return Where()
    try:
        found = opening.zip_directory(day, now).locality_of(given, opened.schedule.release.year)
        place = opened.schedule.find_locality(f"{found.mac}-{found.locality}")
    except FeeCalcError as problem:
        return Where(problem=problem)
    st.caption(plain(f"{place.label}, by {found.source}"))
    return Where(place)


def _named(key: str, opened: OpenedRelease) -> str:
    if key not in opened.places:
        return one_line(key)
    place, counties = opened.places[key], opened.counties.get(key, "")
    in_counties = f" · {counties[:_MOST_COUNTIES]}" if counties and "ALL COUNTIES" not in counties.upper() else ""
    return one_line(f"{place.name}, {place.state}  {key}{in_counties}")


def _is_key(text: str) -> bool:
    return text.replace("-", "").isdigit()


def _by_words(text: str, opened: OpenedRelease) -> tuple[str, str]:
    """Return the one locality that words name, and how it was found. Raises UnknownLocality, AmbiguousLocality."""
    try:
        return opened.schedule.find_locality(text).key, ""
    except UnknownLocality as unknown:
        if opened.counties_table is None:
            raise
        name, state = split_state(text, {locality.state for locality in opened.places.values()})
        found = by_county(opened.counties_table, list(opened.places.values()), name, state)
        keys = list(dict.fromkeys(place.key for place, _ in found))
        if not keys:
            raise
        if len(keys) > 1:
            named = "; ".join(opened.places[key].label for key in keys[:_MOST_NAMED])
            raise UnknownLocality(
                f"{one_line(text)[:60]!r} fits {len(keys)} localities by their counties ({named}"
                f"{' and others' if len(keys) > _MOST_NAMED else ''}); choose one, or type the state too"
            ) from unknown
        return keys[0], f", by the counties of {opened.counties_source}"
