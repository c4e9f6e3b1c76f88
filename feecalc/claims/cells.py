"""What one cell of a claim file means: codes, dates, money, whole numbers, yes and no. Expressions over whole columns.

A cell that cannot be read becomes null here; what a null means is decided where the column is known.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

MONEY = pl.Decimal(12, 2)
_TEXT = pl.String()
_Meaning = Callable[[pl.Expr], pl.Expr]
_EARLIEST, _LATEST = 1900, 2100  # years; a date of service outside them is a slip of the hand
_CENTURY = 69  # two digits below it are of this century, as POSIX reads them
_EXCEL_DAY_ZERO = pl.date(1899, 12, 30)
_CENTS = 100
_NOISE = 1e-4  # cents: what binary arithmetic in a spreadsheet leaves on 98.10


def text(column: str) -> pl.Expr:
    """A cell's text without spaces around it; "" for none."""
    return raw(column).str.strip_chars()


def hcpcs(column: str) -> pl.Expr:
    """A code, its zeros given back where a spreadsheet made a number of it: 99213.0, 100 for 00100."""
    return _by_distinct(column, lambda cell: _digits(_without_point(_capitals(cell)), 5), _TEXT)


def modifier(column: str) -> pl.Expr:
    """A modifier: 26, tc, 26.0."""
    return _by_distinct(column, lambda cell: _without_point(_capitals(cell)), _TEXT)


def modifier_of_several(column: str, place: int, places: int) -> pl.Expr:
    """The ``place``-th (from 0) modifier of a cell such as "26,59", "26 59" or "2659".

    The last place holds what is left as well, as no modifier there is: "76 LT" is unknown, not lost.
    """

    def split(cell: pl.Expr) -> pl.Expr:
        each = _without_point(_capitals(cell)).str.extract_all(r"[A-Z0-9]{2}|[^\s,;:/|+.\-]+")
        if place == places - 1:
            return each.list.slice(place).list.join(" ")
        return each.list.get(place, null_on_oob=True).fill_null("")

    return _by_distinct(column, split, _TEXT)


def diagnosis(column: str) -> pl.Expr:
    """A diagnosis in capitals, as written: m47.816, M47816."""
    return _by_distinct(column, _capitals, _TEXT)


def diagnosis_of_several(column: str, place: int) -> pl.Expr:
    """The ``place``-th (from 0) diagnosis of a cell such as "M47.816, M54.59"; "" where it has fewer."""

    def split(cell: pl.Expr) -> pl.Expr:
        each = _capitals(cell).str.extract_all(r"[^\s,;:/|+]+")
        return each.list.get(place, null_on_oob=True).fill_null("")

    return _by_distinct(column, split, _TEXT)


def numbered(cell: pl.Expr, width: int) -> pl.Expr:
    """A code of digits with its zeros: place of service 2 is 02, locality 4.0 is 04."""
    return _digits(_without_point(_capitals(cell)), width)


def place_of_service(column: str) -> pl.Expr:
    """A place of service with its zero."""
    return _by_distinct(column, lambda cell: numbered(cell, 2), _TEXT)


def small_letters(column: str) -> pl.Expr:
    """A word in small letters: a type of provider."""
    return _by_distinct(column, lambda cell: cell.str.strip_chars().str.to_lowercase(), _TEXT)


def day(column: str, kind: pl.DataType) -> pl.Expr:
    """A date: ISO, 3/14/2026 and 3/14/26 (month first), 20260314, 14-Mar-2026, Mar 14, 2026, a spreadsheet's number.

    A time after the date is dropped. Formats may differ from cell to cell.
    """
    if kind == pl.Date:
        return pl.col(column)
    if isinstance(kind, pl.Datetime):
        return pl.col(column).dt.date()
    return _by_distinct(column, lambda cell: _day(_capitals(cell)), pl.Date(), _plain_day)


def money(column: str, kind: pl.DataType) -> pl.Expr:
    """An amount, exact: 1234.5, $1,234.50, (12.00) and -12 and 12.00- below zero. [USD]"""
    if kind == MONEY:
        return pl.col(column)
    if kind.is_integer():
        return pl.col(column).cast(MONEY, strict=False)
    if kind.is_float():
        cents = (pl.col(column) * _CENTS).round()
        exact = (pl.col(column) * _CENTS - cents).abs() < _NOISE
        as_text = _without_point(cents.cast(pl.Int64, strict=False).cast(pl.String))
        return pl.when(exact).then(_from_cents(as_text)).cast(MONEY, strict=False)
    return _by_distinct(column, lambda cell: _amount(cell.str.strip_chars()), MONEY, _plain_amount)


def whole(column: str, kind: pl.DataType) -> pl.Expr:
    """A whole number: 2, 2.0; nothing else."""
    if kind.is_integer():
        return pl.col(column).cast(pl.Int32, strict=False)
    return _by_distinct(column, lambda cell: _whole(cell.str.strip_chars()), pl.Int32(), _plain_whole)


def yes_or_no(column: str, kind: pl.DataType) -> pl.Expr:
    """Y, yes, true, T, 1 and their opposites."""
    if kind == pl.Boolean:
        return pl.col(column)
    return _by_distinct(column, lambda cell: _yes_or_no(_capitals(cell)), pl.Boolean())


def each_once(batch: pl.Series, meaning: _Meaning, kind: pl.DataType, plain: _Meaning | None = None) -> pl.Series:
    """``meaning`` of each cell, worked out once for each different one: a column of claims repeats itself.

    ``plain`` is the same for cells written plainly, null for others, and quicker.
    """
    different = batch.unique()
    if 2 * len(different) > len(batch):
        different = batch
    read = _read(different, plain or meaning, kind)
    if plain is not None:
        left = read.is_null() & (different != "")
        if left.any():
            at = (left.cum_sum().cast(pl.Int64) - 1).clip(0)
            read = _read(different.filter(left), meaning, kind).gather(at).zip_with(left, read)
    if different is batch:
        return read
    if kind == _TEXT and read.equals(different):
        return batch
    if len(different) == 1:
        return read.new_from_index(0, len(batch))
    return batch.replace_strict(different, read, return_dtype=kind)


def _read(cells: pl.Series, meaning: _Meaning, kind: pl.DataType) -> pl.Series:
    return cells.to_frame("cell").select(meaning(pl.col("cell")).cast(kind)).to_series()


def _by_distinct(column: str, meaning: _Meaning, kind: pl.DataType, plain: _Meaning | None = None) -> pl.Expr:
    def read(batch: pl.Series) -> pl.Series:
        return each_once(batch, meaning, kind, plain)

    return raw(column).map_batches(read, return_dtype=kind, is_elementwise=True)


def raw(column: str) -> pl.Expr:
    """A cell's text as it stands; "" for none."""
    return pl.col(column).cast(pl.String, strict=False).fill_null("")


def _capitals(cell: pl.Expr) -> pl.Expr:
    return cell.str.strip_chars().str.to_uppercase()


def _without_point(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace(r"^(\d+)\.0*$", "$1")


def _digits(cell: pl.Expr, width: int) -> pl.Expr:
    return pl.when(cell.str.contains(r"^\d+$")).then(cell.str.zfill(width)).otherwise(cell)


def _plain_day(cell: pl.Expr) -> pl.Expr:
    read = pl.coalesce(cell.str.to_date(form, strict=False) for form in ("%Y-%m-%d", "%m/%d/%Y"))
    return pl.when(read.dt.year().is_between(_EARLIEST, _LATEST)).then(read)


def _day(cell: pl.Expr) -> pl.Expr:
    bare = cell.str.replace(r"([T ]\s*\d{1,2}:\d{2}.*)$", "").str.strip_chars()
    bare = _without_point(bare)
    year_first = bare.str.extract_groups(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
    month_first = bare.str.extract_groups(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})$")
    run_together = bare.str.extract_groups(r"^(\d{4})(\d{2})(\d{2})$")
    run_month_first = bare.str.extract_groups(r"^(\d{2})(\d{2})(\d{4})$")
    day_named = bare.str.extract_groups(r"^(\d{1,2})[- ]([A-Z]{3})[A-Z]*\.?[-, ]+(\d{4}|\d{2})$")
    month_named = bare.str.extract_groups(r"^([A-Z]{3})[A-Z]*\.?[- ]+(\d{1,2})[-, ]+(\d{4}|\d{2})$")
    number = bare.str.extract(r"^(\d{5})$").cast(pl.Int32)
    return pl.coalesce(
        _date(year_first, 1, 2, 3),
        _date(month_first, 3, 1, 2),
        _date(run_together, 1, 2, 3),
        _date(run_month_first, 3, 1, 2),
        _date(day_named, 3, 2, 1, form="%Y-%b-%d"),
        _date(month_named, 3, 1, 2, form="%Y-%b-%d"),
        _EXCEL_DAY_ZERO + pl.duration(days=number),
    )


def _date(groups: pl.Expr, year: int, month: int, day: int, form: str = "%Y-%m-%d") -> pl.Expr:
    """The date of three groups; null where they are none, or one that no claim in hand can be of."""
    written = groups.struct.field(str(year)).cast(pl.Int32)
    this_century = pl.when(written < _CENTURY).then(written + 2000).otherwise(written + 1900)
    full = pl.when(groups.struct.field(str(year)).str.len_bytes() == 2).then(this_century).otherwise(written)
    parts = (groups.struct.field(str(each)).str.zfill(2) for each in (month, day))
    read = pl.concat_str(full.cast(pl.String), *parts, separator="-").str.to_date(form, strict=False)
    return pl.when(full.is_between(_EARLIEST, _LATEST)).then(read)


def _plain_amount(cell: pl.Expr) -> pl.Expr:
    return pl.when(cell.str.contains(r"^\d{1,10}(\.\d\d?)?$")).then(cell).cast(MONEY, strict=False)


def _amount(cell: pl.Expr) -> pl.Expr:
    shorn = cell.str.replace_all(r"[$\s]", "")
    negative = shorn.str.contains(r"^\(.*\)$|^-|-$")
    figure = shorn.str.replace(r"^\((.*)\)$", "$1").str.replace(r"^-|-$", "").str.replace(r"^\+", "")
    readable = figure.str.contains(r"^(\d{1,10}|\d{1,3}(,\d{3}){1,3})?(\.\d{0,2}0*)?$") & figure.str.contains(r"\d")
    plain = figure.str.replace_all(",", "", literal=True).str.replace(r"(\.\d{2})0+$", "$1").str.strip_chars_end(".")
    plain = pl.when(plain.str.starts_with(".")).then(pl.lit("0") + plain).otherwise(plain)
    signed = pl.when(negative).then(pl.lit("-") + plain).otherwise(plain)
    return pl.when(readable).then(signed).cast(MONEY, strict=False)


def _from_cents(cents: pl.Expr) -> pl.Expr:
    digits = cents.str.replace("-", "", literal=True).str.zfill(3)
    unsigned = digits.str.head(-2) + pl.lit(".") + digits.str.tail(2)
    return pl.when(cents.str.starts_with("-")).then(pl.lit("-") + unsigned).otherwise(unsigned)


def _plain_whole(cell: pl.Expr) -> pl.Expr:
    return cell.cast(pl.Int32, strict=False)


def _whole(cell: pl.Expr) -> pl.Expr:
    return cell.str.extract(r"^(-?\d{1,9})(?:\.0*)?$").cast(pl.Int32, strict=False)


def _yes_or_no(cell: pl.Expr) -> pl.Expr:
    yes = cell.is_in(["Y", "YES", "T", "TRUE", "1", "1.0"])
    no = cell.is_in(["N", "NO", "F", "FALSE", "0", "0.0"])
    return pl.when(yes).then(True).when(no).then(False)
