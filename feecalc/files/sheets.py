"""Workbooks (.xlsx) that feecalc writes: codes as text with their zeros, amounts as numbers, the headings frozen.

Lines of claims, tables of commands and tables of the app's pages are written here. What a text begins with does not
matter: every cell is written as what it is, and no text becomes a formula.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from feecalc.errors import InvalidValue, StoreError
from feecalc.files.atomic_write import parts_folder

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

SHEET_ROWS = 1_048_575  # a sheet's 1,048,576 less the heading
_YEAR = "year"
_MONEY_PLACES = 2
_INDEX_PLACES = 4  # of indices and factors, which are shown with all their places
_NARROWEST, _WIDEST, _MARGIN = 8, 60, 2  # characters of a heading that count for its column's width
_LABEL_WIDTH = 24
_FIRST_YEAR = 1900  # of the days that a spreadsheet counts


def number_format(name: str, kind: pl.DataType, *, separated: bool = True) -> str:
    """Return how a spreadsheet shows a column: a year bare, counts whole, decimals with at least two places.

    Money and indices have all their places, finer figures as many as they need. A count has commas at its thousands
    unless not ``separated``: a whole number of a person's file may be an identifier.
    """
    import polars as pl

    if name == _YEAR:
        return "0"
    if kind == pl.Date:
        return "yyyy-mm-dd"
    if not kind.is_numeric() or (kind.is_integer() and not separated):
        return "General"
    if kind.is_integer():
        return "#,##0"
    places = kind.scale if isinstance(kind, pl.Decimal) else _INDEX_PLACES
    certain = places if isinstance(kind, pl.Decimal) and places <= _INDEX_PLACES else _MONEY_PLACES
    certain = max(certain, _MONEY_PLACES)
    return "#,##0." + "0" * certain + "#" * (places - certain)


@contextmanager
def new_workbook(target: Path | IO[bytes], named: object) -> Iterator[Workbook]:
    """Open a new workbook. A path's is written row by row to the disk, as a million lines would take gigabytes.

    ``named``: the file as a person knows it, for messages. Raises StoreError where it cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    options: dict[str, Any] = {"in_memory": True}
    if isinstance(target, Path):
        folder = parts_folder(target)
        folder.mkdir()
        options = {"constant_memory": True, "tmpdir": str(folder)}
    book = xlsxwriter.Workbook(
        str(target) if isinstance(target, Path) else target,
        {**options, "nan_inf_to_errors": True, "use_zip64": True},
    )
    try:
        yield Workbook(book, named)
        book.close()
    except XlsxWriterException as error:
        raise StoreError(f"{named} was not written: {error}; write a .csv or .parquet file instead") from error


class Workbook:
    """A workbook that is being written, one sheet after the other."""

    def __init__(self, book: Any, named: object) -> None:
        self._book, self._named = book, named
        self._bold = book.add_format({"bold": True})
        self._formats: dict[str, Any] = {}

    def sheet(self, name: str, schema: Mapping[str, pl.DataType], unseparated: Container[str] = ()) -> SheetRows:
        """Begin a sheet of a table. Whole numbers of the columns ``unseparated`` have no commas at their thousands."""
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        writers = []
        for column, (heading, kind) in enumerate(schema.items()):
            sheet.set_column(column, column, _width(heading))
            sheet.write_string(0, column, heading, self._bold)
            shown = number_format(heading, kind, separated=heading not in unseparated)
            writers.append((_writer(sheet, kind), self._format(shown)))
        return SheetRows(writers, self._named)

    def about(self, facts: Mapping[str, str]) -> None:
        """Add the sheet that says what the figures are of: release, locality, factor ..., a row each."""
        sheet = self._book.add_worksheet("about")
        sheet.set_column(0, 0, _LABEL_WIDTH)
        sheet.set_column(1, 1, _WIDEST)
        for row, (label, text) in enumerate(facts.items()):
            sheet.write_string(row, 0, label, self._bold)
            sheet.write_string(row, 1, text)

    def _format(self, shown: str) -> Any:
        if shown == "General":
            return None
        if shown not in self._formats:
            self._formats[shown] = self._book.add_format({"num_format": shown})
        return self._formats[shown]


class SheetRows:
    """The rows of a sheet below its headings."""

    def __init__(self, writers: list[tuple[Any, Any]], named: object) -> None:
        self._writers, self._named, self._rows = writers, named, 0

    def append(self, lines: pl.DataFrame) -> None:
        """Add rows. Raises InvalidValue where the sheet cannot hold them."""
        if self._rows + lines.height > SHEET_ROWS:
            raise InvalidValue(
                f"{self._named}: a spreadsheet holds {SHEET_ROWS:,} lines, and there are more; write .csv or .parquet"
            )
        for cells in lines.iter_rows():
            self._rows += 1
            for column, cell in enumerate(cells):
                if cell is not None:
                    write, shown = self._writers[column]
                    write(self._rows, column, cell, shown)


def _writer(sheet: Any, kind: pl.DataType) -> Any:
    """Return what writes the cells of a column: row, column, cell, format."""
    import polars as pl

    if kind == pl.Boolean:
        return sheet.write_boolean
    if kind.is_numeric():
        return sheet.write_number
    if kind == pl.String:
        return sheet.write_string

    def text(row: int, column: int, cell: object, _: object) -> None:
        sheet.write_string(row, column, str(cell))

    def day(row: int, column: int, cell: date, shown: object) -> None:
        if cell.year < _FIRST_YEAR:
            text(row, column, cell, shown)
        else:
            sheet.write_datetime(row, column, cell, shown)

    return day if kind == pl.Date else text


def _width(heading: str) -> int:
    return min(max(len(heading), _NARROWEST), _WIDEST) + _MARGIN
