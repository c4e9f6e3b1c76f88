"""A person's workbook (.xlsx, .ods): every sheet of it as text, and the claims in it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from feecalc.errors import InvalidValue, StoreError, UnreadableFile, UnsafeArchive
from feecalc.files.headings import recognized_count
from feecalc.files.opened_file import HEAD_ROWS, OpenedFile, heading_row, headings_of, kept_name
from feecalc.ingest.workbook.bounds import Bounds
from feecalc.ingest.workbook.reading import read_workbook

MOST_BYTES = 200 * 2**20
# Twelve columns of as many rows as a sheet has. No claim file reaches beyond column CZ.
BOUNDS = Bounds(
    unpacked=2**30,
    sheets=20,
    columns=104,
    rows=1_048_576,
    cells=12 * 1_048_576,
    text=256 * 2**20,
    tags=2**26,
    advice="save such a workbook as .csv first",
    far_advice="keep the columns and rows of the table, delete the others, or save it as .csv",
)


def read_sheets(path: Path, bounds: Bounds, only: Collection[str] | None = None) -> list[tuple[str, pl.DataFrame]]:
    """Return the sheets of a person's workbook that hold anything, as ``read_workbook`` gives them.

    Raises InvalidValue, StoreError, UnreadableFile, UnsafeArchive.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UnsafeArchive(f"{path.name}: {size:,} bytes; a workbook beyond {MOST_BYTES:,} is saved as .csv first")
        with path.open("rb") as file:
            return read_workbook(path.name, file, bounds, only=only)
    except FileNotFoundError:
        raise InvalidValue(f"{path}: no such file") from None
    except OSError as error:
        raise StoreError(f"{path.name}: cannot be read ({error.strerror or 'input error'})") from error


def open_workbook(path: Path, theirs: tuple[str, ...]) -> OpenedFile:
    """Return the claims of a workbook, as text: its first sheet with headings we know, read whole.

    Raises UnreadableFile and UnsafeArchive.
    """
    sheets = dict(read_sheets(path, BOUNDS))
    if not sheets:
        raise UnreadableFile(f"{path.name}: no sheet of it holds anything")
    heads = {name: _head(sheet) for name, sheet in sheets.items()}
    counts = {name: recognized_count(rows[heading_row(rows, theirs)], theirs) for name, rows in heads.items()}
    chosen = max(counts, key=lambda name: counts[name])  # the first of equals
    return _of_sheet(path, chosen, sheets[chosen], heads[chosen], theirs, several=len(sheets) > 1)


def _head(sheet: pl.DataFrame) -> list[list[str]]:
    return [[cell or "" for cell in row] for row in sheet.head(HEAD_ROWS).rows()]


def _of_sheet(
    path: Path, name: str, sheet: pl.DataFrame, head: list[list[str]], theirs: tuple[str, ...], *, several: bool
) -> OpenedFile:
    place = heading_row(head, theirs)
    headings, notes = headings_of(path, head[place])
    frame = sheet.slice(place + 1).rename(dict(zip(sheet.columns, map(kept_name, headings), strict=True)))
    if place:
        notes = (f"the headings are in row {place + 1}; what stands above them is passed over", *notes)
    if several:
        notes = (f"read the sheet {name[:80]!r}, not the others of the workbook", *notes)
    return OpenedFile(path, "spreadsheet", frame.lazy(), headings, notes)
