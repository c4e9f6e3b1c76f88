"""The widgets of the page Site of service: the case, the day, where the physician is, and where the facility."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import streamlit as st

from feecalc.errors import FeeCalcError, NotInstalled
from feecalc.facility.case import CaseLine, case_lines, wage_index
from feecalc.facility.lines import SETTINGS
from feecalc.facility.opening import open_facility, quarter
from feecalc.facility.schedule import FacilitySchedule
from feecalc.ingest import starter
from feecalc.ingest.store import Store
from feecalc.pricing.places.locality import Locality
from feecalc.ui.pages.sites import address
from feecalc.ui.shared import opening, pickers
from feecalc.ui.shared.address import settle
from feecalc.ui.shared.opening import OpenedRelease, Stamp
from feecalc.ui.shared.pickers import codes_with
from feecalc.ui.shared.words import one_line, plain, sentence

_EXAMPLE = 2  # of the starter data's services make the case that a new page shows
_FOUND = "sites_found"  # codes that the last words fit
_CODE = re.compile(r"(?=[A-Z]{0,4}[0-9])[0-9A-Z]{5}([-:X* ].*)?")  # a code; what follows is checked later
_MOST_OFFERED = 200
_MOST_SHOWN = 40  # characters of what was typed


@dataclass
class Inputs:
    """A case, and where and when it is. ``problem``: why it cannot be priced as it was written."""

    opened: OpenedRelease
    facility: FacilitySchedule
    day: date
    case: list[CaseLine] = field(default_factory=list)
    locality: Locality | None = None
    cbsa: str = ""
    index: Decimal | None = None
    problem: FeeCalcError | None = None


def draw(now: Stamp, remarks: list[str]) -> Inputs:
    """Draw the widgets. Raises a FeeCalcError for a release that cannot be opened."""
    what, when = st.container(), st.container()
    with when:
        chosen = pickers.pick_when(address.WHEN, remarks)
    opened = opening.open_release(chosen.release, chosen.day, now)
    day = opened.schedule.release.day(chosen.day)
    inputs = Inputs(opened, facility_of(day, now), day)
    with what:
        texts = _case(opened)
    st.markdown("**The physician's locality**")
    where = pickers.pick_where(address.WHERE, opened, day, now, remarks)
    inputs.locality, inputs.problem = where.locality, where.problem
    try:
        inputs.case = case_lines(texts)
        inputs.cbsa, inputs.index = _area(inputs, remarks)
    except FeeCalcError as error:
        inputs.problem = inputs.problem or error
    return inputs


@st.cache_resource(max_entries=6, show_spinner="Opening the facility rates")
def facility_of(day: date, now: Stamp) -> FacilitySchedule:
    """Return the facility rates of a day; one without any, which says what to load, where none is installed."""
    try:
        return open_facility(Store(Path(now[0])), day)
    except NotInstalled as error:
        first, last = quarter(day)
        reasons = (*str(error).splitlines(), str(error))
        return FacilitySchedule(first, last, missing=dict(zip(SETTINGS, reasons, strict=False)))


def notices_of(facility: FacilitySchedule) -> list[str]:
    """Return the notices of the rates, each once, as lines of one text; an empty list where there are none."""
    texts = [*(text for notices in facility.notices.values() for text in notices), *facility.missing.values()]
    if len(facility.missing) == len(SETTINGS):
        texts.append(
            "No facility rates for this day: only the physician's amounts are shown. Download from CMS the OPPS "
            "Addendum B and wage index, and the ASC addenda AA, BB, EE and FF and wage index, and drop them in on the "
            "page Data, or run feecalc build FILE."
        )
    lines = dict.fromkeys(sentence(text) for text in texts)
    return ["\n".join(lines)] if lines else []


def _case(opened: OpenedRelease) -> list[str]:
    """Return the codes in the box; a word typed into it becomes its code, or offers the codes that fit."""
    descriptions = opened.descriptions
    common = [code for code in starter.services()["hcpcs"] if code in descriptions]
    if address.CODES not in st.session_state:
        st.session_state[address.CODES] = common[:_EXAMPLE]
    hints = _found(descriptions)
    offered = [*st.session_state.get(_FOUND, ()), *st.session_state[address.CODES], *common]
    texts: list[str] = st.multiselect(
        "Codes of the case",
        list(dict.fromkeys(offered)),
        format_func=lambda code: f"{code}  {descriptions[code]}" if code in descriptions else one_line(code),
        key=address.CODES,
        accept_new_options=True,
        max_selections=address.MOST_CODES,
        filter_mode="contains",
        placeholder="Type a code or a word, and press Enter",
        help="Type a code, or a word of its description, and press Enter. Modifiers and units follow a code: "
        "64493-50, 64493-RT, 64636x2.",
    )
    for text in hints:
        st.info(plain(text), icon=":material/search:")
    return texts


def _found(descriptions: dict[str, str]) -> list[str]:
    """Replace words in the box by their codes. Returns a hint for each word that fits more than one code."""
    hints = []
    kept: list[str] = []
    for text in st.session_state[address.CODES]:
        found = [] if _is_code(text) else codes_with(text, descriptions)
        if len(found) > 1:
            st.session_state[_FOUND] = found[:_MOST_OFFERED]
            more = " and more" if len(found) > _MOST_OFFERED else ""
            shown = one_line(text)[:_MOST_SHOWN]
            hints.append(f"{min(len(found), _MOST_OFFERED)}{more} codes fit {shown!r}: choose one in the list.")
        else:
            kept.append(found[0] if found else text)
    if kept != st.session_state[address.CODES]:
        st.session_state[address.CODES] = list(dict.fromkeys(kept))
    return hints


def _is_code(text: str) -> bool:
    return _CODE.fullmatch(text.strip().upper()) is not None


def _area(inputs: Inputs, remarks: list[str]) -> tuple[str, Decimal | None]:
    """Return the facility's area, or its own wage index. Raises InvalidValue."""
    st.markdown("**The facility's wage index**")
    areas = _areas(inputs.facility)
    ways = [address.NATIONAL, *([address.BY_AREA] if areas else []), address.BY_INDEX]
    remarks += settle(address.BY, ways, address.NATIONAL, "No wage index file is installed; the rates are national.")
    way = st.radio("Wage index", ways, key=address.BY, horizontal=True, label_visibility="collapsed")
    if way == address.BY_AREA:
        remarks += settle(address.CBSA, [*areas, None], None, "No area {} here; choose another.")
        chosen = st.selectbox(
            "Area (CBSA)", list(areas), index=None, format_func=lambda area: f"{areas[area]}  {area}",
            key=address.CBSA, filter_mode="contains", placeholder="Type a city or a number",
        )  # fmt: skip
        if chosen is None:
            remarks.append("Choose the facility's area; until then its rates are national.")
        return chosen or "", None
    if way == address.BY_INDEX:
        given = st.text_input("Wage index", key=address.INDEX, placeholder="0.9488", max_chars=8)
        if given.strip():
            return "", wage_index(given)
        remarks.append("Give the facility's wage index; until then its rates are national.")
    elif areas and inputs.locality is not None:
        st.caption(plain("The facility's rates are national until its area is chosen."))
    return "", None


def _areas(facility: FacilitySchedule) -> dict[str, str]:
    """Return the areas of the installed wage indices, by name: number to name."""
    tables = [rates.areas for rates in (facility.hospital, facility.center) if rates is not None]
    if not tables:
        return {}
    known = pl.concat([table.select("cbsa", "area") for table in tables]).unique("cbsa", keep="first").sort("area")
    return {cbsa: one_line(area) for cbsa, area in known.iter_rows()}
