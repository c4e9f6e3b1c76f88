"""Carve-outs found in payments: codes that are paid one amount whatever Medicare allows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.findings import ALIKE, SURE, share_of
from feecalc.contracts.inference.percents import explained_by_percent
from feecalc.contracts.inference.scoring import ScoredCandidate
from feecalc.contracts.inference.thresholds import Thresholds
from feecalc.contracts.terms.carve_out import CarveOut
from feecalc.pricing.arrays import Flags, Integers

_STEPS = (10_000, 1000, 500, 100, 50, 10, 5, 1)  # cents: of amounts that explain a line the roundest is taken
_FEWEST = 3  # lines that are paid the amount itself and not their charge
_ROUNDING = 1e-6  # of sums of weights
_AT_ONCE = 40  # codes whose own percents are looked at together


@dataclass(frozen=True)
class FixedFee:
    """A fixed amount for one unit of a code [USD], and the lines of the code it explains.

    ``verdict`` alike: these payments cannot distinguish it from the code's own percent of Medicare or of its charge.
    """

    hcpcs: str
    modifier: str  # of a component, or ""
    amount: Decimal
    lines: int
    of: int  # paid lines of the code
    sureness: Decimal
    verdict: str

    @property
    def term(self) -> CarveOut:
        return CarveOut(hcpcs=self.hcpcs, modifier=self.modifier, amount=self.amount)


def fixed_fees(
    best: ScoredCandidate, evidence: Evidence, thresholds: Thresholds, exact_weight: float
) -> dict[int, FixedFee]:
    """Return the codes that a fixed amount explains better than the percents, by their number in ``evidence.codes``."""
    paid, ranges, count = evidence.paid > 0, best.ranges, len(evidence.codes)
    percent_amounts = best.contract_amounts(evidence)
    known = paid & (best.medicare > 0)

    def weight(amounts: Integers, lines: Flags) -> Integers:
        fits = ranges.explains(amounts, evidence.billed) + exact_weight * ranges.exactly(amounts, evidence.billed)
        return evidence.by_code(np.where(lines, fits * evidence.weight, 0.0))

    by_percent = weight(percent_amounts, known)
    amount, direct = _most_frequent(best, evidence, count)
    fixed = np.where(amount[evidence.code] >= 0, amount[evidence.code] * evidence.units, -1)
    has_amount = paid & (fixed >= 0)
    by_fixed = weight(fixed, has_amount)
    lines = evidence.by_code(has_amount & ranges.explains(fixed, evidence.billed))
    lines_of_code = evidence.by_code(paid)
    fixed_codes = np.flatnonzero(
        (by_fixed - by_percent >= thresholds.carve_out) & (lines >= thresholds.of_a_code * lines_of_code)
    )
    fixed_codes = fixed_codes[direct[fixed_codes] >= _FEWEST]
    fits = has_amount & ranges.explains(fixed, evidence.billed)
    otherwise = _explained_otherwise(best, evidence, fixed_codes, fits)
    by_fixed = evidence.by_code(np.where(fits, evidence.weight, 0.0))  # the cent is no evidence for what has no percent
    sureness = 1 / (1 + np.exp(-thresholds.nats * (by_fixed[fixed_codes] - otherwise)))
    return {
        int(code): FixedFee(
            *evidence.codes[code],
            Decimal(int(amount[code])).scaleb(-2),
            int(lines[code]),
            int(lines_of_code[code]),
            share_of(float(code_sureness), 1),
            SURE if share_of(float(code_sureness), 1) >= thresholds.sure else ALIKE,
        )
        for code, code_sureness, code_otherwise in zip(fixed_codes, sureness, otherwise, strict=True)
        if by_fixed[code] >= code_otherwise - _ROUNDING
    }


def _most_frequent(best: ScoredCandidate, evidence: Evidence, count: int) -> tuple[Integers, Integers]:
    """Return the amount most often paid for a unit of each code before sequestration, and the number of such lines.

    Amounts in cents, -1 for none. A line that is paid its charge does not count. Shape of each: [code].
    """
    units = np.maximum(evidence.units, 1)
    low, high = -(-best.ranges.exact_least // units), best.ranges.exact_most // units
    amount = np.full(len(units), -1, np.int64)
    for step in reversed(_STEPS):
        round_one = high // step * step
        amount = np.where(round_one >= low, round_one, amount)
    amount_lines = pl.DataFrame({"code": evidence.code, "amount": amount, "weight": evidence.weight})
    most_frequent = (
        amount_lines.filter(pl.Series((evidence.paid > 0) & ~best.ranges.at_charge) & (pl.col("amount") > 0))
        .group_by("code", "amount")
        .agg(pl.len().alias("lines"), pl.col("weight").sum())
        .sort("lines", "weight", "amount", descending=True)
        .unique("code", keep="first", maintain_order=True)
    )
    amounts, times = np.full(count, -1, np.int64), np.zeros(count, np.int64)
    amounts[most_frequent["code"].to_numpy()], times[most_frequent["code"].to_numpy()] = (
        most_frequent["amount"].to_numpy(),
        most_frequent["lines"].to_numpy(),
    )
    return amounts, times


def _explained_otherwise(best: ScoredCandidate, evidence: Evidence, codes: Integers, fits: Flags) -> Integers:
    """Return how many lines of each code its own percent explains, of Medicare's amount or of the charge.

    Lines with one Medicare amount that are all paid the same are some percent of it, whatever its decimals.
    """
    explained = np.zeros(len(codes))
    for begin in range(0, len(codes), _AT_ONCE):
        explained[begin : begin + _AT_ONCE] = _own_percents(best, evidence, codes[begin : begin + _AT_ONCE])
    base = np.where(best.medicare > 0, best.medicare, evidence.billed)
    alike = pl.DataFrame({"code": evidence.code, "base": base, "weight": evidence.weight}).filter(
        pl.Series(fits & (base > 0))
    )
    of_one_base = np.zeros(len(evidence.codes))
    sums = alike.group_by("code", "base").agg(pl.col("weight").sum()).group_by("code").agg(pl.col("weight").max())
    of_one_base[sums["code"].to_numpy()] = sums["weight"].to_numpy()
    return np.maximum(explained, of_one_base[codes])


def _own_percents(best: ScoredCandidate, evidence: Evidence, codes: Integers) -> Integers:
    lines = np.flatnonzero(np.isin(evidence.code, codes))
    code_evidence, ranges = evidence.rows(lines), best.ranges.rows(lines)
    row = np.searchsorted(codes, code_evidence.code)
    explained: Integers = explained_by_percent(best.medicare[lines], code_evidence, ranges, row, len(codes)).max(axis=1)
    return explained
