"""The files that a scenario names: laid side by side while they are read, and a volume as rows to edit.

Nothing else on the disk is read.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import polars as pl
import streamlit as st

from feecalc.contracts.files.reading import read_contract
from feecalc.errors import FeeCalcError, InvalidValue
from feecalc.files.formula_text import guarded
from feecalc.files.table import read_table
from feecalc.ui.shared.uploads import Upload, as_path, taken

SCENARIO = "scenario.toml"
_WHEN = (1980, 1, 1, 0, 0, 0)  # of the members of a zip: the same bytes for the same scenario
_NUMBERS = {"units": pl.Float64(), "billed_amount": pl.Float64()}
_OURS, _EDITED = "input:", " edited"
_PLAIN_NUMBER = r"^\d{1,12}(\.\d{1,6})?$"


def named(tables: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the volumes and the contracts that the tables name, each once."""
    volumes = [tables.get("volume"), *(row.get("volume") for row in tables.get("location", ()))]
    rows = [*tables.get("payer", ()), *tables.get("event", ())]
    rows += [event for alternative in tables.get("alternative", ()) for event in alternative.get("event", ())]
    contracts = [row.get("contract") for row in rows]
    return _once(volumes), _once(contracts)


def counted(tables: Mapping[str, Any]) -> list[str]:
    """Return the volumes that the tables name, and the claims."""
    volumes, _ = named(tables)
    return _once([*volumes, tables.get("claims")])


def refuse_missing(tables: Mapping[str, Any], volumes: Mapping[str, Upload], contracts: Mapping[str, Upload]) -> None:
    """Raise InvalidValue where a file is named that was not dropped in."""
    _, wanted_contracts = named(tables)
    lacking = [f"the file {name!r}" for name in counted(tables) if name not in volumes]
    lacking += [f"the contract {name!r}" for name in wanted_contracts if name not in contracts]
    if lacking:
        raise InvalidValue(
            f"the scenario names {', '.join(lacking)}; drop {'it' if len(lacking) == 1 else 'them'} in under Files, or "
            "choose another in the tables"
        )


@contextmanager
def folder_of(text: str, volumes: Mapping[str, Upload], contracts: Mapping[str, Upload]) -> Iterator[Path]:
    """Give a folder with the scenario's text and these files, in memory where possible, gone at the end."""
    with as_path(taken(SCENARIO, text.encode())) as path:
        for name, upload in (*volumes.items(), *contracts.items()):
            _beside(path.parent, name).write_bytes(upload.content)
        for name in contracts:
            if not name.lower().endswith(".csv"):
                _refuse_tables_elsewhere(path.parent, name)
        yield path.parent


def bundle(text: str, volumes: Mapping[str, Upload], contracts: Mapping[str, Upload]) -> bytes:
    """Return a zip with the scenario and its files, as ``feecalc forecast scenario.toml`` reads them once unpacked."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(SCENARIO, _WHEN), text, zipfile.ZIP_DEFLATED)
        for name, upload in (*volumes.items(), *contracts.items()):
            archive.writestr(zipfile.ZipInfo(name, _WHEN), upload.content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _once(names: list[Any]) -> list[str]:
    return list(dict.fromkeys(name for name in names if isinstance(name, str) and name))


def _beside(folder: Path, name: str) -> Path:
    """Return a file of this folder itself. Raises InvalidValue for a name that leads elsewhere."""
    path = folder / name
    if path.parent != folder or name in ("", ".", "..", SCENARIO):
        raise InvalidValue(f"{name!r} cannot be the name of a volume or a contract; give it another")
    return path


def _refuse_tables_elsewhere(folder: Path, name: str) -> None:
    """Refuse a contract's fee table that was not dropped in too. Raises InvalidValue."""
    try:
        table = read_contract(folder / name).fee_table
    except FeeCalcError as error:
        raise type(error)(f"contract {error}") from error
    if table is None:
        return
    path = Path(table.path)
    if path.parent != folder or not path.is_file():
        raise InvalidValue(f"{name} names the fee table {path.name!r}; drop that file in beside the contract")


@dataclass(frozen=True)
class VolumeRows:
    """Shape of ``frame``: the file's own columns as text. ``numbers``: the headings whose cells are all numbers."""

    frame: pl.DataFrame
    numbers: tuple[str, ...]
    codes: tuple[str, ...]  # the procedure codes, each once, in the file's order


@st.cache_data(max_entries=16, show_spinner="Reading the volume")
def rows_of(_given: Upload, digest: str) -> VolumeRows:
    """Return the rows of a volume. Raises what ``read_table`` does."""
    with as_path(_given) as path:
        table = read_table(path)
    theirs = [column for column in table.frame.columns if column.startswith(_OURS)]
    frame = table.frame.select(
        pl.col(heading).cast(pl.String).fill_null("").alias(heading.removeprefix(_OURS)) for heading in theirs
    )
    numbers = [table.theirs[name] for name in _NUMBERS if table.has(name)]
    numbers = [name for name in numbers if frame[name].str.contains(_PLAIN_NUMBER).all()]
    codes = table.codes.drop_nulls().unique(maintain_order=True).to_list() if table.has("hcpcs") else []
    return VolumeRows(frame, tuple(numbers), tuple(codes))


def edited(given: Upload, rows: VolumeRows, typed: Mapping[str, Any]) -> Upload:
    """Return the file with what was typed into the grid. ``typed``: as streamlit's data editor keeps it."""
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
