"""The page's calls: a claim file priced and checked, a claim's receipt and checklist, all receipts. Each is cached."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import polars as pl
import streamlit as st

from feecalc.runs import claim_files
from feecalc.runs.check_report import CheckWanted
from feecalc.runs.checking import run_check
from feecalc.runs.claim_files import Review
from feecalc.runs.edit_tables import open_edits
from feecalc.runs.price import run_claims
from feecalc.runs.price_report import RunOutputs
from feecalc.runs.reading import read_claims
from feecalc.ui.pages.claims.extras import as_wishes
from feecalc.ui.pages.claims.form import Asked
from feecalc.ui.shared.opening import Stamp
from feecalc.ui.shared.turns import turn
from feecalc.ui.shared.uploads import as_path

_RECEIPTS = "receipts"


@st.cache_resource(max_entries=4, show_spinner="Pricing and checking every line")
def reviewed(_asked: Asked, mark: tuple[object, ...], now: Stamp) -> Review:
    """As ``claim_files.review``, with what was given beside the file. Raises what that and ``open_edits`` raise."""
    with turn(), as_path(_asked.upload) as path, as_wishes(_asked.extras) as wishes:
        return claim_files.review(
            path, column_map=dict(_asked.said), defaults=_asked.given, release=_asked.release, home=Path(now[0]),
            wishes=wishes,
        )


@st.cache_data(max_entries=64, show_spinner="Writing the receipt")
def receipt(_asked: Asked, mark: tuple[object, ...], claim: str, now: Stamp) -> str:
    """The receipt of one claim. Raises InvalidValue where the file has no such claim."""
    with turn(), as_path(_asked.upload) as path:
        return claim_files.receipt(
            path, claim, column_map=dict(_asked.said), defaults=_asked.given, release=_asked.release, home=Path(now[0])
        )


@st.cache_data(max_entries=64, show_spinner="Looking up what the record must show")
def checklist(_asked: Asked, mark: tuple[object, ...], claim: str, now: Stamp) -> pl.DataFrame:
    """What the record of one claim must show, as ``feecalc check --documentation`` lists it."""
    home, said = Path(now[0]), dict(_asked.said)
    with turn(), as_path(_asked.upload) as path, as_wishes(_asked.extras) as wishes:
        lines = read_claims(path, column_map=said, defaults=_asked.given, release=_asked.release, home=home, edits=True)
        edits = open_edits(lines, wishes, said=said, home=home)
        return run_check(lines, edits, CheckWanted(claim=claim, documentation=True)).documentation


def all_receipts(asked: Asked, now: Stamp) -> bytes:
    """A zip of the folder that ``feecalc claims --receipts`` writes: one Markdown file a claim."""
    buffer = io.BytesIO()
    with (
        turn(),
        as_path(asked.upload) as path,
        tempfile.TemporaryDirectory(prefix="feecalc-", dir=path.parent) as made,
    ):
        folder = Path(made) / _RECEIPTS
        lines = read_claims(
            path, column_map=dict(asked.said), defaults=asked.given, release=asked.release, home=Path(now[0])
        )
        run_claims(lines, RunOutputs(receipts=folder))
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in sorted(folder.iterdir()):
                archive.write(each, f"{_RECEIPTS}/{each.name}")
    return buffer.getvalue()
