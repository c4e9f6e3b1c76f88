"""Whole cents by percents, factors and claims: arithmetic over columns, each result rounded once, half up."""

from __future__ import annotations

import numpy as np
import polars as pl

from feecalc.contracts.paying.fixed import RATE_PLACES
from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.scale import FACTOR_PLACES

_HUNDRED = 100 * 10**RATE_PLACES
_SEVERAL = "mppr_factor"
_FACTORS = {"bilateral_factor": FACTOR_PLACES, "modifier_factor": 8, _SEVERAL: FACTOR_PLACES}  # their decimal places


def share(cents: Whole, percent: Whole | int) -> Whole:
    """A percent (in ten-thousandths) of an amount, rounded half up. [cents]"""
    product = cents * percent
    product += _HUNDRED // 2
    product //= _HUNDRED
    return product


def with_factors(amount: Whole, factors: pl.DataFrame, by_modifier: Flags, allowed: Whole) -> Whole:
    """Amounts times the factors that rules gave the line; a row found by its modifier holds that modifier's already.

    ``allowed``: what Medicare allows for the line, after those factors. [cents]
    """
    for name, places in _FACTORS.items():
        one = 10**places
        scaled = factors[name].cast(pl.Decimal(18, places)).to_physical().cast(pl.Int64).fill_null(one).to_numpy()
        scaled = _as_percent(scaled, allowed) if name == _SEVERAL else np.where(by_modifier, one, scaled)
        amount = (2 * amount * scaled + one) // (2 * one)
    return amount


def _as_percent(ratio: Whole, allowed: Whole) -> Whole:
    """A ratio of rounded cents (in ten-thousandths) as the whole percent it came from, where there is one."""
    whole_percent = (ratio + 50) // 100 * 100
    before = np.maximum(allowed, 0) * 10**FACTOR_PLACES // np.maximum(ratio, 1)
    may_be = 2 * np.abs(ratio - whole_percent) * before <= 10**FACTOR_PLACES + before
    return np.where(may_be, whole_percent, ratio)


def held_to_claims(cents: Whole, billed: Whole, claims: Whole) -> Whole:
    """Claims that pay more than they charge, brought down to it: each line by its share, exact to the cent in sum.

    The charges of all its lines count; a claim of which a line has no charge is left as it is.
    """
    if not len(claims):
        return cents
    in_order = bool((claims[1:] >= claims[:-1]).all())  # as lines of claims that stand together are
    order: Whole | slice = slice(None) if in_order else np.argsort(claims, kind="stable")
    claim, paid, charge = claims[order], np.maximum(cents[order], 0), billed[order]
    starts = np.flatnonzero(np.diff(claim, prepend=claim[0] - 1))
    total, charged = np.add.reduceat(paid, starts), np.add.reduceat(np.maximum(charge, 0), starts)
    cut = (total > charged) & (np.minimum.reduceat(charge, starts) >= 0)
    if not cut.any():
        return cents
    sizes = np.diff(np.append(starts, len(claim)))
    at = np.flatnonzero(np.repeat(cut, sizes))  # all lines of the claims that are cut
    lines, whole_claim = sizes[cut], np.repeat(total[cut], sizes[cut])
    first = np.cumsum(lines) - lines
    running = np.cumsum(paid[at])
    running -= np.repeat(running[first] - paid[at][first], lines)
    reached = (running * np.repeat(charged[cut], lines) * 2 + whole_claim) // (2 * whole_claim)
    before = np.roll(reached, 1)
    before[first] = 0
    reached -= before
    held: Whole = cents[order].copy()
    held[at] = np.where(held[at] >= 0, reached, held[at])
    result = held if in_order else np.empty_like(cents)
    result[order] = held
    return result
