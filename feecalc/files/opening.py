"""Open a person's table, whatever program wrote it: text with any usual delimiter, Parquet or a spreadsheet.

Every reader of such a table begins here: claims, facility claims, remittances, volumes, fee tables, histories.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from feecalc.errors import InvalidValue, StoreError, UnreadableFile
from feecalc.files.opened_file import MOST_COLUMNS, OpenedFile, kept_name, plain_errors
from feecalc.files.text_file import open_text
from feecalc.files.workbook import open_workbook

_PARQUET, _ZIP, _OLD_WORKBOOK, _GZIP = b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"


def open_file(path: Path, mapped: Iterable[str] = ()) -> OpenedFile:
    """Open a table of a person's; its first bytes decide what it is. ``mapped``: headings that a person has mapped.

    Text and Parquet are read while they are priced, in the file's order; a spreadsheet is read whole. Raises
    InvalidValue, UnreadableFile, UnsafeArchive, StoreError.
    """
    start = _first_bytes(path)
    headings = tuple(mapped)
    if start.startswith(_PARQUET):
        return _open_parquet(path)
    if start.startswith(_ZIP):
        return open_workbook(path, headings)
    if start.startswith(_OLD_WORKBOOK):
        raise UnreadableFile(f"{path.name}: a workbook of the old .xls kind, or a locked one; save it as .xlsx or .csv")
    if start.startswith(_GZIP):
        raise UnreadableFile(f"{path.name}: compressed; unpack it first")
    return open_text(path, headings)


def _first_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise InvalidValue(f"{path} is a folder; give one file")
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError:
        raise InvalidValue(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    if not start:
        raise UnreadableFile(f"{path.name}: empty")
    return start


def _open_parquet(path: Path) -> OpenedFile:
    with plain_errors(path):
        frame = pl.scan_parquet(path, glob=False)
        headings = tuple(frame.collect_schema().names())
    if len(headings) > MOST_COLUMNS:
        raise UnreadableFile(f"{path.name}: {len(headings):,} columns; a claim file has at most {MOST_COLUMNS:,}")
    return OpenedFile(path, "parquet", frame.rename({heading: kept_name(heading) for heading in headings}), headings)
