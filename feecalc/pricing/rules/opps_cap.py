"""The ceiling on imaging: the lower of the fee and the amount from the used-for-OPPS columns.

It comes after the rules for several images. A procedure that lost something there pays its technical part up to the
technical component's ceiling; one that did not pays up to its own row's. Rows with a ceiling: reference/opps_cap.toml.
Source: Deficit Reduction Act of 2005 sec. 5102(b); RVU25D.pdf, page 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache, cached_property

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers, RvuArrays
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import NONE, Decisions, LineParts, Lines, Procedure
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.receipt import shown
from feecalc.pricing.rules import parts
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, usd
from feecalc.pricing.rules.rule import LookUp, Rule


@cache
def _rows(kind: str, day: date) -> pl.Expr:
    is_named = pl.lit(False)
    for row in reference.rows_on("opps_cap", day, kind=kind):
        is_named = is_named | (
            (pl.col("status_indicator") == row["status_indicator"])
            & (pl.col("pctc_indicator") == row["pctc_indicator"])
            & pl.col("modifier").is_in(row["modifiers"])
        )
    columns = pl.col("opps_pe_rvu_nonfacility") + pl.col("opps_pe_rvu_facility") + pl.col("opps_mp_rvu")
    return is_named & (columns > 0)


def capped(day: date) -> pl.Expr:
    """Return whether a row of the relative value table has a ceiling on its fee. [Boolean]"""
    return _rows("applies", day)


def ceiling_only(day: date) -> pl.Expr:
    """Return whether a row's amount from the OPPS columns bounds the contractor's price and is no price. [Boolean]"""
    return _rows("ceiling", day)


def source(day: date) -> str:
    """Return where the rule is written."""
    return str(reference.rows_on("opps_cap", day, kind="applies")[0]["source"])


def capped_rows(arrays: RvuArrays, day: date) -> Flags:
    """Mark the rows with a ceiling on their fee on ``day``. Shape: [row]."""
    return arrays.rows_where(capped, day)


def lower_of(amounts: Integers, ceilings: Integers) -> Integers:
    """Return what is paid under a ceiling: the lower of the amount and the ceiling. [cents]"""
    found: Integers = np.minimum(amounts, ceilings)
    return found


def under_ceilings(fees: Integers, rows: Integers, ceilings: Integers) -> Integers:
    """Return the fees of all rows, those of the ``rows`` with a ceiling under theirs. Shape: [row, locality]. [cents]

    ``ceilings``: of ``rows`` alone. The fees handed in are left as they are.
    """
    found = fees.copy()
    found[rows] = lower_of(fees[rows], ceilings)
    return found


class OppsCapRows(LookUp):
    """Look up which rows have a ceiling."""

    @cached_property
    def is_capped(self) -> Flags:
        return capped_rows(self.rows.arrays, self.book.day)


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Decide ``cap``, ``above_cap``, and what the ceiling leaves of each procedure's technical part."""
    found = decided.parts
    if not rules.opps_cap or found is None:
        return
    is_capped, rows = era.look_up(OppsCapRows).is_capped, era.rows
    row = lines.row[found.at]
    own = _ceilings(lines, decided, era, found, row)
    part_row = np.where(rows.is_technical_row[row], row, rows.technical_row[row])
    has_part = (part_row >= 0) & is_capped[np.maximum(part_row, 0)]
    part = _ceilings(lines, decided, era, found, np.maximum(part_row, 0))
    above = [_above(procedure, own, part, has_part) for procedure in (found.first, found.other)]
    capped_here = is_capped[row]
    decided.above_cap[found.at] = np.where(capped_here, above[0] + (found.count - 1) * above[1], 0)
    decided.cap[found.at] = np.where(capped_here, own * found.count, NONE)
    for procedure in (found.first, found.other):
        procedure.technical = np.where(has_part, lower_of(procedure.technical, part), procedure.technical)


def _above(procedure: Procedure, own: Integers, part: Integers, has_part: Flags) -> Integers:
    """Return what the ceiling takes off one procedure of each line. [cents]"""
    whole = procedure.amount - lower_of(procedure.amount, own)
    by_part = np.where(has_part, procedure.technical - lower_of(procedure.technical, part), 0)
    return np.where(procedure.reduced & has_part, by_part, whole)


def _ceilings(lines: Lines, decided: Decisions, era: Era, found: LineParts, rows: Integers) -> Integers:
    """Return the ceiling of one procedure of each line by a row, both sides of the body included. [cents]"""
    at = found.at
    amounts = era.amounts.ceilings(rows, lines.locality[at], lines.facility[at], lines.factor[at])
    rates = decided.bilateral_rate[at]
    return np.where(rates == parts.BOTH_APART, amounts, percent.share(amounts, rates))


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the ceiling, and whether it holds."""
    followed, line = case.followed, case.followed.line
    decided = followed.priced.decided
    cap, amount = int(decided.cap[line]), int(decided.several[line])
    if cap < 0:
        return
    after = amount - int(decided.above_cap[line])
    holds = "the OPPS amount holds" if after < amount else "the amount is not above it"
    where = "facility" if followed.priced.lines.facility[line] else "nonfacility"
    of = f"OPPS PE {case.row[f'opps_pe_rvu_{where}']} and MP {case.row['opps_mp_rvu']} RVU"
    detail = f"lower of {shown(amount)} and the OPPS amount {shown(cap)}, of {of}; {holds}"
    if 0 < after != cap and after < amount:
        detail += ", on the technical part"
    if case.scaled_to_qp:
        detail += f"; {case.scaled_to_qp}"
    yield RuleStep("OPPS cap", detail, usd(amount), "", usd(after), f"{case.row_source}; {source(case.day)}")


RULE = Rule("opps_cap", decide=decide, steps=steps)
