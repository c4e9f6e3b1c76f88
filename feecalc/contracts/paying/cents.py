"""Whole cents by percents, factors and claims: arithmetic over columns, each result rounded once, half up."""

from __future__ import annotations

from functools import reduce
from math import prod
from operator import mul

import numpy as np
import polars as pl

from feecalc.contracts.paying.fixed import RATE_PLACES
from feecalc.money import FACTOR_PLACES
from feecalc.pricing.arrays import Flags, Whole

_HUNDRED = 100 * 10**RATE_PLACES
_MODIFIER_PLACES = 8


def share(cents: Whole, percent: Whole | int) -> Whole:
    """A percent (in ten-thousandths) of an amount, rounded half up. [cents]"""
    product = cents * percent
    product += _HUNDRED // 2
    product //= _HUNDRED
    return product


def own_fee(fee: Whole, units: Whole, factors: pl.DataFrame, holds_sides: Flags, holds_percents: Flags) -> Whole:
    """What lines pay of a payer's own fee for one procedure: the exact product of all that rules make of it. [cents]

    ``factors``: ``pricing.FACTORS``, null where a rule says nothing of the line; where none does, every unit pays the
    fee. ``holds_sides``, ``holds_percents``: whether the fee is for both sides, or for a modifier's percent, already.
    """
    parts = [
        (fee, np.ones_like(fee)),
        _fraction(factors["bilateral_factor"], FACTOR_PLACES, holds_sides),
        _fraction(factors["modifier_factor"], _MODIFIER_PLACES, holds_percents),
        _fraction(factors["practitioner_factor"], FACTOR_PLACES, np.zeros(len(fee), np.bool_)),
        (
            factors["procedures_paid"].fill_null(pl.Series(units)).to_numpy(),
            factors["procedures_paid_of"].fill_null(1).to_numpy(),
        ),
    ]
    numbers, divisors = zip(*parts, strict=True)
    most = sum(prod(int(each.max(initial=1)) for each in side) for side in (numbers, divisors))
    if 2 * most < 2**63:
        number, divisor = reduce(mul, numbers), reduce(mul, divisors)
        whole: Whole = (2 * number + divisor) // (2 * divisor)
        return whole
    wide = [reduce(mul, (pl.lit(pl.Series(each)).cast(pl.Int128) for each in side)) for side in (numbers, divisors)]
    return pl.select(((2 * wide[0] + wide[1]) // (2 * wide[1])).cast(pl.Int64)).to_series().to_numpy()


def _fraction(factor: pl.Series, places: int, is_held: Flags) -> tuple[Whole, Whole]:
    """A factor in lowest terms, so that a product of several fits; 1 where it is null or the fee holds it already."""
    one = 10**places
    scaled = factor.cast(pl.Decimal(18, places)).to_physical().cast(pl.Int64).fill_null(one).to_numpy()
    number = np.where(is_held, one, scaled)
    common = np.gcd(number, one)
    return number // common, one // common


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
