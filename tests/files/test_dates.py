"""A column of dates: each different cell that is not plain is taken apart once, however the file spreads them."""

from datetime import date

import polars as pl
import pytest

from feecalc.files import dates
from feecalc.files.dates import DateColumn, dates_of

DAY, NEXT = date(2026, 3, 4), date(2026, 3, 5)
CELLS = {"2026-03-04": DAY, "3/5/2026": NEXT, "04-Mar-2026": DAY, "2026-03-05 10:30": NEXT, "soon": None, "": None}


@pytest.fixture
def taken_apart(monkeypatch):
    """The numbers of cells that were taken apart."""
    counts = []
    see = dates.DateColumn.see

    def seen(self, batch):
        before = self._read.height
        see(self, batch)
        counts.append(self._read.height - before)

    monkeypatch.setattr(dates.DateColumn, "see", seen)
    return counts


def read(frame):
    return frame.select(day=dates_of(frame.lazy(), "day"))["day"].to_list()


def test_each_cell_that_is_not_plain_is_taken_apart_once(taken_apart):
    column = DateColumn("day", pl.String())
    batches = [pl.DataFrame({"day": [*CELLS] * 50}), pl.DataFrame({"day": [*CELLS, "March 4, 2026"] * 50})]
    read = column.see_all(batches).read()
    assert taken_apart == [3, 1]  # 04-Mar-2026, 2026-03-05 10:30, soon; then March 4, 2026
    assert batches[1].select(read)["day"].to_list() == [*CELLS.values(), DAY] * 50


def test_a_file_of_plain_dates_needs_no_list():
    plain = DateColumn("day", pl.String()).see_all([pl.DataFrame({"day": ["2026-03-04", "", "3/5/2026"]})]).read()
    assert "Enum" not in str(plain)


@pytest.mark.parametrize("most", [0, 1, 2, 100])
def test_more_different_cells_than_are_kept_are_read_all_the_same(monkeypatch, most):
    monkeypatch.setattr(dates, "MOST_CELLS", most)
    cells = [*CELLS, *(f"{n}-Mar-26" for n in range(1, 32))] * 3
    expected = [*CELLS.values(), *(date(2026, 3, n) for n in range(1, 32))] * 3
    assert read(pl.DataFrame({"day": cells})) == expected


def test_a_typed_column_is_taken_as_it_is():
    assert read(pl.DataFrame({"day": [DAY, None]})) == [DAY, None]
    assert read(pl.DataFrame({"day": [DAY, None]}, schema={"day": pl.Datetime})) == [DAY, None]
    assert read(pl.DataFrame({"day": [20260304, None]})) == [DAY, None]
