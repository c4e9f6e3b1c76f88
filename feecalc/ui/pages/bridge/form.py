"""The widgets of the page Year over year: the volumes, the two releases, and how each side is priced.

The volumes are the sample practice's until a file is dropped in, which is kept while other pages are looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import polars as pl
import streamlit as st

from feecalc import reference
from feecalc.errors import InvalidValue
from feecalc.files.volume import read_volume
from feecalc.pricing.rules.conversion_factor import QP as QP_TRACK
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.bridge.parts import MEANING, ORDERED, order_of
from feecalc.ui.pages.bridge import address
from feecalc.ui.shared import opening, pickers
from feecalc.ui.shared.opening import OpenedRelease, Stamp
from feecalc.ui.shared.pickers import Where
from feecalc.ui.shared.uploads import Upload, as_path, sample_file, upload_box
from feecalc.ui.shared.words import plain

MOST_MB = 16
NATIONAL = "national"
VOLUME, VOLUME_TO = "bridge_volume", "bridge_volume_to"  # the files, in the session
_SAMPLE = "volume.csv"
_ENDINGS = ("csv", "xlsx", "parquet")


@dataclass(frozen=True)
class Volumes:
    """The file of each side; no ``after`` is the same volume."""

    before: Upload
    after: Upload | None

    @property
    def name(self) -> str:
        return self.before.name if self.after is None else f"{self.before.name}, then {self.after.name}"


def draw_volumes() -> Volumes:
    """Draw the boxes. Raises an InvalidValue for an empty or too large file."""
    state = st.session_state
    _keep(VOLUME, "Your volumes (CSV, Excel or Parquet)")
    if VOLUME not in state:
        state[VOLUME] = sample_file(_SAMPLE)
    if state[VOLUME].digest == sample_file(_SAMPLE).digest:
        st.caption("The sample practice. Drop in a file with a code and its units on each row; modifier, place of "
                   "service and locality where it has them.")  # fmt: skip
    elif st.button("Use the sample practice", icon=":material/science:", key="bridge_sample"):
        state[VOLUME] = sample_file(_SAMPLE)
        state.pop(VOLUME_TO, None)
        st.rerun()
    else:
        st.caption(plain(f"Your file: {state[VOLUME].name}"))
    with st.expander("Another volume at the end"):
        _keep(VOLUME_TO, "Volumes at the end")
        after: Upload | None = state.get(VOLUME_TO)
        if after is None:
            st.caption("Without one the same volume is taken at both ends: volume and mix then change nothing.")
        elif st.button("Use the same volume at both ends", icon=":material/close:", key="bridge_same"):
            del state[VOLUME_TO]
            st.rerun()
        else:
            st.caption(plain(f"At the end: {after.name}"))
    return Volumes(state[VOLUME], after)


def _keep(key: str, label: str) -> None:
    """Draw the box of a file. A file is taken once, when it is new in the box: a loaded one may replace it later."""
    state, seen = st.session_state, f"{key}_seen"
    given = upload_box(label, _ENDINGS, f"{key}_box", most_mb=MOST_MB)
    digest = None if given is None else given.digest
    if given is not None and state.get(seen) != digest:
        state[key] = given
    state[seen] = digest


def read_volumes(
    upload: Upload, former: FeeSchedule, latter: FeeSchedule, locality: str, now: Stamp
) -> pl.DataFrame:
    """Return a file as ``volume.COLUMNS``. Errors as ``read_volume``."""
    return _read_volumes(upload, upload.digest, former, latter, former.release.name, latter.release.name, locality, now)


@st.cache_data(max_entries=16, show_spinner="Reading the file")
def _read_volumes(
    _upload: Upload,
    digest: str,
    _former: FeeSchedule,
    _latter: FeeSchedule,
    former: str,
    latter: str,
    locality: str,
    now: Stamp,
) -> pl.DataFrame:
    zips = opening.zip_directory(_latter.release.day(None), now) if opening.has_zip_codes() else None
    with as_path(_upload) as path:
        return read_volume(path, [_former, _latter], locality=locality, zips=zips)


@dataclass
class Inputs:
    """What is bridged: two releases, the volume of each, and how each side is priced. ``factor_to``: USD per RVU."""

    former: OpenedRelease
    latter: OpenedRelease
    volumes: Volumes
    where: Where  # of rows that name no place
    order: tuple[str, ...]
    qp: bool
    floors: tuple[bool, bool]
    factor_to: Decimal | None

    @property
    def names(self) -> tuple[str, str]:
        return self.former.schedule.release.name, self.latter.schedule.release.name


def draw(now: Stamp, remarks: list[str]) -> Inputs:
    """Draw the widgets. Raises a FeeCalcError for a release or a file that cannot be opened."""
    given = draw_volumes()
    _begin_a_year_before()
    former = opening.open_release(pickers.pick_release(address.FROM, remarks, "From"), None, now)
    latter = opening.open_release(pickers.pick_release(address.TO, remarks, "To"), None, now)
    with st.expander("Where, for rows that name no place"):
        where = pickers.pick_where(address.WHERE, latter, latter.schedule.release.day(None), now, remarks)
    if where.problem is not None:
        raise where.problem
    qp, floors, factor_to = _how(former, latter)
    first = st.multiselect(
        "Parts to compute first",
        ORDERED,
        format_func=lambda part: MEANING[part].capitalize(),
        key=address.ORDER,
        placeholder="factor first, then as listed",
        help="The parts are computed one after the other. What two changes do together counts with the later one.",
    )
    return Inputs(former, latter, given, where, order_of(first), qp, floors, factor_to)


def _begin_a_year_before() -> None:
    """Begin the first look with the newest release of another year than the newest of all."""
    if st.session_state.get(address.FROM):
        return
    newest, *others = opening.choices()
    last = newest.first_date_of_service
    days = ((other.name, other.first_date_of_service) for other in others)
    former = (name for name, day in days if last is not None and day is not None and day.year < last.year)
    st.session_state[address.FROM] = next(former, newest.name)


def _how(former: OpenedRelease, latter: OpenedRelease) -> tuple[bool, tuple[bool, bool], Decimal | None]:
    """Return QP, the work GPCI floor of both sides, and a factor in place of the latter's."""
    days = [opened.schedule.release.day(None) for opened in (former, latter)]
    tracks = {row["track"] for day in days for row in reference.rows_on("conversion_factor", day)}
    qp = False
    with st.expander("Who bills, the GPCI floor, another factor"):
        if QP_TRACK in tracks:
            qp = st.toggle("Qualifying APM participant (QP)", key=address.QP)
        floor_help = "The floor under a locality's work index, while an act of Congress holds it."
        floors = (
            st.toggle("Work GPCI floor at the beginning", key=address.FROM_FLOOR, help=floor_help),
            st.toggle("Work GPCI floor at the end", key=address.TO_FLOOR, help=floor_help),
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
