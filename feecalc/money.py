"""Exact figures as scaled integers: hundredths of an RVU, thousandths of an index, ten-thousandths of a factor, cents.

A product of the first three fits 64 bits with room: 10^5 x 10^4 x 10^7 is 10^16. Here stand the one rounding of feecalc
(halves away from zero, as CMS rounds) and the one way an amount is written for a person; every other file takes them
from here.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

RVU_PLACES = 2
INDEX_PLACES = 3
FACTOR_PLACES = 4
MONEY_PLACES = 2
PERCENT_PLACES = 2

_WIDEST = 18


def whole(value: Decimal | str, places: int) -> int:
    """Return ``value`` in units of ``10**-places``. Raises ValueError where it has more places than that."""
    scaled = Decimal(value).scaleb(places)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{value} has more than {places} decimal places")
    return int(scaled)


def exact(count: int, places: int) -> Decimal:
    """Return the decimal that ``count`` units of ``10**-places`` are, its zeros kept."""
    return Decimal(int(count)).scaleb(-places)


def fewest(value: Decimal, places: int) -> Decimal:
    """Return ``value`` with the decimals it needs, and at least ``places``."""
    bare = value.normalize()
    needed = -int(bare.as_tuple().exponent)
    return bare.quantize(Decimal(1).scaleb(-max(needed, places)))


def scaled(column: pl.Series, places: int) -> pl.Series:
    """Return a decimal column as integers of ``10**-places``."""
    import polars as pl

    return column.cast(pl.Decimal(_WIDEST, places)).to_physical().cast(pl.Int64)


def money(cents: pl.Expr) -> pl.Expr:
    """Return cents as dollars with two decimals, exactly: the same whole number read as a decimal."""
    import polars as pl

    return cents.cast(pl.Int128).reinterpret(dtype=pl.Decimal(_WIDEST, MONEY_PLACES))


def rounded(number: Any, divisor: Any) -> Any:
    """Return ``number / divisor`` to the nearest whole, halves up, for numbers from 0 up and divisors above 0.

    Takes and gives Python integers, numpy arrays of integers, or polars expressions of integers, which give the same
    whole number as long as the number and half the divisor fit them.
    """
    return (number + divisor // 2) // divisor


def rounded_to(value: Decimal, places: int) -> Decimal:
    """Return ``value`` with that many decimals, halves away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def percent_of(cents: int, percent: str) -> int:
    """Return ``percent`` of an amount, rounded once to the cent, halves up. [cents]"""
    return int(rounded(cents * whole(percent, PERCENT_PLACES), 100 * 10**PERCENT_PLACES))


def usd(amount: Decimal, places: int = MONEY_PLACES) -> str:
    """Return an amount of dollars as a person reads it: $1,234.50, or -$1,234.50; with 0 ``places``: $1,235."""
    rounded_amount = rounded_to(amount, places)
    return f"{'-' if rounded_amount < 0 else ''}${abs(rounded_amount):,}"


def signed_usd(amount: Decimal, places: int = MONEY_PLACES) -> str:
    """Return a change in dollars with its sign: +$1,234.50 or -$1,234.50; a change that rounds to 0 has none."""
    return f"{'+' if rounded_to(amount, places) > 0 else ''}{usd(amount, places)}"
