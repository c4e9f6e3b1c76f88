"""Files that commands write: a table or a picture, whole or not at all, and never over a file that is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from feecalc.cli.terminal.output import one_line, quoted
from feecalc.errors import InvalidValue
from feecalc.files.sheets import SHEET_ROWS

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure

PICTURES = (".png", ".svg", ".pdf")
PAGES = (".html",)
_TABLES = (".csv", ".parquet", ".xlsx")


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
    refuse_other_endings(path, _TABLES, "file")


def refuse_what_a_sheet_cannot_hold(path: Path, rows: int) -> None:
    """Raise InvalidValue for more rows than one xlsx sheet holds."""
    if path.suffix.lower() == ".xlsx" and rows > SHEET_ROWS:
        raise InvalidValue(
            f"{rows:,} rows do not fit a spreadsheet, which holds {SHEET_ROWS:,}: choose localities or codes with "
            "--locality and --code, or write fees.parquet or fees.csv"
        )


def write_table(table: pl.DataFrame, path: Path) -> int:
    """Write ``table`` to ``path`` in the format of its ending, whole or not at all. Returns the file's size. [bytes]

    Raises InvalidValue for another ending or too many rows, StoreError where the file cannot be written.
    """
    from feecalc.files.atomic_write import atomic_write
    from feecalc.files.sheets import new_workbook

    check_table(path)
    refuse_what_a_sheet_cannot_hold(path, table.height)
    ending = path.suffix.lower()
    with atomic_write(path) as temporary:
        if ending == ".csv":
            _write_csv(table, temporary)
        elif ending == ".parquet":
            table.write_parquet(temporary, compression="zstd")
        else:
            with new_workbook(temporary, path) as book:
                book.sheet("fees", table.schema).append(table)
        return temporary.stat().st_size


def _write_csv(table: pl.DataFrame, file: Path) -> None:
    import polars as pl

    from feecalc.files.formula_text import guarded

    # A null, or polars would put quotes around the modifier of a global service.
    guarded(table.with_columns(pl.col(pl.String).replace("", None))).write_csv(file)
