"""Spreadsheets (.xlsx) to rows of text cells, through calamine, with nothing in the file trusted."""

from __future__ import annotations

import io
import re
import zipfile

import polars as pl

from feecalc.errors import FeeCalcError, UnreadableFile, UnsafeArchive
from feecalc.ingest.files.archive import DAMAGE, what_it_is
from feecalc.ingest.files.text import HEAD_ROWS, Rows, cell_names

MOST_UNPACKED = 120 * 2**20  # PPRRVU, the largest, unpacks to some 20 MB
MOST_SHEETS = 8
_CHUNK = 2**20
_MARKS = "[\x00\x1a\xa0\r\n]"
# The reader takes memory for the whole rectangle up to the last cell: a cell beyond column BZ or row 99,999, where no
# CMS table reaches, could ask for all there is.
_FAR_CELL = re.compile(rb"""\sr\s*=\s*["']\s*(?:[a-z]{3,}\d|[c-z][a-z]\d|[a-z]*\d{6})""", re.IGNORECASE)


def spreadsheet_sheets(name: str, content: bytes) -> list[tuple[str, Rows]]:
    """The sheets of a workbook that hold anything, each as rows of text.

    A number reads as the shortest text that means it: 0 for 0.00, 126.9 for 126.90.

    Raises UnreadableFile (not a spreadsheet, damaged) and UnsafeArchive (unpacks to too much, reaches too far).
    """
    _refuse_unsafe(name, content)
    import fastexcel

    try:
        workbook = fastexcel.read_excel(content)
        found = []
        for sheet_name in workbook.sheet_names[:MOST_SHEETS]:
            sheet = workbook.load_sheet(sheet_name, header_row=None, dtypes="string").to_polars()
            if sheet.width and sheet.height:
                found.append((sheet_name, _rows(sheet)))
        return found
    except FeeCalcError:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the reader's own errors, and its panics, which are not Exceptions
        raise UnreadableFile(f"{name}: not a spreadsheet that can be read ({_first_line(error)})") from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0][:200] or type(error).__name__


def _rows(sheet: pl.DataFrame) -> Rows:
    text = sheet.select(
        pl.nth(place).cast(pl.String).fill_null("").str.replace_all(_MARKS, " ").str.strip_chars().alias(cell)
        for place, cell in enumerate(cell_names(sheet.width))
    )

    def below(skip: int, width: int) -> pl.DataFrame:
        names = cell_names(min(width, text.width))
        numbered = text.with_row_index("line", offset=1).with_columns(pl.col("line").cast(pl.Int64)).slice(skip)
        return numbered.select("line", *names).filter(pl.any_horizontal(pl.col(names) != ""))

    return Rows([list(row) for row in text.head(HEAD_ROWS).rows()], below)


def _refuse_unsafe(name: str, content: bytes) -> None:
    """Unpack every part, within bounds: sizes a zip states of itself are not believed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            left = MOST_UNPACKED
            for info in archive.infolist():
                left -= _inspected(name, archive, info, left)
    except DAMAGE as error:
        raise UnreadableFile(
            f"{name}: {what_it_is(content)}, where a spreadsheet was expected ({_first_line(error)})"
        ) from error


def _inspected(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> int:
    """Bytes the part unpacks to; raises UnsafeArchive beyond ``left`` or for a cell that lies too far out."""
    parts: list[bytes] = []
    total = 0
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            total += len(chunk)
            if total > left:
                raise UnsafeArchive(f"{name}: unpacks to more than {MOST_UNPACKED:,} bytes; no CMS spreadsheet does")
            parts.append(chunk)
    content = b"".join(parts)
    if b"sheetData" in content and _FAR_CELL.search(content):
        raise UnsafeArchive(f"{name}: {info.filename} holds cells beyond column BZ or row 99,999; no CMS table does")
    return total
