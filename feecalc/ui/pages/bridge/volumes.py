"""The volumes of the page Year over year: the sample practice's until a file is dropped in; kept while others look."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import streamlit as st

from feecalc.files.volume import read_volume
from feecalc.pricing.schedule import FeeSchedule
from feecalc.ui.shared import opening
from feecalc.ui.shared.opening import Stamp
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


def ask() -> Volumes:
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
        elif st.button("Take the same volume at both ends", icon=":material/close:", key="bridge_same"):
            del state[VOLUME_TO]
            st.rerun()
        else:
            st.caption(plain(f"At the end: {after.name}"))
    return Volumes(state[VOLUME], after)


def _keep(key: str, label: str) -> None:
    """The box of a file. A file is taken over once, when it is new in the box: another may take its place since."""
    state, seen = st.session_state, f"{key}_seen"
    given = upload_box(label, _ENDINGS, f"{key}_box", most_mb=MOST_MB)
    digest = None if given is None else given.digest
    if given is not None and state.get(seen) != digest:
        state[key] = given
    state[seen] = digest


def read(
    upload: Upload, former: FeeSchedule, latter: FeeSchedule, locality: str, now: Stamp
) -> pl.DataFrame:
    """A file as ``contracts.volumes`` has it. Errors as ``read_volume``."""
    return _read(upload, upload.digest, former, latter, former.release.name, latter.release.name, locality, now)


@st.cache_data(max_entries=16, show_spinner="Reading the file")
def _read(
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
