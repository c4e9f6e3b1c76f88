"""A table to a file: csv, parquet or xlsx, written beside its place and renamed when whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import polars as pl

from feecalc.cli.output import quoted
from feecalc.errors import InvalidValue
from feecalc.files.atomic_write import atomic_write, parts_folder
from feecalc.files.formula_text import guarded

XLSX_ROWS = 1_048_575  # a sheet's 1,048,576 less the heading
_YEAR = "year"
_MONEY_PLACES = 2
_WIDEST_NAME = 60  # characters of a column's heading that count for its width in a sheet


def writer_of(path: Path) -> Callable[[pl.DataFrame, IO[bytes]], None]:
    """What writes a file of this ending; raises InvalidValue for another than .csv, .parquet and .xlsx."""
    writers = {".csv": _write_csv, ".parquet": _write_parquet, ".xlsx": _write_xlsx}
    if path.suffix.lower() not in writers:
        raise InvalidValue(f"{quoted(str(path))}: the file's name must end in {', '.join(writers)}")
    return writers[path.suffix.lower()]


def refuse_what_a_sheet_cannot_hold(path: Path, rows: int) -> None:
    """Raises InvalidValue for more rows than one xlsx sheet holds."""
    if path.suffix.lower() == ".xlsx" and rows > XLSX_ROWS:
        raise InvalidValue(
            f"{rows:,} rows do not fit a spreadsheet, which holds {XLSX_ROWS:,}: choose localities or codes with "
            "--locality and --code, or write fees.parquet or fees.csv"
        )


def write_table(table: pl.DataFrame, path: Path) -> int:
    """Write ``table`` to ``path`` in the format of its ending, whole or not at all. Returns the file's size. [bytes]

    Raises InvalidValue for another ending or too many rows, StoreError where the file cannot be written.
    """
    write = writer_of(path)
    refuse_what_a_sheet_cannot_hold(path, table.height)
    with atomic_write(path) as temporary:
        with temporary.open("wb") as file:
            write(table, file)
        return temporary.stat().st_size


def _write_csv(table: pl.DataFrame, file: IO[bytes]) -> None:
    # A null, or polars would put quotes around the modifier of a global service.
    guarded(table.with_columns(pl.col(pl.String).replace("", None))).write_csv(file)


def _write_parquet(table: pl.DataFrame, file: IO[bytes]) -> None:
    table.write_parquet(file, compression="zstd")


def _write_xlsx(table: pl.DataFrame, file: IO[bytes]) -> None:
    """Codes as text with their zeros, counts as whole numbers, decimals with two places or their own."""
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    # Row by row on the disk: a sheet of a million rows would take gigabytes of memory.
    folder = parts_folder(Path(file.name))
    folder.mkdir()
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": str(folder)})
    _fill(book, table)
    try:
        book.close()
    except XlsxWriterException as error:
        raise OSError(str(error)) from error


def number_format(column: tuple[str, pl.DataType]) -> str:
    """How a spreadsheet shows a column: a year bare, counts whole, decimals with at least the two places of money."""
    name, kind = column
    if name == _YEAR or not kind.is_numeric():
        return "0" if name == _YEAR else "General"
    if isinstance(kind, pl.Decimal):
        return "#,##0." + "0" * max(kind.scale, _MONEY_PLACES)
    return "#,##0" if kind.is_integer() else "#,##0.00"


def _fill(book: Any, table: pl.DataFrame) -> None:
    sheet = book.add_worksheet("fees")
    bold = book.add_format({"bold": True})
    formats = {shown: book.add_format({"num_format": shown}) for shown in set(map(number_format, table.schema.items()))}
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(table.columns):
        sheet.set_column(column, column, min(len(name), _WIDEST_NAME) + 2)
        sheet.write_string(0, column, name, bold)
    shown = [formats[number_format(column)] for column in table.schema.items()]
    numeric = [dtype.is_numeric() for dtype in table.dtypes]
    for number, row in enumerate(table.iter_rows(), start=1):
        for column, value in enumerate(row):
            if value is None:
                continue
            if numeric[column]:
                sheet.write_number(number, column, value, shown[column])
            else:
                sheet.write_string(number, column, str(value))
