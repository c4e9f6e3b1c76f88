"""Physicians of one group who may be one physician: what would follow if they were of one specialty.

Where the specialty of a rendering physician is not known, his lines are looked at by themselves, and nothing is denied
or reduced for a colleague's. This asks what would be: the patient's lines are judged and priced once more, as if he
were of the specialty that his colleagues name. So are his visits in the days around a colleague's surgery.
Source: Pub. 100-04 ch. 12 sec. 30.6.5, 40.1, 40.2.A.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import polars as pl

from feecalc.edits.coding.visits import AROUND
from feecalc.edits.edit import Columns, Found
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.grouping import BY_BENEFICIARY, PATIENT, PHYSICIAN, PRACTICE, SPECIALTY, UNSURE, physicians

RULES = ("physicians_may_be_one", "visit_around_colleagues_surgery")
_AS_ONE = -1  # in place of a specialty's number
_ALLOWED = "allowed_amount"


def as_one(lines: pl.DataFrame) -> tuple[Integers, pl.DataFrame] | None:
    """Return the rows of patients of whom it is asked, and their lines with the specialties that would make them one.

    None where every physician is known, or is alone in his group. ``lines``: some of a physician's name or specialty.
    """
    who = physicians(lines)
    if not who[UNSURE].any():
        return None
    group = (BY_BENEFICIARY, PATIENT, PRACTICE)
    several, unsure = pl.col(PHYSICIAN).n_unique().over(group) > 1, pl.col(UNSURE)
    named = pl.when(~unsure).then(SPECIALTY).min().over(group)
    who = who.with_columns(asked=several & unsure.any().over(group), named=named.fill_null(_AS_ONE))
    rows = np.flatnonzero(who.select(pl.col("asked").any().over(BY_BENEFICIARY, PATIENT)).to_series().to_numpy())
    if not len(rows):
        return None
    number = pl.when(pl.col("asked") & unsure).then("named").otherwise(SPECIALTY)
    alike = pl.when(number != 0).then(pl.format("specialty {}", number)).otherwise(pl.lit("")).alias(SPECIALTY)
    return rows, lines[rows].with_columns(who.select(alike).to_series()[rows])


def found(rows: Integers, apart: pl.DataFrame, together: pl.DataFrame) -> list[Found]:
    """Find the lines that would be allowed less of one physician.

    ``apart``, ``together``: allowed_amount, and ``together`` the ``carc`` of what would deny the line, null where
    nothing would. Shape of all: [line asked].
    """
    now, then = (each[_ALLOWED].fill_null(0) for each in (apart, together))
    less = (then < now).arg_true()
    if not len(less):
        return []

    def columns() -> Columns:
        said = together[less].select(
            pl.when(pl.col("carc").is_null())
            .then(pl.format("it would be allowed {}", pl.col(_ALLOWED).fill_null(0)))
            .otherwise(pl.format("it would be denied (CARC {})", pl.col("carc")))
        )
        return {"follows": said.to_series(), "allowed_instead": then[less]}

    return [Found(RULES[0], rows[less.to_numpy()], columns)]


def visits_found(rows: Integers, apart: Iterable[Found], together: Iterable[Found]) -> list[Found]:
    """Find the visits that would be within a surgery's global days of one physician, and are not as they are.

    ``apart``, ``together``: what the edits find of the batch, and of the ``rows`` that are asked about as one.
    """
    known = [each.row for each in apart if each.rule in AROUND]
    found = []
    met = np.concatenate([*known, np.zeros(0, np.int64)])
    for each in together:
        if each.rule not in AROUND:
            continue
        new = np.flatnonzero(~np.isin(rows[each.row], met))
        met = np.concatenate([met, rows[each.row]])  # of one visit one question
        if len(new):
            found.append(Found(RULES[1], rows[each.row[new]], _some_of(each, new)))
    return found


def _some_of(found: Found, some: Integers) -> Callable[[], Columns]:
    def columns() -> Columns:
        return {name: values[some] for name, values in found.columns().items() if isinstance(values, pl.Series)}

    return columns
