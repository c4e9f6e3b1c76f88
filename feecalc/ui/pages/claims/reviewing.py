"""The page's calls: a claim file priced and checked, a claim's receipt and checklist, all receipts.

Each is cached, and works on a few files at a time, however many people are at the app.
"""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore

import polars as pl
import streamlit as st

from feecalc.runs import claim_files
from feecalc.runs.check_report import CheckWanted
from feecalc.runs.checking import run_check
from feecalc.runs.claim_files import Review
from feecalc.runs.edit_tables import open_edits
from feecalc.runs.price import RunOutputs, run_claims
from feecalc.runs.reading import read_claims
from feecalc.ui.pages.claims.form import Inputs, as_wishes
from feecalc.ui.shared.opening import Stamp
from feecalc.ui.shared.uploads import as_path

# More at once would not be done sooner, and each takes memory for its lines. Each also holds a few of the 512 threads
# that polars reads and writes with: were all of them to wait for work, none would be left to do it.
_AT_ONCE = max(4, os.cpu_count() or 0)
_turns = BoundedSemaphore(_AT_ONCE)
_RECEIPTS = "receipts"


@contextmanager
def turn() -> Iterator[None]:
    """Wait for one's turn, and have it for as long as the work takes."""
    with _turns:
        yield


@st.cache_resource(max_entries=4, show_spinner="Pricing and checking every line")
def reviewed(_inputs: Inputs, mark: tuple[object, ...], now: Stamp) -> Review:
    """Review the file as ``claim_files.review`` does, with the files beside it. Errors as that and ``open_edits``."""
    with turn(), as_path(_inputs.upload) as path, as_wishes(_inputs.extras) as wishes:
        home, column_map = Path(now[0]), dict(_inputs.column_map)
        return claim_files.review(
            path, column_map=column_map, defaults=_inputs.given, release=_inputs.release, home=home, wishes=wishes
        )


@st.cache_data(max_entries=64, show_spinner="Writing the receipt")
def receipt(_inputs: Inputs, mark: tuple[object, ...], claim: str, now: Stamp) -> str:
    """Return the receipt of one claim. Raises InvalidValue where the file has no such claim."""
    with turn(), as_path(_inputs.upload) as path:
        return claim_files.receipt(
            path, claim, column_map=dict(_inputs.column_map), defaults=_inputs.given, release=_inputs.release,
            home=Path(now[0]),
        )  # fmt: skip


@st.cache_data(max_entries=64, show_spinner="Looking up what the record must show")
def checklist(_inputs: Inputs, mark: tuple[object, ...], claim: str, now: Stamp) -> pl.DataFrame:
    """Return what the record of one claim must show, as ``feecalc check --documentation`` lists it."""
    home, column_map = Path(now[0]), dict(_inputs.column_map)
    with turn(), as_path(_inputs.upload) as path, as_wishes(_inputs.extras) as wishes:
        lines = read_claims(
            path, column_map=column_map, defaults=_inputs.given, release=_inputs.release, home=home, edits=True
        )
        edits = open_edits(lines, wishes, column_map=column_map, home=home)
        return run_check(lines, edits, CheckWanted(claim=claim, documentation=True)).documentation


def all_receipts(inputs: Inputs, now: Stamp) -> bytes:
    """Return a zip of the folder that ``feecalc claims --receipts`` writes: one Markdown file a claim."""
    buffer = io.BytesIO()
    with (
        turn(),
        as_path(inputs.upload) as path,
        tempfile.TemporaryDirectory(prefix="feecalc-", dir=path.parent) as made,
    ):
        folder = Path(made) / _RECEIPTS
        lines = read_claims(
            path, column_map=dict(inputs.column_map), defaults=inputs.given, release=inputs.release, home=Path(now[0])
        )
        run_claims(lines, RunOutputs(receipts=folder))
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for receipt in sorted(folder.iterdir()):
                archive.write(receipt, f"{_RECEIPTS}/{receipt.name}")
    return buffer.getvalue()
