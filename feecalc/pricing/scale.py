"""Exact figures as scaled integers: hundredths of an RVU, thousandths of an index, ten-thousandths of a factor, cents.

A product of the first three fits 64 bits with room: 10^5 x 10^4 x 10^7 is 10^16.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

RVU_PLACES = 2
INDEX_PLACES = 3
FACTOR_PLACES = 4
MONEY_PLACES = 2
PERCENT_PLACES = 2

_WIDEST = 18


def whole(value: Decimal | str, places: int) -> int:
    """``value`` in units of ``10**-places``. Raises ValueError where it has more places than that."""
    scaled = Decimal(value).scaleb(places)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{value} has more than {places} decimal places")
    return int(scaled)


def exact(count: int, places: int) -> Decimal:
    """The decimal that ``count`` units of ``10**-places`` are, its zeros kept."""
    return Decimal(int(count)).scaleb(-places)


def fewest(value: Decimal, places: int) -> Decimal:
    """``value`` with the decimals it needs, and at least ``places``."""
    bare = value.normalize()
    needed = -int(bare.as_tuple().exponent)
    return bare.quantize(Decimal(1).scaleb(-max(needed, places)))


def scaled(column: pl.Series, places: int) -> pl.Series:
    """A decimal column as integers of ``10**-places``."""
    return column.cast(pl.Decimal(_WIDEST, places)).to_physical().cast(pl.Int64)


def money(cents: pl.Expr) -> pl.Expr:
    """Cents as dollars with two decimals, exactly: the same whole number read as a decimal."""
    return cents.cast(pl.Int128).reinterpret(dtype=pl.Decimal(_WIDEST, MONEY_PLACES))


def rounded_quotient(number: int, divisor: int) -> int:
    """``number / divisor`` to the nearest whole, halves away from zero, for numbers from 0 up."""
    return (2 * number + divisor) // (2 * divisor)


def percent_of(cents: int, percent: str) -> int:
    """``percent`` of an amount, rounded once to the cent, halves up. [cents]"""
    return rounded_quotient(cents * whole(percent, PERCENT_PLACES), 100 * 10**PERCENT_PLACES)
