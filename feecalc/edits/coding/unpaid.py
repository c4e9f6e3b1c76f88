"""What pricing has found against a line, as an edit: bundled, noncovered, a modifier that cannot be.

Pricing decides by the relative value row and the dated rules; this hands its answer on, with its codes and a remedy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import polars as pl

from feecalc.edits.edit import Columns, Found, wordings
from feecalc.edits.lines.modifier_uses import MODIFIERS
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims import outcomes
from feecalc.reference import Row, rows

NEEDED = ("pricing_status", "reason", "carc", "rarc", "allowed_amount")  # columns of the results
_TEXTS = ("pricing_status", "reason", "carc", "rarc")
_BUNDLED = "bundled"


@cache
def rule_of_status() -> dict[str, str]:
    """Return the rule that hands on each status."""
    return {row["pricing_status"]: row["rule"] for row in rows("edit_rule") if "pricing_status" in row}


RULES = tuple(rule_of_status().values())


def find(batch: pl.DataFrame, priced: pl.DataFrame, wanted: frozenset[str]) -> Iterator[Found]:
    """Find the lines that are not paid, by their ``pricing_status``, with the remittance codes that pricing gave them.

    ``batch``: the lines; ``priced``: ``NEEDED`` of their results, row for row.
    """
    rules = {status: rule for status, rule in rule_of_status().items() if rule in wanted}
    at = np.flatnonzero(_is_one_of(priced["pricing_status"], tuple(rules)))
    if not len(at):
        return
    own = priced.select(NEEDED)[at]
    by_another = own.select(_paid_by_another()).to_series().to_numpy()
    if by_another.any():
        at, own = at[~by_another], own.filter(~by_another)
    if not len(at):
        return
    _, first, kind = np.unique(_kinds(own), return_index=True, return_inverse=True)
    for number, given in enumerate(own.select(_TEXTS)[first].cast(pl.String).iter_rows(named=True)):
        rule = rules[given["pricing_status"]]
        dated = tuple({**row, "carc": given["carc"], "rarc": given["rarc"]} for row in wordings(rule))
        some = np.flatnonzero(kind == number)
        yield _found(rule, batch, at[some], own, some, dated)


def _kinds(priced: pl.DataFrame) -> Integers:
    """Return a number for each status with its remittance codes. Shape: [line]."""
    found = np.zeros(priced.height, np.int64)
    for name in ("pricing_status", "carc", "rarc"):
        number = priced[name].cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1).to_numpy() + 1
        found = found * (int(number.max()) + 1) + number
    return found


def _found(
    rule: str, batch: pl.DataFrame, row: Integers, priced: pl.DataFrame, some: Integers, dated: Sequence[Row]
) -> Found:
    def columns() -> Columns:
        given = [pl.when(pl.col(name) != "").then(pl.col(name)) for name in MODIFIERS if name in batch.columns]
        written = pl.concat_str(given, separator=" ", ignore_nulls=True) if given else pl.lit("")
        as_written = batch[row].select(given=written).to_series() if given else ""
        return {"given": as_written, **priced[some].to_dict()}

    return Found(rule, row, columns, dated)


def _is_one_of(status: pl.Series, names: tuple[str, ...]) -> Flags:
    """Return whether each line's status is one of some: by the number a category has."""
    if status.dtype != pl.Categorical:
        return status.cast(pl.String).is_in(names).fill_null(False).to_numpy()
    if not names:
        return np.zeros(len(status), np.bool_)
    numbers = pl.Series(names, dtype=status.dtype).to_physical()
    wanted = np.zeros(max(int(numbers.max()), int(status.to_physical().max() or 0)) + 2, np.bool_)  # type: ignore[arg-type]  # of a series of whole numbers
    wanted[numbers.to_numpy()] = True
    found: Integers = status.to_physical().fill_null(len(wanted) - 1).to_numpy()
    return wanted[found]


def _paid_by_another() -> pl.Expr:
    """Mark the lines of no amount of their own whose fee another line's holds: the other side, an endoscopy's base."""
    alone = outcomes.Outcomes().pairs[outcomes.PAID_ONLY_ALONE][1]
    return (
        (pl.col("pricing_status") == _BUNDLED) & (pl.col("allowed_amount") == 0) & (pl.col("reason") != alone)
    ).fill_null(False)
