"""Conversion of figures to a table's exact numbers, and the treatment of cells that are not figures.

A layout whose cells are ``noted`` is read for what can be read: a cell that is no figure ("TBD", "N/A") stays out of
its row and stands in the row's ``unread``; a row that cannot do without the figure is left out; both are noted with
their count. In other layouts such a cell refuses the file, by name. A figure below 0 refuses every file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from feecalc.errors import BadValue
from feecalc.ingest.files.reading import RawTable

if TYPE_CHECKING:
    import dataframely as dy

_WIDE = pl.Decimal(38, 12)  # shows digits a column has no room for; the float noise of spreadsheets is smaller
_NOISE = pl.Decimal(38, 9)  # a figure of so many decimals that is printed with more than twelve holds such noise
_WORDS = r"^[^0-9]*$|[A-Za-z]{2}"  # words, where a figure was to stand: not a figure that lost a character
_UNREAD = "unread"
_MOST_NAMED = 3


def numbers_of(schema: type[dy.Schema]) -> dict[str, pl.DataType]:
    """Return the columns of a table that hold numbers, with their types."""
    return {name: column.dtype for name, column in schema.columns().items() if column.dtype.is_numeric()}


def as_number(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return the text as a number of the column's type; null where it is none."""
    if dtype.is_decimal():
        return pl.col(name).cast(dtype, strict=False)
    return pl.col(name).cast(_WIDE, strict=False).cast(pl.Int64, strict=False).cast(dtype, strict=False)


def rounded(text: pl.Series, exact: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return whether the column's type has no room for a printed digit."""
    places = dtype.scale if isinstance(dtype, pl.Decimal) else 0
    if not text.str.contains(rf"\.\d{{{places + 1}}}|[eE]").any():
        return pl.repeat(False, text.len(), eager=True)
    return (exact.cast(_WIDE) != text.cast(_WIDE, strict=False)).fill_null(False)


def without_unreadable(raw: RawTable, text: pl.DataFrame, schema: type[dy.Schema], notes: list[str]) -> pl.DataFrame:
    """Return rows with cells that are not figures blank and listed in ``unread``; add what was done to ``notes``.

    Raises BadValue where no printed cell of a column that the layout needs is a figure, and where a figure that a row
    cannot do without lost a character.
    """
    columns = schema.columns()
    numbers = {name: dtype for name, dtype in numbers_of(schema).items() if name in text.columns}
    exact = text.select(as_number(name, dtype) for name, dtype in numbers.items())
    kept = pl.repeat(True, text.height, eager=True)
    blank: dict[str, pl.Series] = {}
    for name, dtype in numbers.items():
        wrong = exact[name].is_null() & (text[name] != "")
        if wrong.any():
            needed = raw.layout.delimited is not None and name in raw.layout.delimited.required
            garbled = wrong & ~text[name].str.contains(_WORDS)
            if not columns[name].nullable and garbled.any():
                refuse_cells(raw, text.filter(garbled), name, dtype)
            if (needed or not columns[name].nullable) and not exact[name].is_not_null().any():
                refuse_cells(raw, text.filter(wrong), name, dtype)
            done = "was not used" if columns[name].nullable else "these rows were left out"
            notes.append(f"{_described(raw, text.filter(wrong), name)}: no figure; {done}")
            if columns[name].nullable:
                blank[name] = wrong
            else:
                kept &= ~wrong
        text = _shortened(raw, text, name, dtype, notes)
    for name in _optional_codes(raw, schema):
        wrong = text[name].str.contains(r"^[^0-9]+$")
        if wrong.any():
            notes.append(f"{_described(raw, text.filter(wrong), name)}: no number; was not used")
            blank[name] = wrong
    if _UNREAD in columns:
        texts = [
            pl.when(pl.lit(wrong)).then(pl.format("{} '{}'", pl.lit(name), pl.col(name).str.slice(0, 40)))
            for name, wrong in blank.items()
        ]
        unread = pl.concat_str(texts, separator="; ", ignore_nulls=True) if texts else pl.lit("")
        text = text.with_columns(unread.alias(_UNREAD))
    text = text.with_columns(
        pl.when(pl.lit(wrong)).then(pl.lit("")).otherwise(pl.col(name)).alias(name) for name, wrong in blank.items()
    )
    return text if kept.all() else text.filter(kept)


def _optional_codes(raw: RawTable, schema: type[dy.Schema]) -> list[str]:
    """Return the columns of codes that are digits, as an APC's, and that a row may leave blank."""
    patterns = {name: getattr(schema.columns()[name], "regex", None) for name in raw.layout.pad}
    return [name for name, pattern in patterns.items() if pattern and re.match(pattern, "") and "[" not in pattern]


def _shortened(raw: RawTable, text: pl.DataFrame, name: str, dtype: pl.DataType, notes: list[str]) -> pl.DataFrame:
    """Return the text of a column with no more decimals than its type has, noting where digits were dropped."""
    places = dtype.scale if isinstance(dtype, pl.Decimal) else 0
    if not isinstance(dtype, pl.Decimal) or not text[name].str.contains(rf"\.\d{{{places + 1}}}").any():
        return text
    printed, short = text[name].cast(_WIDE, strict=False), text[name].cast(dtype, strict=False)
    meant = text[name].cast(_NOISE, strict=False) if dtype.scale == _WIDE.scale else short
    long = text[name].str.contains(rf"\.\d{{{places + 1}}}") & short.is_not_null()
    lost = long & (printed != meant.cast(_WIDE)).fill_null(False)
    if lost.any():
        notes.append(f"{_described(raw, text.filter(lost), name)}: kept to {places} decimals")
    return text.with_columns(pl.when(pl.lit(long)).then(short.cast(pl.String)).otherwise(pl.col(name)).alias(name))


def _described(raw: RawTable, rows: pl.DataFrame, column: str) -> str:
    """Return a column, a count and the first cells with their codes: ``payment_rate of 2 rows (64490 'TBD')``."""
    label = f" ({raw.labels[column]})" if column in raw.labels else ""
    few = ", ".join(
        f"{_code(row) or 'line ' + str(row['line'])} {row[column][:40]!r}"
        for row in rows.head(_MOST_NAMED).iter_rows(named=True)
    )
    more = ", ..." if rows.height > _MOST_NAMED else ""
    many = "1 row" if rows.height == 1 else f"{rows.height:,} rows"
    return f"{column}{label} of {many} ({few}{more})"


def _code(row: dict[str, str]) -> str:
    return next((row[name] for name in ("hcpcs", "apc", "cbsa", "device_hcpcs") if row.get(name)), "")


def refuse_cells(raw: RawTable, rows: pl.DataFrame, column: str, dtype: pl.DataType) -> None:
    """Raise BadValue: the cell of the first of ``rows``, its line and code, and how many there are."""
    first = rows.row(0, named=True)
    seen = first[column]
    places = dtype.scale if isinstance(dtype, pl.Decimal) else 0
    if seen == "":
        wrong = f"is blank; a {'day' if dtype == pl.Date else 'figure'} must stand there"
    elif dtype == pl.Date:
        wrong = f"is not a day as this file prints them: {seen[:40]!r}"
    elif seen.startswith("-"):
        wrong = f"is negative: {seen!r}"
    else:
        wrong = f"is not a number of at most {places} decimals: {seen[:40]!r}"
    label = f" ({raw.labels[column]})" if column in raw.labels else ""
    code = "".join(f", {name} {first[name]}" for name in ("hcpcs", "modifier", "mac", "locality") if first.get(name))
    raise BadValue(f"{raw.member}, line {first['line']}{code}: {column}{label} {wrong} ({rows.height} such rows)")
