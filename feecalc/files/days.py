"""Dates of service: a plain one is read where it stands, another way of writing one once for each different cell."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from feecalc.files.cells import any_day, plain_day, raw
from feecalc.files.listed import listed

LINES = 1 << 17  # of a batch that is gone over
MOST_CELLS = 1 << 16  # kept in mind of those that are not plain; a file with more of them holds something else
_CELL, _DAY = "cell", "date_of_service"


class Days:
    """A column of dates: ISO, 3/14/2026 and 3/14/26 (month first), 20260314, 14-Mar-2026, Mar 14, 2026, a
    spreadsheet's number. A time after the date is dropped. Formats may differ from cell to cell.

    Taking a date apart takes a hundred times what reading a plain one does, and a file repeats its dates. So the column
    is gone over once, batch by batch and outside polars' threads, and each different cell that is not plain is taken
    apart there.
    """

    def __init__(self, column: str, kind: pl.DataType) -> None:
        self.column, self.kind = column, kind
        self._read = pl.DataFrame(schema={_CELL: pl.String, _DAY: pl.Date})
        self._full = False

    def see(self, batch: pl.DataFrame) -> None:
        """Take apart what the batch has of dates that are not plain, and were not seen yet."""
        if self._is_typed or self._full:
            return
        cells = batch.select(raw(self.column).alias(_CELL)).unique()
        odd = cells.filter(pl.col(_CELL) != "", plain_day(pl.col(_CELL)).is_null())
        new = odd.join(self._read, on=_CELL, how="anti").head(MOST_CELLS + 1 - self._read.height)
        if new.height:
            self._read = pl.concat([self._read, new.with_columns(any_day(pl.col(_CELL)).alias(_DAY))])
            self._full = self._read.height > MOST_CELLS

    def see_all(self, batches: Iterable[pl.DataFrame]) -> Days:
        """See every batch; itself."""
        for batch in batches:
            self.see(batch)
        return self

    def read(self) -> pl.Expr:
        """The dates. A cell that is none is null, and so is one that was not seen, unless there were too many."""
        if self.kind == pl.Date:
            return pl.col(self.column)
        if isinstance(self.kind, pl.Datetime):
            return pl.col(self.column).dt.date()
        cell = raw(self.column)
        plain = plain_day(cell)
        dates = self._read.drop_nulls()
        if not dates.height and not self._full:
            return plain
        days = dates[_DAY].cast(pl.String).to_list()
        known = listed(cell, dates[_CELL].to_list(), days).str.to_date("%Y-%m-%d")
        if not self._full:
            return pl.coalesce(plain, known)
        return pl.coalesce(plain, known, any_day(pl.when(plain.is_null() & known.is_null()).then(cell)))

    @property
    def _is_typed(self) -> bool:
        return self.kind == pl.Date or isinstance(self.kind, pl.Datetime)


def days_of(frame: pl.LazyFrame, column: str) -> pl.Expr:
    """The dates of a column, which is gone over for it now."""
    days = Days(column, frame.collect_schema()[column])
    return days.see_all(frame.select(column).collect_batches(chunk_size=LINES, maintain_order=False)).read()
