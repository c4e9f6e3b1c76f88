"""Codes that are paid one amount whatever Medicare allows for them: a contract's carve-outs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.findings import ALIKE, SURE, share_of
from feecalc.contracts.inference.percents import heights
from feecalc.contracts.inference.thresholds import Thresholds
from feecalc.contracts.inference.weighing import Weighed
from feecalc.contracts.terms.carve_out import CarveOut
from feecalc.pricing.arrays import Flags, Integers

_STEPS = (10_000, 1000, 500, 100, 50, 10, 5, 1)  # cents: the roundest of amounts that pay alike is taken
_FEWEST = 3  # lines that are paid the amount itself, and not their charge
_ROUNDING = 1e-6  # of sums of weights
_AT_ONCE = 40  # codes whose own percents are looked at together


@dataclass(frozen=True)
class FixedFee:
    """One amount for a unit of a code [USD], and the lines of the code it explains. ``verdict`` alike: these payments
    cannot tell it from a percent of the code's own (or of its charge)."""

    hcpcs: str
    modifier: str  # of a component, or ""
    amount: Decimal
    lines: int
    of: int  # lines of the code that something was allowed for
    sureness: Decimal
    verdict: str

    @property
    def term(self) -> CarveOut:
        return CarveOut(hcpcs=self.hcpcs, modifier=self.modifier, amount=self.amount)


def fixed_fees(best: Weighed, evidence: Evidence, terms: Thresholds, exact: float) -> dict[int, FixedFee]:
    """Return the codes that a fixed amount explains better than the percents, by their number in ``evidence.codes``."""
    paid, reach, count = evidence.paid > 0, best.reach, len(evidence.codes)
    before = best.before(evidence)
    known = paid & (best.medicare > 0)

    def weight(amounts: Integers, lines: Flags) -> Integers:
        fits = reach.explains(amounts, evidence.billed) + exact * reach.exactly(amounts, evidence.billed)
        return evidence.by_code(np.where(lines, fits * evidence.weight, 0.0))

    by_percent = weight(before, known)
    amount, direct = _most_frequent(best, evidence, count)
    fixed = np.where(amount[evidence.code] >= 0, amount[evidence.code] * evidence.units, -1)
    has = paid & (fixed >= 0)
    by_fixed = weight(fixed, has)
    lines = evidence.by_code(has & reach.explains(fixed, evidence.billed))
    of = evidence.by_code(paid)
    found = np.flatnonzero((by_fixed - by_percent >= terms.carve_out) & (lines >= terms.of_a_code * of))
    found = found[direct[found] >= _FEWEST]
    fits = has & reach.explains(fixed, evidence.billed)
    others = _otherwise(best, evidence, found, fits)
    by_fixed = evidence.by_code(np.where(fits, evidence.weight, 0.0))  # the cent is no evidence for what has no percent
    sureness = 1 / (1 + np.exp(-terms.nats * (by_fixed[found] - others)))
    return {
        int(code): FixedFee(
            *evidence.codes[code],
            Decimal(int(amount[code])).scaleb(-2),
            int(lines[code]),
            int(of[code]),
            share_of(float(sure), 1),
            SURE if share_of(float(sure), 1) >= terms.sure else ALIKE,
        )
        for code, sure, other in zip(found, sureness, others, strict=True)
        if by_fixed[code] >= other - _ROUNDING
    }


def _most_frequent(best: Weighed, evidence: Evidence, count: int) -> tuple[Integers, Integers]:
    """Return the amount a unit of each code is paid most often before the cut [cents; -1: none], and on how many lines.

    A line that is paid its charge says nothing of the amount. Shape of each: [code].
    """
    units = np.maximum(evidence.units, 1)
    low, high = -(-best.reach.exact_least // units), best.reach.exact_most // units
    amount = np.full(len(units), -1, np.int64)
    for step in reversed(_STEPS):
        round_one = high // step * step
        amount = np.where(round_one >= low, round_one, amount)
    votes = pl.DataFrame({"code": evidence.code, "amount": amount, "weight": evidence.weight})
    most = (
        votes.filter(pl.Series((evidence.paid > 0) & ~best.reach.at_charge) & (pl.col("amount") > 0))
        .group_by("code", "amount")
        .agg(pl.len().alias("lines"), pl.col("weight").sum())
        .sort("lines", "weight", "amount", descending=True)
        .unique("code", keep="first", maintain_order=True)
    )
    found, times = np.full(count, -1, np.int64), np.zeros(count, np.int64)
    found[most["code"].to_numpy()], times[most["code"].to_numpy()] = most["amount"].to_numpy(), most["lines"].to_numpy()
    return found, times


def _otherwise(best: Weighed, evidence: Evidence, codes: Integers, fits: Flags) -> Integers:
    """Return how much else explains of each code: a percent of its own of what Medicare allows, or of its charge.

    Lines of one Medicare amount that are paid alike are a percent of it, of however many decimals.
    """
    found = np.zeros(len(codes))
    for begin in range(0, len(codes), _AT_ONCE):
        found[begin : begin + _AT_ONCE] = _own_percents(best, evidence, codes[begin : begin + _AT_ONCE])
    base = np.where(best.medicare > 0, best.medicare, evidence.billed)
    alike = pl.DataFrame({"code": evidence.code, "base": base, "weight": evidence.weight}).filter(
        pl.Series(fits & (base > 0))
    )
    of_one = np.zeros(len(evidence.codes))
    sums = alike.group_by("code", "base").agg(pl.col("weight").sum()).group_by("code").agg(pl.col("weight").max())
    of_one[sums["code"].to_numpy()] = sums["weight"].to_numpy()
    return np.maximum(found, of_one[codes])


def _own_percents(best: Weighed, evidence: Evidence, codes: Integers) -> Integers:
    at = np.flatnonzero(np.isin(evidence.code, codes))
    few, reach = evidence.rows(at), best.reach.rows(at)
    row = np.searchsorted(codes, few.code)
    found: Integers = heights(best.medicare[at], few, reach, row, len(codes)).max(axis=1)
    return found
