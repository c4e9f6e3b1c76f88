"""Spreadsheets of CMS (.xlsx) to rows of text cells."""

from __future__ import annotations

import io

import polars as pl

from feecalc.ingest.files.text import HEAD_ROWS, Rows, cell_names
from feecalc.ingest.workbook.bounds import Bounds
from feecalc.ingest.workbook.reading import read_workbook

# PPRRVU, the largest, unpacks to some 20 MB; it has 31 columns and 19,000 rows, the ZIP code file 43,000.
BOUNDS = Bounds(
    unpacked=120 * 2**20,
    sheets=8,
    columns=78,
    rows=99_999,
    cells=3_000_000,
    text=128 * 2**20,
    tags=2**24,
    advice="no CMS spreadsheet does",
    far_advice="no CMS table does",
)
_MARKS = "[\x00\x1a\xa0\r\n]"


def spreadsheet_sheets(name: str, content: bytes) -> list[tuple[str, Rows]]:
    """The sheets of a workbook that hold anything, each as rows of text.

    A number reads as the shortest text that means it: 0 for 0.00, 126.9 for 126.90.

    Raises UnreadableFile (not a spreadsheet, damaged) and UnsafeArchive (unpacks to too much, reaches too far).
    """
    return [(sheet, _rows(frame)) for sheet, frame in read_workbook(name, io.BytesIO(content), BOUNDS)]


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
