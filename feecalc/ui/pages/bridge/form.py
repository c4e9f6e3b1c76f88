"""The widgets of the page Year over year: the volumes, the two releases, and how each side is priced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from feecalc import reference
from feecalc.errors import InvalidValue
from feecalc.pricing.rules.conversion_factor import QP as QP_TRACK
from feecalc.scenarios.bridge.parts import MEANING, ORDERED, order_of
from feecalc.ui.pages.bridge import address, volumes
from feecalc.ui.pages.bridge.volumes import Volumes
from feecalc.ui.shared import opening, pickers
from feecalc.ui.shared.opening import Desk, Stamp
from feecalc.ui.shared.pickers import Where


@dataclass
class Asked:
    """What is bridged: two releases, the volume of each, and how each side is priced. ``factor_to``: USD per RVU."""

    former: Desk
    latter: Desk
    volumes: Volumes
    where: Where  # of rows that name no place
    order: tuple[str, ...]
    qp: bool
    floors: tuple[bool, bool]
    factor_to: Decimal | None

    @property
    def names(self) -> tuple[str, str]:
        return self.former.schedule.release.name, self.latter.schedule.release.name


def ask(now: Stamp, remarks: list[str]) -> Asked:
    """Draw the widgets. Raises a FeeCalcError for a release or a file that cannot be opened."""
    given = volumes.ask()
    _begin_a_year_before()
    former = opening.desk(pickers.pick_release(address.FROM, remarks, "From"), None, now)
    latter = opening.desk(pickers.pick_release(address.TO, remarks, "To"), None, now)
    with st.expander("Where, for rows that name no place"):
        where = pickers.pick_where(address.WHERE, latter, latter.schedule.release.day(None), now, remarks)
    if where.problem is not None:
        raise where.problem
    qp, floors, factor_to = _how(former, latter)
    first = st.multiselect(
        "Parts to take first",
        ORDERED,
        format_func=lambda part: MEANING[part].capitalize(),
        key=address.ORDER,
        placeholder="factor first, then as listed",
        help="The parts are taken one after the other. What two changes make together goes to the later one.",
    )
    return Asked(former, latter, given, where, order_of(first), qp, floors, factor_to)


def _begin_a_year_before() -> None:
    """The first look goes from the newest release of another year than the newest of all."""
    if st.session_state.get(address.FROM):
        return
    newest, *others = opening.choices()
    last = newest.first_date_of_service
    days = ((each.name, each.first_date_of_service) for each in others)
    former = (name for name, day in days if last is not None and day is not None and day.year < last.year)
    st.session_state[address.FROM] = next(former, newest.name)


def _how(former: Desk, latter: Desk) -> tuple[bool, tuple[bool, bool], Decimal | None]:
    """QP, the work GPCI floor of both sides, and a factor in place of the latter's."""
    days = [desk.schedule.release.day(None) for desk in (former, latter)]
    tracks = {row["track"] for day in days for row in reference.rows_on("conversion_factor", day)}
    qp = False
    with st.expander("Who bills, the GPCI floor, another factor"):
        if QP_TRACK in tracks:
            qp = st.toggle("Qualifying APM participant (QP)", key=address.QP)
        held = "The floor under a locality's work index, while an act of Congress holds it."
        floors = (
            st.toggle("Work GPCI floor at the beginning", key=address.FROM_FLOOR, help=held),
            st.toggle("Work GPCI floor at the end", key=address.TO_FLOOR, help=held),
        )
        given = st.text_input(
            "Conversion factor at the end, $ per RVU",
            key=address.TO_FACTOR,
            max_chars=8,
            placeholder="as Medicare has it",
            help="A proposed one, for example; at most four decimals.",
        ).strip()
    if not given:
        return qp, floors, None
    if re.fullmatch(address.FACTOR_FORM, given) is None or not Decimal(given):
        raise InvalidValue(f"{given[:8]!r} is not a conversion factor; write dollars per RVU, for example 32.84")
    return qp, floors, Decimal(given)
