"""Files that commands write: a table or a picture, whole or not at all, and never over a file that is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from feecalc.cli.terminal.output import one_line, quoted
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure

XLSX_ROWS = 1_048_575  # a sheet's 1,048,576 less the heading
PICTURES = (".png", ".svg", ".pdf")
PAGES = (".html",)
_YEAR = "year"
_MONEY_PLACES = 2
_WIDEST_NAME = 60  # characters of a column's heading that count for its width in a sheet


def refuse_clashes(read: Mapping[str, Path | None], written: Mapping[str, Path | None]) -> None:
    """Raise InvalidValue where a file of ``written`` (option -> path) is one of ``read`` (what it is -> path).

    Two of ``written`` in one file are refused too. A path of None is none.
    """
    inputs = {path.resolve(): what for what, path in read.items() if path is not None}
    outputs: dict[Path, str] = {}
    for option, path in written.items():
        if path is None:
            continue
        place = path.resolve()
        if place in inputs:
            raise InvalidValue(f"{option} {one_line(path)} is {inputs[place]}; give another name")
        if place in outputs:
            raise InvalidValue(f"{outputs[place]} and {option} are both {one_line(path)}; give another name to one")
        outputs[place] = option


def refuse_other_endings(path: Path | None, endings: tuple[str, ...], what: str) -> None:
    """Raise InvalidValue unless the name ends in one of ``endings``: before the work, not after."""
    if path is not None and path.suffix.lower() not in endings:
        raise InvalidValue(f"{quoted(str(path))}: the {what}'s name must end in {', '.join(endings)}")


# A picture ---------------------------------------------------------------------------------------------------------


def check_picture(path: Path | None) -> None:
    """Raise InvalidValue for an ending that is no picture's."""
    refuse_other_endings(path, PICTURES, "picture")


def write_picture(figure: Figure, path: Path) -> None:
    """Write ``figure`` to ``path``, whole or not at all. Raises InvalidValue, StoreError."""
    from feecalc.files.atomic_write import atomic_write

    check_picture(path)
    with atomic_write(path) as temporary:
        figure.savefig(temporary, format=path.suffix.lower().removeprefix("."))


# A table -----------------------------------------------------------------------------------------------------------


def check_table(path: Path | None) -> None:
    """Raise InvalidValue for another ending than .csv, .parquet and .xlsx."""
    refuse_other_endings(path, tuple(_writers()), "file")


def refuse_what_a_sheet_cannot_hold(path: Path, rows: int) -> None:
    """Raise InvalidValue for more rows than one xlsx sheet holds."""
    if path.suffix.lower() == ".xlsx" and rows > XLSX_ROWS:
        raise InvalidValue(
            f"{rows:,} rows do not fit a spreadsheet, which holds {XLSX_ROWS:,}: choose localities or codes with "
            "--locality and --code, or write fees.parquet or fees.csv"
        )


def write_table(table: pl.DataFrame, path: Path) -> int:
    """Write ``table`` to ``path`` in the format of its ending, whole or not at all. Returns the file's size. [bytes]

    Raises InvalidValue for another ending or too many rows, StoreError where the file cannot be written.
    """
    from feecalc.files.atomic_write import atomic_write

    check_table(path)
    write = _writers()[path.suffix.lower()]
    refuse_what_a_sheet_cannot_hold(path, table.height)
    with atomic_write(path) as temporary:
        with temporary.open("wb") as file:
            write(table, file)
        return temporary.stat().st_size


def _writers() -> dict[str, Callable[[pl.DataFrame, IO[bytes]], None]]:
    return {".csv": _write_csv, ".parquet": _write_parquet, ".xlsx": _write_xlsx}


def _write_csv(table: pl.DataFrame, file: IO[bytes]) -> None:
    import polars as pl

    from feecalc.files.formula_text import guarded

    # A null, or polars would put quotes around the modifier of a global service.
    guarded(table.with_columns(pl.col(pl.String).replace("", None))).write_csv(file)


def _write_parquet(table: pl.DataFrame, file: IO[bytes]) -> None:
    table.write_parquet(file, compression="zstd")


def _write_xlsx(table: pl.DataFrame, file: IO[bytes]) -> None:
    """Write codes as text with their zeros, counts as whole numbers, decimals with two places or their own."""
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    from feecalc.files.atomic_write import parts_folder

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
    """Return how a spreadsheet shows a column: a year bare, counts whole, decimals with at least two places."""
    import polars as pl

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
