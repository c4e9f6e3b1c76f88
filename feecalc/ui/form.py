"""The widgets of the Fee page: they offer what the release and the day hold, and give the question."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import streamlit as st

from feecalc import reference
from feecalc.errors import FeeCalcError, InputError
from feecalc.ingest import releases, starter
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.rules import anesthesia, conversion_factor, status
from feecalc.ui import address, opening
from feecalc.ui.opening import Desk, Stamp
from feecalc.ui.question import Question
from feecalc.ui.state import settle
from feecalc.ui.words import one_line, plain

_GLOBAL = ""


@dataclass
class Form:
    """The question, and what is said beside it. Without one there is a ``problem``, or nothing has been asked yet."""

    desk: Desk
    question: Question | None = None
    problem: FeeCalcError | None = None
    remarks: list[str] = field(default_factory=list)


def ask(now: Stamp, remarks: list[str]) -> Form:
    """Draw the widgets. Raises a FeeCalcError where no schedule can be opened, after the widgets that choose it."""
    service, where, when, more = (st.container() for _ in range(4))
    with when:
        release, day = _when(remarks)
    desk = opening.desk(release, day, now)
    form = Form(desk, remarks=remarks)
    of_day = desk.schedule.release.day(day)
    with service:
        code, modifier, anesthetic = _service(form, of_day)
        pos = _place_of_service(form, of_day)
    with where:
        locality = _where(form, of_day, now)
    with more:
        qp, floor, participating, provider = _who(form, of_day, national=locality is None)
    with service:
        minutes, induction = _anesthesia(modifier, of_day) if anesthetic else (None, False)
    if code and form.problem is None:
        form.question = Question(
            desk.schedule, code, modifier, pos, locality, day, qp, floor, participating, provider, minutes, induction
        )
    return form


def _when(remarks: list[str]) -> tuple[str | None, date | None]:
    """The release to open, or the day; neither for the newest installed."""
    there = {each.name: each for each in opening.choices()}
    asked = st.session_state.get(address.RELEASE)
    known = {each.name for each in releases.known_releases()}
    options = [*there, *([asked] if asked in known and asked not in there else [])]  # opening it says how to load it
    first = there[options[0]]
    remarks += settle(address.RELEASE, options, options[0], "No release {} is known; the newest one here was taken.")
    by = st.radio("When", [address.BY_RELEASE, address.BY_DAY], key=address.WHEN, horizontal=True)

    def shown(name: str) -> str:
        choice = there.get(name)
        if choice is None:
            return f"{name}, not installed"
        begins = f", {choice.first_date_of_service:%B %Y}" if choice.first_date_of_service else ""
        return f"{name}{begins}{' (starter data)' if choice.starter else ''}"

    if by == address.BY_RELEASE:
        chosen = st.selectbox("Release", options, format_func=shown, key=address.RELEASE, label_visibility="collapsed")
        return (None if chosen == options[0] and not first.starter else chosen), None
    years = sorted({each.year for each in releases.known_releases()})
    earliest, latest = date(years[0], 1, 1), date(years[-1], 12, 31)
    day = st.session_state.get(address.DAY)
    if day is None or not earliest <= day <= latest:
        if day is not None:
            remarks.append(f"No release prices services of {day}; another day was taken.")
        st.session_state[address.DAY] = first.first_date_of_service or latest
    picked = st.date_input(
        "Date of service", key=address.DAY, min_value=earliest, max_value=latest, format="YYYY-MM-DD",
        label_visibility="collapsed",
    )  # fmt: skip
    return None, picked


def _service(form: Form, day: date) -> tuple[str, str, bool]:
    """Code, modifier, and whether the code is one of anesthesia."""
    schedule, descriptions = form.desk.schedule, form.desk.descriptions
    asked = st.session_state.get(address.CODE)
    if asked is None and address.CODE not in st.session_state:
        st.session_state[address.CODE] = _example(descriptions)
    elif asked and asked not in descriptions:
        st.session_state[address.CODE] = _as_written(asked, descriptions)
    code = st.selectbox(
        "Procedure code",
        list(descriptions),
        index=None,
        format_func=lambda each: f"{each}  {descriptions[each]}" if each in descriptions else one_line(each),
        key=address.CODE,
        accept_new_options=True,
        filter_mode="contains",
        placeholder="Type a code or a word",
        help="Type a code, or a word of its description.",
    )
    if not code:
        return "", _GLOBAL, False
    try:
        rows = schedule.rows(code)
    except InputError:
        return code, st.session_state[address.MODIFIER], False  # pricing says what is wrong with it
    letter = rows["status_indicator"][0]
    anesthetic = status.status(letter, day, has_rvus=False).pays == status.PAYS_ANESTHESIA
    options = [*rows["modifier"].to_list(), *(anesthesia.modifiers(day) if anesthetic else [])]
    form.remarks += settle(
        address.MODIFIER, options, options[0], f"{code} has no row with modifier {{}} in {schedule.release.name}."
    )
    modifier = st.selectbox(
        "Modifier",
        options,
        format_func=lambda each: _modifier_name(each, day, alone=len(options) == 1),
        key=address.MODIFIER,
        disabled=len(options) == 1,
        help="Only modifiers with a row of their own in the release, and for anesthesia those that change the amount.",
    )
    return code, modifier, anesthetic


def _example(descriptions: dict[str, str]) -> str | None:
    """The code a new page starts with: the first of the starter data that the release has."""
    return next((code for code in starter.services()["hcpcs"] if code in descriptions), None)


def _as_written(asked: str, descriptions: dict[str, str]) -> str:
    """What a person typed, as the release writes it: capitals, and the code alone of a whole line."""
    words = asked.upper().split()
    return words[0] if words and words[0] in descriptions else asked.strip()


def _modifier_name(modifier: str, day: date, *, alone: bool) -> str:
    if modifier == _GLOBAL:
        return "none" if alone else "none (the whole service)"
    share = anesthesia.share(modifier, day)
    return modifier if share is None else f"{modifier}, {share.name}"


def _place_of_service(form: Form, day: date) -> str:
    names = {row["code"]: row["name"] for row in reference.rows_on("place_of_service", day)}
    options = sorted(names)
    form.remarks += settle(
        address.POS,
        options,
        address.OFFICE,
        f"No place of service {{}} is in use on {day}; {address.OFFICE} was taken.",
    )
    code: str = st.selectbox(
        "Place of service",
        options,
        format_func=lambda each: f"{each}  {names[each]}",
        key=address.POS,
        filter_mode="contains",
    )
    return code


def _where(form: Form, day: date, now: Stamp) -> Locality | None:
    """The locality, None for the national amount."""
    desk, schedule = form.desk, form.desk.schedule
    ways = [address.NATIONAL, address.BY_LOCALITY, *([address.BY_ZIP] if opening.has_zip_codes() else [])]
    form.remarks += settle(
        address.WHERE,
        ways,
        address.NATIONAL,
        "No ZIP code file is installed (feecalc build FILE loads one); the amount is national.",
    )
    way = st.radio("Where", ways, key=address.WHERE, horizontal=True)
    if way == address.NATIONAL:
        return None
    if way == address.BY_ZIP:
        text = st.text_input("ZIP code", key=address.ZIP, placeholder="33133 or 33133-1234", max_chars=10)
        if not text:
            form.remarks.append("Give a ZIP code; until then the amount is national.")
            return None
        try:
            found = opening.zip_directory(day, now).locality_of(text, schedule.release.year)
            place = schedule.find_locality(f"{found.mac}-{found.locality}")
        except FeeCalcError as problem:
            form.problem = problem
            return None
        st.caption(plain(f"{place.label}, by {found.source}"))
        return place
    options = sorted(desk.places, key=lambda key: (desk.places[key].state, desk.places[key].name))
    form.remarks += settle(address.LOCALITY, options, None, f"No locality {{}} in {schedule.release.name}.")
    key = st.selectbox(
        "Locality",
        options,
        index=None,
        format_func=lambda each: one_line(f"{desk.places[each].name}, {desk.places[each].state}  {each}"),
        key=address.LOCALITY,
        filter_mode="contains",
        placeholder="Type a city, a state or a number",
        label_visibility="collapsed",
    )
    if key is None:
        form.remarks.append("Choose a locality; until then the amount is national.")
        return None
    if key in desk.counties:
        st.caption(plain(f"Counties, by {desk.counties_source}: {desk.counties[key]}"))
    return desk.places[key]


def _who(form: Form, day: date, *, national: bool) -> tuple[bool, bool, bool, str]:
    """QP, the work GPCI floor, participation, provider type."""
    tracks = {row["track"] for row in reference.rows_on("conversion_factor", day)}
    with st.expander("Who bills, and the work GPCI floor", expanded=False):
        names = {row["provider_type"]: row["name"] for row in reference.rows_on("provider_type", day)}
        form.remarks += settle(
            address.PROVIDER,
            list(names),
            address.PHYSICIAN,
            f"No provider type {{}} is known on {day}; {address.PHYSICIAN} was taken.",
        )
        provider = st.selectbox("Provider type", list(names), format_func=names.__getitem__, key=address.PROVIDER)
        participating = st.toggle("Participating in Medicare", key=address.PARTICIPATING)
        qp = False
        if conversion_factor.QP in tracks:
            qp = st.toggle(
                "Qualifying APM participant (QP)",
                key=address.QP,
                help="A QP is paid by a conversion factor of its own.",
            )
        elif st.session_state[address.QP]:
            form.remarks.append(f"On {day} there is one conversion factor for everybody; the QP choice was left out.")
        floor = st.toggle(
            "Work GPCI floor",
            key=address.FLOOR,
            disabled=national,
            help="The floor under a locality's work index, while an act of Congress holds it. "
            "The national amount is the same with and without it.",
        )
    return qp, floor, participating, provider


def _anesthesia(modifier: str, day: date) -> tuple[int | None, bool]:
    """Minutes, and presence at induction where the modifier asks for it."""
    asked = st.session_state[address.MINUTES]
    if asked is not None and not 0 < asked <= anesthesia.MOST_MINUTES:
        st.session_state[address.MINUTES] = None  # the price then asks for them
    minutes = st.number_input(
        "Minutes of anesthesia", min_value=1, max_value=anesthesia.MOST_MINUTES, value=None, step=1, key=address.MINUTES
    )
    if anesthesia.supervised_units(modifier, day, present_at_induction=False) is None:
        return minutes, False
    return minutes, st.checkbox("Present at induction", key=address.INDUCTION)
