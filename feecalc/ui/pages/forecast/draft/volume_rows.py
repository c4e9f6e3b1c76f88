"""A volume file as rows of text to edit, and back to a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import polars as pl
import streamlit as st

from feecalc.files.formula_text import guarded
from feecalc.files.table import read_table
from feecalc.ui.shared.uploads import Upload, as_path, taken

_NUMBERS = {"units": pl.Float64(), "billed_amount": pl.Float64()}
_OURS, _EDITED = "input:", " edited"
_PLAIN_NUMBER = r"^\d{1,12}(\.\d{1,6})?$"


@dataclass(frozen=True)
class VolumeRows:
    """Shape of ``frame``: the file's own columns as text. ``numbers``: the headings whose cells are all numbers."""

    frame: pl.DataFrame
    numbers: tuple[str, ...]
    codes: tuple[str, ...]  # the procedure codes, each once, in the file's order


@st.cache_data(max_entries=16, show_spinner="Reading the volume")
def rows_of(_given: Upload, digest: str) -> VolumeRows:
    """The rows of a volume. Raises what ``read_table`` does."""
    with as_path(_given) as path:
        table = read_table(path)
    theirs = [each for each in table.frame.columns if each.startswith(_OURS)]
    frame = table.frame.select(
        pl.col(each).cast(pl.String).fill_null("").alias(each.removeprefix(_OURS)) for each in theirs
    )
    numbers = [table.theirs[each] for each in _NUMBERS if table.has(each)]
    numbers = [each for each in numbers if frame[each].str.contains(_PLAIN_NUMBER).all()]
    codes = table.codes.drop_nulls().unique(maintain_order=True).to_list() if table.has("hcpcs") else []
    return VolumeRows(frame, tuple(numbers), tuple(codes))


def edited(given: Upload, rows: VolumeRows, typed: Mapping[str, Any]) -> Upload:
    """The file with what was typed into the grid. ``typed``: as streamlit's data editor keeps it."""
    cells = rows.frame.to_dicts()
    for number, changes in typed.get("edited_rows", {}).items():
        cells[int(number)].update({name: _cell(value) for name, value in changes.items() if name in rows.frame.columns})
    gone = set(typed.get("deleted_rows", ()))
    kept = [row for number, row in enumerate(cells) if number not in gone]
    kept += [_added(row, rows.frame.columns) for row in typed.get("added_rows", ())]
    if kept == rows.frame.to_dicts():
        return given
    frame = pl.DataFrame(kept, schema=dict.fromkeys(rows.frame.columns, pl.String()))
    name = PurePath(given.name).stem.removesuffix(_EDITED) + _EDITED + ".csv"
    return taken(name, guarded(frame).with_columns(pl.all().replace("", None)).write_csv().encode())


def _added(row: Mapping[str, Any], columns: Sequence[str]) -> dict[str, str]:
    return {name: _cell(row.get(name)) for name in columns}


def _cell(value: object) -> str:
    return "" if value is None else str(value)
