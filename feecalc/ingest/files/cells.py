"""Cells as CMS prints them, turned into plain text: figures without dollar signs, codes without marks, "" for a blank.

Only what can be read in one way is changed; anything else stays, and is refused at conversion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl

from feecalc.ingest.files.layout import Cells, Layout

if TYPE_CHECKING:
    import dataframely as dy

_MONEY = r"^\$? *((\d{1,3}(,\d{3})+|\d+)(\.\d*)?|\.\d+)$"
_RATE = r"^\d+(\.\d+)?%$"
_MARKS = "[\xff\ufffd* ]+"  # FF and U+FFFD are what is left of a blank that lost its encoding
_EXACT = pl.Decimal(38, 12)
_FOOTNOTE = "[*\u2020\u2021\u00a7\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+"  # * and daggers, and digits set high
_FIGURE_WITH_MARK = rf"^(.*\d%?) *{_FOOTNOTE}$"


def plain(layout: Layout, text: pl.DataFrame, schema: type[dy.Schema]) -> pl.DataFrame:
    """Return the text of a member with the cells of figures, days and codes in plain form.

    "$1,952.77" becomes 1952.77, "20.000%" 0.2 with zeros, "." (where it means none) a blank, 05431 (a code of four)
    5431. A mark is taken off a whole code only: a code that lost a character keeps it, and is refused. ``key`` is
    cleaned as codes are.
    """
    cells = layout.cells
    columns = {name: column.dtype for name, column in schema.columns().items() if name in text.columns}
    figures = [name for name, dtype in columns.items() if dtype.is_numeric() and name != "source_line"]
    days = [name for name, dtype in columns.items() if dtype == pl.Date]
    codes = {name: str(layout.pad[name]) for name in sorted(cells.marked) if name in text.columns}
    if codes and "key" in text.columns:
        codes["key"] = "1,5"
    marked = [*figures, *(sorted(cells.capital) if cells.noted else ())]
    text = text.with_columns(
        pl.col(name).str.replace(_with_mark(name, figures), "$1") for name in marked if name in text.columns
    )
    return text.with_columns(
        *(pl.col(name).str.replace(f"^([0-9A-Z]{{{long}}}){_MARKS}$", "$1") for name, long in codes.items()),
        *(_narrow(name, width) for name, width in cells.width.items() if name in text.columns),
        *(pl.col(name).str.to_uppercase() for name in sorted(cells.capital) if name in text.columns),
        *(_without(name, cells.blank) for name in days),
        *(_figure(name, cells) for name in figures),
    )


def footnote_marks(layout: Layout, text: pl.DataFrame, schema: type[dy.Schema]) -> list[str]:
    """Return a sentence, with a count, for each column whose figures or indicators have footnote marks."""
    figures = [name for name, column in schema.columns().items() if column.dtype.is_numeric()]
    capital = sorted(layout.cells.capital) if layout.cells.noted else []
    columns = [name for name in [*figures, *capital] if name in text.columns]
    counts = text.select(pl.col(name).str.contains(_with_mark(name, figures)).sum() for name in columns)
    return [
        f"{name}: the footnote marks on {count:,} of its cells were passed over"
        for name, count in (counts.row(0, named=True) if columns else {}).items()
        if count
    ]


def _with_mark(name: str, figures: list[str]) -> str:
    return _FIGURE_WITH_MARK if name in figures else rf"^(.*[0-9A-Za-z]) *{_FOOTNOTE}$"


def day(name: str, forms: Iterable[str]) -> pl.Expr:
    """Return the text of a column as a date, in the first of the forms that fits; null where none does."""
    return pl.coalesce(pl.lit(None, dtype=pl.Date), *(_day(pl.col(name), form) for form in forms))


def _day(text: pl.Expr, form: str) -> pl.Expr:
    found = text.str.to_date(form, strict=False)
    if re.fullmatch("(%[A-Za-z])+", form):  # digits alone: a lost one would make another day of the rest
        return pl.when(found.dt.to_string(form) == text).then(found)
    return found


def _without(name: str, blank: Iterable[str]) -> pl.Expr:
    return pl.when(pl.col(name).is_in(list(blank))).then(pl.lit("")).otherwise(pl.col(name)).alias(name)


def _narrow(name: str, width: int) -> pl.Expr:
    return pl.col(name).str.replace(rf"^0+(\d{{{width}}})$", "$1")


def _figure(name: str, cells: Cells) -> pl.Expr:
    text = _without(name, cells.blank)
    if cells.money:
        text = pl.when(text.str.contains(_MONEY)).then(text.str.replace_all("[$, ]", "")).otherwise(text)
    if name in cells.percent:
        hundredth = text.str.strip_suffix("%").cast(_EXACT, strict=False) / pl.lit(100).cast(pl.Decimal(5, 0))
        text = pl.when(text.str.contains(_RATE)).then(hundredth.cast(_EXACT).cast(pl.String)).otherwise(text)
    return text.alias(name)
