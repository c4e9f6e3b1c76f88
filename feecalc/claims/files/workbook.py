"""Claims in a spreadsheet (.xlsx): the first sheet with headings we know, read whole, nothing in the file trusted."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import polars as pl

from feecalc.claims.columns import recognised_count
from feecalc.claims.files.reading import HEAD_ROWS, ClaimFile, heading_row, headings_of, kept_name
from feecalc.errors import FeeCalcError, UnreadableFile, UnsafeArchive
from feecalc.ingest.files.archive import DAMAGE

MOST_BYTES = 200 * 2**20
MOST_UNPACKED = 2**30
MOST_SHEETS = 20
_CHUNK = 2**22
_OVERLAP = 64  # bytes: a cell's address may lie across two chunks
# The reader takes memory for the whole rectangle up to the last cell. Beyond column CZ no claim file reaches, and a
# row beyond 99,999 is believed where the sheet is long enough to have written the rows before it.
_FAR_COLUMN = re.compile(rb"""\sr\s*=\s*["']\s*(?:[a-z]{3,}\d|[d-z][a-z]\d)""", re.IGNORECASE)
_FAR_ROW = re.compile(rb"""\sr\s*=\s*["']\s*[a-z]*\d{6}""", re.IGNORECASE)
_LONG_SHEET = 4 * 2**20


def open_workbook(path: Path, theirs: tuple[str, ...]) -> ClaimFile:
    """The claims of a workbook, as text. Raises UnreadableFile and UnsafeArchive."""
    _refuse_unsafe(path)
    import fastexcel

    try:
        workbook = fastexcel.read_excel(path)
        names = workbook.sheet_names[:MOST_SHEETS]
        sheets = {}
        for name in names:
            sheet = workbook.load_sheet(name, header_row=None, dtypes="string").to_polars()
            if sheet.height and sheet.width:
                sheets[name] = sheet
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the reader's own errors, and its panics, which are not Exceptions
        raise UnreadableFile(
            f"{path.name}: not a workbook that can be read ({type(error).__name__}); a locked one is saved without "
            "its password first"
        ) from None
    if not sheets:
        raise UnreadableFile(f"{path.name}: no sheet of it holds anything")
    heads = {name: _head(sheet) for name, sheet in sheets.items()}
    counts = {name: recognised_count(rows[heading_row(rows, theirs)], theirs) for name, rows in heads.items()}
    chosen = max(counts, key=lambda name: counts[name])  # the first of equals
    return _of_sheet(path, chosen, sheets[chosen], heads[chosen], theirs, several=len(sheets) > 1)


def _head(sheet: pl.DataFrame) -> list[list[str]]:
    return [[cell or "" for cell in row] for row in sheet.head(HEAD_ROWS).rows()]


def _of_sheet(
    path: Path, name: str, sheet: pl.DataFrame, head: list[list[str]], theirs: tuple[str, ...], *, several: bool
) -> ClaimFile:
    place = heading_row(head, theirs)
    headings, notes = headings_of(path, head[place])
    frame = sheet.slice(place + 1).rename(dict(zip(sheet.columns, map(kept_name, headings), strict=True)))
    if place:
        notes = (f"the headings are in row {place + 1}; what stands above them is passed over", *notes)
    if several:
        notes = (f"read the sheet {name[:80]!r}, not the others of the workbook", *notes)
    return ClaimFile(path, "spreadsheet", frame.lazy(), headings, notes)


def _refuse_unsafe(path: Path) -> None:
    """Unpack every part, within bounds: sizes a zip states of itself are not believed."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise UnsafeArchive(f"{path.name}: {size:,} bytes; a workbook beyond {MOST_BYTES:,} is saved as .csv first")
    try:
        with zipfile.ZipFile(path) as archive:
            left = MOST_UNPACKED
            for info in archive.infolist():
                left -= _inspected(path, archive, info, left)
    except FeeCalcError:
        raise
    except DAMAGE as error:
        raise UnreadableFile(f"{path.name}: not a workbook that can be read ({type(error).__name__})") from None


def _inspected(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> int:
    """Bytes the part unpacks to; raises UnsafeArchive beyond ``left`` or for a cell that lies too far out."""
    total = 0
    tail = b""
    is_sheet = "worksheets/" in info.filename.lower()
    far_row = False
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            total += len(chunk)
            if total > left:
                raise UnsafeArchive(
                    f"{path.name}: unpacks to more than {MOST_UNPACKED:,} bytes; save such a workbook as .csv first"
                )
            if is_sheet:
                seen = tail + chunk
                if _FAR_COLUMN.search(seen):
                    raise UnsafeArchive(f"{path.name}: holds cells beyond column CZ; keep the columns of the claims")
                far_row = far_row or (total <= _LONG_SHEET and _FAR_ROW.search(seen) is not None)
                tail = chunk[-_OVERLAP:]
    if far_row and total <= _LONG_SHEET:
        raise UnsafeArchive(f"{path.name}: holds cells far below its rows; delete the empty rows, or save it as .csv")
    return total
