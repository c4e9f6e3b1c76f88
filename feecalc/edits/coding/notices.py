"""Modifiers that say what the patient was told: a notice (ABN) on file expects a denial, and says who then pays.

GY and GZ are pricing's to refuse; ``unpaid`` hands them on. Source: reference/edit_notice.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from feecalc.edits.edit import Columns, Edit, Found
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.modifier_uses import MODIFIERS
from feecalc.pricing.arrays import Integers
from feecalc.reference import Row, rows

_TABLE = "edit_notice"
RULES = tuple(dict.fromkeys(row["rule"] for row in rows(_TABLE)))


def prepare(sources: Sources) -> list[Row]:
    """Return the rows of this kind of bill."""
    return [row for row in rows(_TABLE) if sources.bill in row["bills"]]


def find(lines: EditLines, look: list[Row], wanted: frozenset[str]) -> Iterator[Found]:
    """Find the lines that carry such a modifier."""
    names = [name for name in MODIFIERS if name in lines.frame.columns]
    for row in look:
        if row["rule"] not in wanted or not names:
            continue
        carries = pl.any_horizontal(pl.col(name).is_in(row["listed"]) for name in names)
        without = ~pl.any_horizontal(pl.col(name).is_in(row["unless"]) for name in names)
        on_the_day = pl.col("date_of_service").is_between(row["effective_from"], row.get("effective_to", date.max))
        found = lines.frame.select((carries & without & on_the_day).fill_null(False)).to_series().arg_true().to_numpy()
        if len(found):
            yield _found(row, lines, found)


def _found(row: Row, lines: EditLines, found: Integers) -> Found:
    def columns() -> Columns:
        given = [pl.when(pl.col(name).is_in(row["listed"])).then(pl.col(name)) for name in MODIFIERS
                 if name in lines.frame.columns]  # fmt: skip
        return {"given": lines.frame[found].select(given=pl.coalesce(given)).to_series()}

    return Found(row["rule"], np.asarray(found), columns)


EDIT = Edit("notices to the patient", RULES, prepare, find)
