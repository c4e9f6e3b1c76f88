"""The widgets of the page Claims: the file, which column is which, what holds for all lines, and for a check of them.

Beside the claims a check may have earlier sessions, coverage policies, a list of diagnoses, and whose bill it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date

import polars as pl
import streamlit as st

from feecalc import reference
from feecalc.edits.lines.codes import Bill
from feecalc.files.claim_lines import LineDefaults
from feecalc.runs import claim_files
from feecalc.runs.edit_tables import PROFESSIONAL, EditWishes, open_policies
from feecalc.ui.pages.claims import address
from feecalc.ui.shared import opening
from feecalc.ui.shared.address import settle
from feecalc.ui.shared.figures import money_table
from feecalc.ui.shared.opening import Stamp
from feecalc.ui.shared.uploads import Upload, as_path, kept_box, sample_file, upload_box
from feecalc.ui.shared.words import one_line, plain, readable

_TABLES, _TOML, _LISTS = ("csv", "txt", "tsv", "xlsx", "parquet"), ("toml",), ("csv", "toml")
_MOST_MB = 2  # of a policy or a list, which a person writes
_BILLS: dict[Bill, str] = {
    PROFESSIONAL: "A physician's", "asc": "A surgery center's own", "hospital": "A hospital's own",
}  # fmt: skip
_ENDINGS = ("csv", "txt", "tsv", "xlsx", "parquet")
_KEPT, _SEEN = "claims_file", "claims_seen"
_SAMPLES = {"claims": "Two weeks of a pain practice", "facet": "Facet joint injections"}
_FIRST_CELL = 40  # characters of it shown


@dataclass(frozen=True)
class Extras:
    """Files beside the claim file. ``list_for``: the key of the policy that ``diagnoses`` is for, "" for the only one
    with lists."""

    history: Upload | None = None
    policy: Upload | None = None
    diagnoses: Upload | None = None
    list_for: str = ""
    bill: Bill = PROFESSIONAL

    @property
    def mark(self) -> tuple[str, ...]:
        """Return what changes with the files (for the key of a cached result)."""
        uploads = (self.history, self.policy, self.diagnoses)
        given = [upload.name + upload.digest if upload else "" for upload in uploads]
        return (*given, self.list_for, self.bill)


def draw_extras() -> Extras:
    """Draw the widgets. Raises a FeeCalcError for a policy that cannot be read."""
    with st.expander("For the check: history, policies, diagnoses"):
        history = kept_box(
            "Earlier sessions", _TABLES, "claims_history",
            help="Earlier claim lines, with the columns beneficiary_id, date_of_service and hcpcs. The claim file "
            "needs beneficiary_id too.",
        )  # fmt: skip
        policy = kept_box(
            "A coverage policy of your own", _TOML, "claims_policy", most_mb=_MOST_MB,
            help="A TOML file. It is used beside feecalc's own policies, or in place of the one with the same key.",
        )  # fmt: skip
        diagnoses = kept_box(
            "Your contractor's list of diagnoses", _LISTS, "claims_diagnoses", most_mb=_MOST_MB,
            help="CSV with a column code (and supports, yes or no), or TOML.",
        )  # fmt: skip
        names = _policies(policy, "" if policy is None else policy.name + policy.digest)
        list_for = ""
        if diagnoses is not None:
            list_for = st.selectbox(
                "The list is for the policy", list(names), format_func=names.__getitem__, key="claims_list_for"
            )
        bill = st.selectbox("Whose claims", list(_BILLS), format_func=_BILLS.__getitem__, key="claims_bill")
        st.caption(plain("Policies checked: " + "; ".join(names.values())))
    return Extras(history, policy, diagnoses, list_for, bill)


@contextmanager
def as_wishes(extras: Extras) -> Iterator[EditWishes]:
    """Give the files as ``feecalc check`` takes them: as paths, for as long as they are read."""
    with ExitStack() as files:
        history, policy, diagnoses = (
            None if upload is None else files.enter_context(as_path(upload))
            for upload in (extras.history, extras.policy, extras.diagnoses)
        )
        key = f"{extras.list_for}=" if extras.list_for else ""
        yield EditWishes(
            () if policy is None else (policy,),
            () if diagnoses is None else (f"{key}{diagnoses}",),
            history,
            extras.bill,
        )


@st.cache_data(max_entries=8, show_spinner=False)
def _policies(_policy: Upload | None, mark: str) -> dict[str, str]:
    """Return the policies that are checked, key to name, those with lists of diagnoses first."""
    with as_wishes(Extras(policy=_policy)) as wishes:
        opened = sorted(open_policies(wishes), key=lambda policy: not policy.diagnosis_lists)
    return {policy.key: one_line(policy.name) for policy in opened}


@dataclass
class Inputs:
    """A file, and how it is read and priced. ``column_map``: the headings that a person mapped, with our names."""

    upload: Upload
    column_map: tuple[tuple[str, str], ...]
    given: LineDefaults
    release: str | None
    extras: Extras

    @property
    def mark(self) -> tuple[object, ...]:
        """Return what changes with all that the answer depends on but the store."""
        return (self.upload.digest, self.upload.name, self.column_map, self.given, self.release, *self.extras.mark)


def draw(now: Stamp, remarks: list[str]) -> Inputs | None:
    """Draw the widgets; None until there is a file. Raises a FeeCalcError for one that cannot be read at all."""
    upload = _file()
    given, release = _for_all(remarks)
    beside = draw_extras()
    if upload is None:
        return None
    return Inputs(upload, _columns(upload), given, release, beside)


def _file() -> Upload | None:
    """Return the file dropped in last, kept while other pages are looked at; or the sample in the address."""
    drawn_before = "claims_upload" in st.session_state
    given = upload_box("Your claim file", _ENDINGS, "claims_upload", help="It does not leave this computer.")
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
    """Return what holds for all lines, or where the file says nothing."""
    with st.expander("For all lines: release, locality, place, date"):
        there = [address.BY_DATE, *(choice.name for choice in opening.choices())]
        remarks += settle(address.RELEASE, there, address.BY_DATE, "No release {} here; each line's date chooses.")
        release = st.selectbox(
            "Release", there, key=address.RELEASE, format_func=lambda name: name or "the one in force on each date"
        )
        place = st.text_input(
            "Locality of all lines", key=address.PLACE, placeholder="as the file says", max_chars=60,
            help='"Miami, FL" or 09102-04. It overrides the file\'s own columns.',
        )  # fmt: skip
        places = {row["code"]: row["name"] for row in reference.rows_on("place_of_service", date.today())}
        options = ["", *sorted(places)]
        remarks += settle(address.POS, options, "", "No place of service {} is in use.")
        pos = st.selectbox(
            "Place of service where the file has none", options, key=address.POS,
            format_func=lambda code: f"{code}  {places[code]}" if code else "none",
        )  # fmt: skip
        day = st.date_input("Date of service of all lines", key=address.DAY, format="YYYY-MM-DD")
    given = LineDefaults(
        locality=place.strip() or None,
        day=day if isinstance(day, date) else None,
        place_of_service=pos or None,
    )
    return given, release or None


def _columns(upload: Upload) -> tuple[tuple[str, str], ...]:
    """Return which column is taken for which, and the widgets to change that. Returns what was changed."""
    found = _mapping(upload, upload.digest)
    mark = upload.digest[:16]
    chosen: dict[str, str] = st.session_state.setdefault(f"claims_said_{mark}", {})
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
                plain(f"{one_line(heading)} is"), names, index=names.index(chosen.get(heading, before[heading])),
                key=f"claims_ours_{mark}_{place}", format_func=_ours, filter_mode="contains",
            )  # fmt: skip
            chosen[heading] = now
        changed = tuple((name, ours) for name, ours in chosen.items() if ours != before[name])
        taken = pl.col("heading").replace_strict(before | dict(changed), return_dtype=pl.String)
        shown = found.select(readable(pl.col("heading", "first")).str.head(_FIRST_CELL), taken.alias("ours"))
        with table:
            headings = {"heading": "In the file", "first": "First cell", "ours": "Taken for"}
            money_table(shown, headings, key=f"claims_columns_{mark}", alt="Which column is read as which of ours")
    return changed


@st.cache_data(max_entries=8, show_spinner="Reading the file")
def _mapping(_upload: Upload, digest: str) -> pl.DataFrame:
    with as_path(_upload) as path:
        return claim_files.mapping(path)


def _ours(name: str) -> str:
    return name or "left alone"
