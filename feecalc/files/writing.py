"""Files of a run: written beside their place and renamed when whole, a batch of lines at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, Protocol

import polars as pl
from polars.io.plugins import register_io_source

from feecalc.errors import InvalidValue
from feecalc.files.atomic_write import atomic_write
from feecalc.files.formula_text import guarded, guarded_text
from feecalc.files.sheets import SheetRows, new_workbook
from feecalc.pricing.claims.results import SCHEMA

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
            own = [name for name in schema if name not in SCHEMA]
            with new_workbook(temporary, path) as book:
                sheet = book.sheet("claims", schema, unseparated=own)
                with _Behind(partial(_write_sheet, sheet)) as sink:
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
        for lines in batches:  # all of them are written: the source is read for nothing but this
            yield lines if columns is None else lines.select(columns)

    register_io_source(source, schema=schema).sink_parquet(file, compression="zstd", maintain_order=True)


def _write_sheet(sheet: SheetRows, batches: Iterator[pl.DataFrame]) -> None:
    for lines in batches:
        sheet.append(lines)


class _Behind:
    """Write in a thread of its own, at most a few batches behind. The next call raises its error."""

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
