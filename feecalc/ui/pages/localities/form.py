"""The widgets of the page Localities: a code or a basket, the release, and how it is priced."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import polars as pl
import streamlit as st

from feecalc import reference
from feecalc.files.volume import read_volume
from feecalc.pricing.rules.conversion_factor import QP as QP_TRACK
from feecalc.ui.pages.localities import address
from feecalc.ui.shared import opening, pickers
from feecalc.ui.shared.address import settle
from feecalc.ui.shared.opening import OpenedRelease, Stamp
from feecalc.ui.shared.pickers import pick_code
from feecalc.ui.shared.uploads import Upload, as_path, sample_file, upload_box
from feecalc.ui.shared.words import plain

_WAYS = {address.ONE_CODE: "One code", address.BASKET: "Your basket"}
_NATIONAL = "national"
_SAMPLE = "volume.csv"
_KEPT, _FROM_SAMPLE = "localities_basket", "localities_sample"
_MOST_MB = 16
_ENDINGS = ("csv", "xlsx", "parquet")


@dataclass
class Inputs:
    """What is compared: a volume (as ``feecalc.scenarios.basket`` takes it), its name, and how it is priced."""

    opened: OpenedRelease
    volume: pl.DataFrame | None
    name: str
    digest: Hashable  # changes with the volume
    qp: bool
    gpci_floor: bool


def draw(now: Stamp, remarks: list[str]) -> Inputs:
    """Draw the widgets. Raises a FeeCalcError for a release that cannot be opened or a basket that cannot be read."""
    what, when = st.container(), st.container()
    with when:
        release = pickers.pick_release(address.RELEASE, remarks)
    opened = opening.open_release(release, None, now)
    with when:
        qp, floor = _how(opened)
    with what:
        way = st.radio("Compare", list(_WAYS), format_func=_WAYS.__getitem__, key=address.WHAT, horizontal=True)
        if way == address.ONE_CODE:
            volume, name, digest = _one_code(opened, remarks)
        else:
            volume, name, digest = _basket(opened, now)
    return Inputs(opened, volume, name, digest, qp, floor)


def _one_code(opened: OpenedRelease, remarks: list[str]) -> tuple[pl.DataFrame | None, str, Hashable]:
    code = pick_code(address.CODE, opened)
    if not code:
        return None, "", ""
    rows = opened.schedule.rows(code)["modifier"].to_list()
    modifier, place = st.columns(2)
    remarks += settle(address.MODIFIER, rows, rows[0], f"{code} has no row with modifier {{}}.")
    with modifier:
        chosen = st.selectbox(
            "Modifier", rows, format_func=lambda name: name or "none", key=address.MODIFIER, disabled=len(rows) == 1
        )
    on_day = reference.rows_on("place_of_service", opened.schedule.release.day(None))
    places = {row["code"]: row["name"] for row in on_day}
    remarks += settle(address.POS, list(places), address.OFFICE, "No place of service {} is in use; 11 is used.")
    with place:
        pos = st.selectbox(
            "Place of service", sorted(places), format_func=lambda code: f"{code}  {places[code]}", key=address.POS
        )
    volume = pl.DataFrame({"hcpcs": [code], "modifier_1": [chosen], "place_of_service": [pos], "units": [1]})
    name = f"{code}-{chosen}" if chosen else code
    return volume, f"{name} in place of service {pos}", (code, chosen, pos)


def _basket(opened: OpenedRelease, now: Stamp) -> tuple[pl.DataFrame | None, str, Hashable]:
    """Return the person's volume file; the one dropped in last is kept while other pages are looked at."""
    st.caption("A file with a code and its units on each row; modifier, place of service and charge where it has them.")
    given = upload_box("Your volumes (CSV, Excel or Parquet)", _ENDINGS, "localities_upload", most_mb=_MOST_MB)
    if given is not None:
        st.session_state[_KEPT] = given
    elif st.button("Use the sample practice", key=_FROM_SAMPLE, icon=":material/science:"):
        st.session_state[_KEPT] = sample_file(_SAMPLE)
    upload: Upload | None = st.session_state.get(_KEPT)
    if upload is None:
        return None, "", ""
    volume = _read(upload, upload.digest, opened, opened.schedule.release.name, now)
    st.caption(plain(f"{upload.name}: {volume.height:,} rows, {volume['units'].sum():,} units"))
    return volume, upload.name, upload.digest


@st.cache_data(max_entries=8, show_spinner="Reading the file")
def _read(_upload: Upload, digest: str, _opened: OpenedRelease, release: str, now: Stamp) -> pl.DataFrame:
    with as_path(_upload) as path:
        zips = opening.zip_directory(_opened.schedule.release.day(None), now) if opening.has_zip_codes() else None
        return read_volume(path, [_opened.schedule], locality=_NATIONAL, zips=zips)


def _how(opened: OpenedRelease) -> tuple[bool, bool]:
    """Return QP and the work GPCI floor."""
    tracks = {row["track"] for row in reference.rows_on("conversion_factor", opened.schedule.release.day(None))}
    qp = False
    with st.expander("Who bills, and the work GPCI floor", expanded=False):
        if QP_TRACK in tracks:
            qp = st.toggle("Qualifying APM participant (QP)", key=address.QP)
        floor = st.toggle(
            "Work GPCI floor",
            key=address.FLOOR,
            help="The floor under a locality's work index, while an act of Congress holds it.",
        )
    return qp, floor
