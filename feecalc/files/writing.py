"""Files of a run: written beside their place and renamed when whole, a batch of lines at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, Any, Protocol

import polars as pl
from polars.io.plugins import register_io_source

from feecalc.errors import InvalidValue, StoreError
from feecalc.files.atomic_write import atomic_write, parts_folder
from feecalc.files.formula_text import guarded, guarded_text
from feecalc.pricing.claims.results import SCHEMA

SHEET_ROWS = 1_048_575  # a sheet's 1,048,576 less the heading
_BEHIND = 2  # batches that may wait to be written
_ENDINGS = (".csv", ".parquet", ".xlsx")


class Sink(Protocol):
    """A file that takes frames of one schema, one after the other."""

    def append(self, lines: pl.DataFrame) -> None: ...


def form_of(path: Path) -> str:
    """Return the file's ending, which is its form. Raises InvalidValue for another than .csv, .parquet and .xlsx."""
    ending = path.suffix.lower()
    if ending not in _ENDINGS:
        raise InvalidValue(f"{path.name!r}: the file's name must end in {', '.join(_ENDINGS)}")
    return ending


def _blank(schema: pl.Schema) -> list[pl.Expr]:
    """Make nulls of results without text: as text they would stand in quotes."""
    texts = [name for name, kind in SCHEMA.items() if kind == pl.Categorical and name in schema]
    return [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in texts]


@contextmanager
def appended(path: Path, schema: pl.Schema) -> Iterator[Sink]:
    """Open a file of ``schema`` to append frames to, whole or not at all, written while the next lines are priced."""
    form = form_of(path)
    with atomic_write(path) as temporary:
        if form == ".csv":
            with temporary.open("wb") as file, _Behind(partial(_write_csv, file, schema)) as sink:
                yield sink
        elif form == ".parquet":
            with _Behind(partial(_write_parquet, temporary, schema)) as sink:
                yield sink
        else:
            with _sheet(temporary, path, schema) as sheet, _Behind(partial(_write_each, sheet)) as sink:
                yield sink


def _write_csv(file: IO[bytes], schema: pl.Schema, batches: Iterator[pl.DataFrame]) -> None:
    blank = _blank(schema)
    pl.DataFrame(schema={guarded_text(name): kind for name, kind in schema.items()}).write_csv(file)
    for lines in batches:
        guarded(lines.with_columns(blank)).write_csv(file, include_header=False)


def _write_parquet(file: Path, schema: pl.Schema, batches: Iterator[pl.DataFrame]) -> None:
    def source(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, size: int | None
    ) -> Iterator[pl.DataFrame]:
        for lines in batches:  # all of them are written: nothing is ever asked of the source but this
            yield lines if columns is None else lines.select(columns)

    register_io_source(source, schema=schema).sink_parquet(file, compression="zstd", maintain_order=True)


def _write_each(sheet: _SheetRows, batches: Iterator[pl.DataFrame]) -> None:
    for lines in batches:
        sheet.append(lines)


class _Behind:
    """Writes in a thread of its own, at most a few batches behind. An error of it is raised by the next call."""

    def __init__(self, write: Callable[[Iterator[pl.DataFrame]], None]) -> None:
        self._waiting: Queue[pl.DataFrame | None] = Queue(_BEHIND)
        self._error: BaseException | None = None
        self._ended = False
        self._thread = Thread(target=self._run, args=(write,), daemon=True)

    def __enter__(self) -> _Behind:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._waiting.put(None)
        self._thread.join()
        if kind is None and self._error is not None:
            raise self._error

    def append(self, lines: pl.DataFrame) -> None:
        if self._error is not None:
            raise self._error
        self._waiting.put(lines)

    def _run(self, write: Callable[[Iterator[pl.DataFrame]], None]) -> None:
        try:
            write(self._batches())
        except BaseException as error:
            self._error = error
        for _ in self._batches():  # what still comes is not waited for in vain
            pass

    def _batches(self) -> Iterator[pl.DataFrame]:
        while not self._ended:
            lines = self._waiting.get()
            if lines is None:
                self._ended = True
                return
            yield lines


@contextmanager
def _sheet(temporary: Path, path: Path, schema: pl.Schema) -> Iterator[_SheetRows]:
    """Open a workbook of one sheet, row by row on the disk: codes as text with their zeros, amounts as numbers."""
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    folder = parts_folder(temporary)
    folder.mkdir()
    book = xlsxwriter.Workbook(str(temporary), {"constant_memory": True, "tmpdir": str(folder)})
    try:
        yield _SheetRows(book, path, schema)
        book.close()
    except XlsxWriterException as error:
        raise StoreError(f"{path} was not written: {error}; write a .csv or .parquet file instead") from error


class _SheetRows:
    def __init__(self, book: Any, path: Path, schema: pl.Schema) -> None:
        self.sheet, self.path, self.rows = book.add_worksheet("claims"), path, 0
        self.formats: dict[int, Any] = {}  # of decimals; whole numbers stand as they are
        bold = book.add_format({"bold": True})
        self.sheet.freeze_panes(1, 0)
        for column, (name, kind) in enumerate(schema.items()):
            self.sheet.write_string(0, column, name, bold)
            if isinstance(kind, pl.Decimal):
                self.formats[column] = book.add_format({"num_format": "#,##0." + "0" * (kind.scale or 2)})

    def append(self, lines: pl.DataFrame) -> None:
        if self.rows + lines.height > SHEET_ROWS:
            raise InvalidValue(
                f"{self.path}: a spreadsheet holds {SHEET_ROWS:,} lines, and there are more; write .csv or .parquet"
            )
        numeric = [kind.is_numeric() for kind in lines.dtypes]
        for cells in lines.iter_rows():
            self.rows += 1
            for column, cell in enumerate(cells):
                if cell is None:
                    continue
                if numeric[column]:
                    self.sheet.write_number(self.rows, column, cell, self.formats.get(column))
                else:
                    self.sheet.write_string(self.rows, column, str(cell))
