"""What pricing has found against a line, as an edit: bundled, noncovered, a modifier that cannot be.

Pricing decides by the relative value row and the dated rules, of a facility's bill by the facility's own lists (ASC
Addenda AA, BB and EE, OPPS Addendum B); this hands its answer on, with its codes and a remedy. The codes of the
remittance are pricing's own on a physician's bill, and those of the rule on a facility's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import get_args

import numpy as np
import polars as pl

from feecalc.edits.edit import Columns, Found, wordings
from feecalc.edits.lines.codes import Bill
from feecalc.edits.lines.modifier_uses import MODIFIERS
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.adjustments import status_codes
from feecalc.reference import Row, facility_codes, rows

_STATUS = "pricing_status"
NEEDED = (_STATUS, "reason", "allowed_amount")  # columns of the results
_BUNDLED = "bundled"


@cache
def rule_of_status(bill: Bill = "professional") -> dict[str, str]:
    """Return the rule that hands on each status of a kind of bill."""
    return {row["pricing_status"]: row["rule"] for row in rows("edit_rule")
            if "pricing_status" in row and bill in row.get("bills", ("professional",))}  # fmt: skip


BILLS = get_args(Bill)
RULES = tuple(dict.fromkeys(rule for bill in BILLS for rule in rule_of_status(bill).values()))


def find(
    batch: pl.DataFrame, priced: pl.DataFrame, wanted: frozenset[str], bill: Bill = "professional"
) -> Iterator[Found]:
    """Find the lines that are not paid, by their ``pricing_status``, with the remittance codes of that.

    ``batch``: the lines; ``priced``: ``NEEDED`` of their results, row for row.
    """
    rules = {status: rule for status, rule in rule_of_status(bill).items() if rule in wanted}
    at = np.flatnonzero(_is_one_of(priced["pricing_status"], tuple(rules)))
    if not len(at):
        return
    own = priced.select(NEEDED)[at]
    by_another = own.select(_paid_by_another()).to_series().to_numpy()
    if by_another.any():
        at, own = at[~by_another], own.filter(~by_another)
    if not len(at):
        return
    number_of = own[_STATUS].cast(pl.Categorical).to_physical().to_numpy()
    _, first, kind = np.unique(number_of, return_index=True, return_inverse=True)
    statuses = own[_STATUS][first].cast(pl.String).to_list()
    for number, (status, given) in enumerate(zip(statuses, status_codes(statuses), strict=True)):
        rule = rules[status]
        dated = wordings(rule)
        if "bills" not in dated[0]:  # a facility's rules have the codes themselves
            dated = tuple({**row, "carc": given.carc, "rarc": given.rarc} for row in dated)
        some = np.flatnonzero(kind == number)
        for first_code, last_code in dated[0].get("spared", ()):
            code = batch["hcpcs"][at[some]].cast(pl.String).fill_null("")
            some = some[~code.is_between(pl.lit(first_code), pl.lit(last_code)).to_numpy()]
        if len(some):
            yield _found(rule, batch, at[some], own, some, dated, bill)


def _found(
    rule: str, batch: pl.DataFrame, row: Integers, priced: pl.DataFrame, some: Integers, dated: Sequence[Row],
    bill: Bill,
) -> Found:  # fmt: skip
    def columns() -> Columns:
        return {"given": as_written(batch, row), "instead": _instead(batch[row], bill), **priced[some].to_dict()}

    return Found(rule, row, columns, dated)


def _instead(lines: pl.DataFrame, bill: Bill) -> pl.Series:
    """Return which code this kind of bill has in place of each line's: "; a hospital bills G0260 for it", or ""."""
    words = facility_codes.said_of_lines(bill)
    said = pl.when(words == "").then(words).otherwise(pl.concat_str(pl.lit("; "), words))
    return lines.with_columns(said.alias("instead"))["instead"]


def as_written(batch: pl.DataFrame, row: Integers) -> pl.Series | str:
    """Return the modifiers of some rows as one text, "50 RT"; "" where the batch has no modifiers."""
    given = [pl.when(pl.col(name) != "").then(pl.col(name)) for name in MODIFIERS if name in batch.columns]
    if not given:
        return ""
    return batch[row].select(given=pl.concat_str(given, separator=" ", ignore_nulls=True)).to_series()


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
