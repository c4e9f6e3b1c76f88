"""The widgets of the Fee page: they offer what the release and the day hold, and give the question."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import streamlit as st

from feecalc import reference
from feecalc.errors import FeeCalcError, InputError
from feecalc.pricing.rules import anesthesia, conversion_factor, status
from feecalc.pricing.single import MOST_UNITS
from feecalc.ui.pages.fee import address
from feecalc.ui.pages.fee.question import Question
from feecalc.ui.shared import opening, pickers
from feecalc.ui.shared.address import settle
from feecalc.ui.shared.opening import OpenedRelease, Stamp
from feecalc.ui.shared.pickers import pick_code

_GLOBAL = ""
_COMPONENT, _ANESTHESIA = "component", "anesthesia"  # kinds of reference/modifier.toml
_POSTOPERATIVE = "postoperative"  # what a modifier does that days of care go with
_MOST_DAYS = 90


@dataclass
class Form:
    """The question, and what is said beside it. Without one there is a ``problem``, or nothing has been asked yet."""

    opened: OpenedRelease
    question: Question | None = None
    problem: FeeCalcError | None = None
    remarks: list[str] = field(default_factory=list)


def draw(now: Stamp, remarks: list[str]) -> Form:
    """Draw the widgets. Raises a FeeCalcError where no schedule can be opened, after the widgets that choose it."""
    service, where, when, more = (st.container() for _ in range(4))
    with when:
        chosen = pickers.pick_when(address.WHEN, remarks)
    opened = opening.open_release(chosen.release, chosen.day, now)
    form = Form(opened, remarks=remarks)
    day = opened.schedule.release.day(chosen.day)
    with service:
        code, modifiers, anesthetic = _service(form, day)
        pos, units = _place_and_units(form, day)
    with where:
        place = pickers.pick_where(address.WHERE, opened, day, now, remarks)
        form.problem = place.problem
    with more:
        qp, floor, participating, provider = _who(form, day, national=place.locality is None)
    with service:
        minutes, induction = _anesthesia(modifiers, day) if anesthetic else (None, False)
        care = _postoperative_days(modifiers, day)
    if code and form.problem is None:
        form.question = Question(
            opened.schedule, code, tuple(modifiers), pos, units, place.locality, chosen.day, qp, floor, participating,
            provider, minutes, induction, care,
        )  # fmt: skip
    return form


def _service(form: Form, day: date) -> tuple[str, list[str], bool]:
    """Draw code and modifiers. Returns whether the code is an anesthesia code, too."""
    schedule = form.opened.schedule
    code = pick_code(address.CODE, form.opened)
    if not code:
        return "", [], False
    try:
        rows = schedule.rows(code)
    except InputError:
        return code, st.session_state[address.MODIFIER], False  # pricing says what is wrong with it
    letter = rows["status_indicator"][0]
    anesthetic = status.status(letter, day, has_rvus=False).pays == status.PAYS_ANESTHESIA
    return code, _modifiers(form, code, rows["modifier"].to_list(), day, anesthetic=anesthetic), anesthetic


def _modifiers(form: Form, code: str, rows: list[str], day: date, *, anesthetic: bool) -> list[str]:
    """Draw the modifiers: those with a row of their own first, then those that change a fee, then the others."""
    names = _modifier_names(day, anesthetic=anesthetic)
    own = [modifier for modifier in rows if modifier != _GLOBAL]
    options = list(dict.fromkeys([*own, *names]))
    without_row = {row["modifier"] for row in reference.rows_on("modifier", day, kind=_COMPONENT)} - set(own)
    options = [modifier for modifier in options if modifier not in without_row]
    chosen = [modifier for modifier in st.session_state[address.MODIFIER] if modifier]
    kept = [modifier for modifier in chosen if modifier in options]
    for modifier in chosen:
        if modifier in without_row:
            form.remarks.append(f"{code} has no row with modifier {modifier} in {form.opened.schedule.release.name}.")
        elif modifier not in options:
            form.remarks.append(f"No modifier {modifier} is known on {day}; it was left out.")
    st.session_state[address.MODIFIER] = kept
    return st.multiselect(
        "Modifiers",
        options,
        format_func=lambda modifier: f"{modifier}  {names[modifier]}" if modifier in names else modifier,
        key=address.MODIFIER,
        max_selections=address.MOST_MODIFIERS,
        filter_mode="contains",
        select_all=False,
        placeholder="none (the global service)",
        help="Type two letters or a word: 26, 50, assistant. Those that change the fee come first.",
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _modifier_names(day: date, *, anesthetic: bool) -> dict[str, str]:
    """Return the names of the modifiers, those that change a fee first; anesthesia's only for anesthesia."""
    rows = reference.rows_on("modifier", day)
    priced = [row for row in rows if "does" in row or (anesthetic and row["kind"] == _ANESTHESIA)]
    others = [row for row in rows if "does" not in row and row["kind"] != _ANESTHESIA]
    return {row["modifier"]: row["name"] for row in (*priced, *others)}


def _place_and_units(form: Form, day: date) -> tuple[str, int]:
    names = {row["code"]: row["name"] for row in reference.rows_on("place_of_service", day)}
    options = sorted(names)
    form.remarks += settle(
        address.POS,
        options,
        address.OFFICE,
        f"No place of service {{}} is in use on {day}; {address.OFFICE} is used.",
    )
    place, many = st.columns([3, 1])
    code: str = place.selectbox(
        "Place of service",
        options,
        format_func=lambda code: f"{code}  {names[code]}",
        key=address.POS,
        filter_mode="contains",
    )
    if not 1 <= (st.session_state[address.UNITS] or 0) <= MOST_UNITS:
        st.session_state[address.UNITS] = 1
    units = many.number_input("Units", min_value=1, max_value=MOST_UNITS, step=1, key=address.UNITS)
    return code, int(units)


def _who(form: Form, day: date, *, national: bool) -> tuple[bool, bool, bool, str]:
    """Draw QP, the work GPCI floor, participation and provider type."""
    tracks = {row["track"] for row in reference.rows_on("conversion_factor", day)}
    with st.expander("Who bills, and the work GPCI floor", expanded=False):
        names = {row["provider_type"]: row["name"] for row in reference.rows_on("provider_type", day)}
        form.remarks += settle(
            address.PROVIDER,
            list(names),
            address.PHYSICIAN,
            f"No provider type {{}} is known on {day}; {address.PHYSICIAN} is used.",
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


def _anesthesia(modifiers: list[str], day: date) -> tuple[int | None, bool]:
    """Draw minutes, and presence at induction where the modifier needs it."""
    minutes = st.session_state[address.MINUTES]
    if minutes is not None and not 0 < minutes <= anesthesia.MOST_MINUTES:
        st.session_state[address.MINUTES] = None  # the price then asks for them
    minutes = st.number_input(
        "Minutes of anesthesia", min_value=1, max_value=anesthesia.MOST_MINUTES, value=None, step=1, key=address.MINUTES
    )
    if all(anesthesia.supervised_units(modifier, day, present_at_induction=False) is None for modifier in modifiers):
        return minutes, False
    return minutes, st.checkbox("Present at induction", key=address.INDUCTION)


def _postoperative_days(modifiers: list[str], day: date) -> int | None:
    """Draw days of care after surgery, where a modifier is paid by them."""
    by_days = {row["modifier"] for row in reference.rows_on("modifier", day, does=_POSTOPERATIVE)}
    if by_days.isdisjoint(modifiers):
        return None
    if not 1 <= (st.session_state[address.DAYS] or 1) <= _MOST_DAYS:
        st.session_state[address.DAYS] = None
    return st.number_input(
        "Days of care after surgery", min_value=1, max_value=_MOST_DAYS, value=None, step=1, key=address.DAYS,
        placeholder="all of the global period",
    )  # fmt: skip
