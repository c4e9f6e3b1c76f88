"""Dates of service: a plain one is read where it stands, another way of writing one once for each different cell."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from feecalc.files.cells import capitals, looked_up, raw, without_point

LINES = 1 << 17  # of a batch that is gone over
MOST_CELLS = 1 << 16  # kept in mind of those that are not plain; a file with more of them holds something else
_CELL, _DAY = "cell", "date_of_service"
_EARLIEST, _LATEST = 1900, 2100  # years; a date of service outside them is a slip of the hand
_EXCEL_DAY_ZERO = pl.date(1899, 12, 30)
_DAY_PARTS = "|".join(  # of a cell in capitals: only one of the forms fits a cell
    (
        r"(?<y1>[0-9]{4})[-/.](?<m1>[0-9]{1,2})[-/.](?<d1>[0-9]{1,2})",
        r"(?<m2>[0-9]{1,2})[-/.](?<d2>[0-9]{1,2})[-/.](?<y2>[0-9]{4}|[0-9]{2})",
        r"(?<y3>(?:19|20)[0-9]{2}|2100)(?<m3>0[1-9]|1[0-2])(?<d3>[0-9]{2})",
        r"(?<m4>[0-9]{2})(?<d4>[0-9]{2})(?<y4>[0-9]{4})",
        r"(?<d5>[0-9]{1,2})[- ](?<m5>[A-Z]{3})[A-Z]*\.?[-, ]+(?<y5>[0-9]{4}|[0-9]{2})",
        r"(?<m6>[A-Z]{3})[A-Z]*\.?[- ]+(?<d6>[0-9]{1,2})[-, ]+(?<y6>[0-9]{4}|[0-9]{2})",
    )
)
_YEAR_MONTH_DAY = "-".join("".join(f"${{{part}{form}}}" for form in range(1, 7)) for part in "ymd")


class DateColumn:
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

    def see_all(self, batches: Iterable[pl.DataFrame]) -> DateColumn:
        """Go over every batch. Returns itself."""
        for batch in batches:
            self.see(batch)
        return self

    def read(self) -> pl.Expr:
        """Return the dates. A cell that is none is null, and one that was not seen, unless there were too many."""
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
        known = looked_up(cell, dates[_CELL].to_list(), days).str.to_date("%Y-%m-%d")
        if not self._full:
            return pl.coalesce(plain, known)
        return pl.coalesce(plain, known, any_day(pl.when(plain.is_null() & known.is_null()).then(cell)))

    @property
    def _is_typed(self) -> bool:
        return self.kind == pl.Date or isinstance(self.kind, pl.Datetime)


def dates_of(frame: pl.LazyFrame, column: str) -> pl.Expr:
    """Return the dates of a column, which is gone over for it now."""
    days = DateColumn(column, frame.collect_schema()[column])
    return days.see_all(frame.select(column).collect_batches(chunk_size=LINES, maintain_order=False)).read()


def plain_day(cell: pl.Expr) -> pl.Expr:
    """Read 2026-03-04 and 3/4/2026, which is month first."""
    return _in_hand(pl.coalesce(cell.str.to_date(form, strict=False) for form in ("%Y-%m-%d", "%m/%d/%Y")))


def any_day(cell: pl.Expr) -> pl.Expr:
    """Read whatever is a date to a person: its parts put in one order, or a spreadsheet's number for it.

    3/4/26 (month first), 20260304, 04-Mar-2026, Mar 4, 2026, 46085. A time after the date is dropped.
    """
    bare = without_point(capitals(cell).str.replace(r"([T ]\s*\d{1,2}:\d{2}.*)$", "").str.strip_chars())
    form = f"^(?:{_DAY_PARTS})$"
    ordered = pl.when(bare.str.contains(form)).then(bare).str.replace(form, _YEAR_MONTH_DAY)
    full = ordered.str.replace(r"^([0-5][0-9]|6[0-8])-", "20${1}-").str.replace(r"^([0-9]{2})-", "19${1}-")
    read = pl.coalesce(full.str.to_date(order, strict=False) for order in ("%Y-%m-%d", "%Y-%b-%d"))
    number = pl.when(bare.str.contains(r"^[0-9]{5}$")).then(bare).cast(pl.Int32, strict=False)
    return pl.coalesce(_in_hand(read), _EXCEL_DAY_ZERO + pl.duration(days=number))


def _in_hand(read: pl.Expr) -> pl.Expr:
    """Return the date, if a claim in hand can be of it."""
    return pl.when(read.dt.year().is_between(_EARLIEST, _LATEST)).then(read)
