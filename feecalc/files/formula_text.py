"""Text that a spreadsheet would run as a formula, written so that it stays text."""

from __future__ import annotations

import polars as pl

_BEGINS = r"^[=@+\t\r-]"  # a cell that begins so is run
_NUMBER = r"^[+-]?\s*\$?[\d,]*\.?\d*\s*%?$"  # unless it is a number, or a lone dash
_MARK = "'"  # how a person types such text into a cell


def guarded(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines as a CSV file may have them: a text that a spreadsheet would run has an apostrophe before it.

    Numbers written as text (-12.50, +3) stay as they are. A workbook needs none of this: its cells are typed.
    """
    texts = [name for name, kind in lines.schema.items() if kind == pl.String]
    if not texts:
        return lines
    may_run = lines.select(_may_run(pl.col(name)).any().alias(name) for name in texts)
    found = [name for name in texts if may_run[name][0]]
    if not found:
        return lines
    return lines.with_columns(
        pl.when(pl.col(name).str.contains(_BEGINS) & ~pl.col(name).str.contains(_NUMBER))
        .then(_MARK + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in found
    )


def guarded_text(text: str) -> str:
    """Return one text, a heading, so that no spreadsheet runs it."""
    return str(guarded(pl.DataFrame({"text": [text]}))["text"][0])


def _may_run(text: pl.Expr) -> pl.Expr:
    """Look at the first character, which is quick: one of a tab to a return, of + to -, of = to @."""
    return ((text >= "=") & (text < "A")) | ((text >= "+") & (text < ".")) | ((text >= "\t") & (text < "\x0e"))
