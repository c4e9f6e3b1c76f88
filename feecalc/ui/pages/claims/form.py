"""The widgets of the page Claims: the file, which column is which, and what holds for all lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
import streamlit as st

from feecalc import reference
from feecalc.files.claim_lines import LineDefaults
from feecalc.runs import claim_files
from feecalc.ui.pages.claims import address, extras
from feecalc.ui.pages.claims.extras import Extras
from feecalc.ui.shared import opening
from feecalc.ui.shared.address import settle
from feecalc.ui.shared.figures import money_table
from feecalc.ui.shared.opening import Stamp
from feecalc.ui.shared.uploads import Upload, as_path, sample_file, upload_box
from feecalc.ui.shared.words import one_line, plain, readable

_ENDINGS = ("csv", "txt", "tsv", "xlsx", "parquet")
_KEPT, _SEEN = "claims_file", "claims_seen"
_SAMPLES = {"claims": "Two weeks of a pain practice", "facet": "Facet joint injections"}
_FIRST_CELL = 40  # characters of it shown


@dataclass
class Asked:
    """A file, and how it is to be read and priced. ``said``: heading to our name, where the person said another."""

    upload: Upload
    said: tuple[tuple[str, str], ...]
    given: LineDefaults
    release: str | None
    extras: Extras

    @property
    def mark(self) -> tuple[object, ...]:
        """Changes with all that the answer depends on but the store."""
        return (self.upload.digest, self.upload.name, self.said, self.given, self.release, *self.extras.mark)


def ask(now: Stamp, remarks: list[str]) -> Asked | None:
    """Draw the widgets; None until there is a file. Raises a FeeCalcError for one that cannot be read at all."""
    upload = _file()
    given, release = _for_all(remarks)
    beside = extras.ask()
    if upload is None:
        return None
    said = _columns(upload)
    return Asked(upload, said, given, release, beside)


def _file() -> Upload | None:
    """The file dropped in last, kept while other pages are looked at; or the sample that was asked for."""
    drawn_before = "claims_upload" in st.session_state
    given = upload_box("Your claim file", _ENDINGS, "claims_upload", help="Nothing of it leaves this computer.")
    if given is not None and st.session_state.get(_SEEN) != given.digest:
        st.session_state[_SEEN], st.session_state[_KEPT] = given.digest, given
        st.session_state[address.SAMPLE] = ""
    elif given is None and st.session_state.pop(_SEEN, None) and drawn_before:
        st.session_state.pop(_KEPT, None)  # taken out of the box, and not only out of sight
    st.caption("Or a sample:")
    for name, label in _SAMPLES.items():
        st.button(label, key=f"claims_take_{name}", on_click=_take, args=(name,), icon=":material/science:")
    sample = st.session_state.get(address.SAMPLE)
    if sample:
        return sample_file(address.SAMPLES[sample])
    kept: Upload | None = st.session_state.get(_KEPT)
    return kept


def _take(name: str) -> None:
    st.session_state[address.SAMPLE] = name


def _for_all(remarks: list[str]) -> tuple[LineDefaults, str | None]:
    """What holds for all lines, or where the file says nothing."""
    with st.expander("For all lines: release, locality, place, date"):
        there = [address.BY_DATE, *(each.name for each in opening.choices())]
        remarks += settle(address.RELEASE, there, address.BY_DATE, "No release {} here; each line's date chooses.")
        release = st.selectbox(
            "Release", there, key=address.RELEASE, format_func=lambda each: each or "the one in force on each date"
        )
        place = st.text_input(
            "Locality of all lines", key=address.PLACE, placeholder="as the file says", max_chars=60,
            help='"Miami, FL" or 09102-04. It goes before the file\'s own columns.',
        )  # fmt: skip
        places = {row["code"]: row["name"] for row in reference.rows_on("place_of_service", date.today())}
        options = ["", *sorted(places)]
        remarks += settle(address.POS, options, "", "No place of service {} is in use.")
        pos = st.selectbox(
            "Place of service where the file has none", options, key=address.POS,
            format_func=lambda each: f"{each}  {places[each]}" if each else "none",
        )  # fmt: skip
        day = st.date_input("Date of service of all lines", key=address.DAY, format="YYYY-MM-DD")
    given = LineDefaults(
        locality=place.strip() or None,
        day=day if isinstance(day, date) else None,
        place_of_service=pos or None,
    )
    return given, release or None


def _columns(upload: Upload) -> tuple[tuple[str, str], ...]:
    """Which column is taken for which, and the widgets to change that. Returns what was changed."""
    found = _mapping(upload, upload.digest)
    mark = upload.digest[:16]
    said: dict[str, str] = st.session_state.setdefault(f"claims_said_{mark}", {})
    before = dict(found.select("heading", "ours").iter_rows())
    with st.expander(plain(f"Columns of {upload.name}"), expanded=True):
        table = st.container()
        heading = st.selectbox(
            "Change a column", list(before), index=None, key=f"claims_heading_{mark}", format_func=one_line,
            placeholder="Choose one of the file's columns",
        )  # fmt: skip
        if heading is not None:
            names = claim_files.names()
            place = list(before).index(heading)
            now = st.selectbox(
                plain(f"{one_line(heading)} is"), names, index=names.index(said.get(heading, before[heading])),
                key=f"claims_ours_{mark}_{place}", format_func=_ours, filter_mode="contains",
            )  # fmt: skip
            said[heading] = now
        changed = tuple((name, ours) for name, ours in said.items() if ours != before[name])
        taken = pl.col("heading").replace_strict(before | dict(changed), return_dtype=pl.String)
        shown = found.select(readable(pl.col("heading", "first")).str.head(_FIRST_CELL), taken.alias("ours"))
        with table:
            headings = {"heading": "In the file", "first": "First cell", "ours": "Taken for"}
            money_table(shown, headings, key=f"claims_columns_{mark}", alt="Which column is taken for which of ours")
    return changed


@st.cache_data(max_entries=8, show_spinner="Reading the file")
def _mapping(_upload: Upload, digest: str) -> pl.DataFrame:
    with as_path(_upload) as path:
        return claim_files.mapping(path)


def _ours(name: str) -> str:
    return name or "left alone"
