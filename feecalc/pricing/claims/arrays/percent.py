"""Percentages of whole cents, rounded once to the cent, halves up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from feecalc.money import rounded, whole
from feecalc.pricing.arrays import Integers

PLACES = 4  # of a rate: 13.6 percent is 1360 ten-thousandths
WHOLE = 10**PLACES


def rate(percent: str) -> int:
    """Return a percentage of a rule's row in ten-thousandths: "62.5" is 6250."""
    return whole(Decimal(percent) / 100, PLACES)


def share(cents: Integers, rates: Integers | int) -> Integers:
    """Return the amounts, none below 0, times a rate. [cents]"""
    shares: Integers = rounded(cents * rates, WHOLE)
    return shares


def by_rank(cents: Integers, before: Integers, count: Integers, rates: Sequence[int]) -> Integers:
    """Price ``count`` equal procedures, ``before`` others ranked higher, each at the rate of its rank. [cents]

    ``rates`` are those of ranks 1, 2, ...; the last one holds for every rank after it.
    """
    total = np.zeros_like(cents)
    after = before + count
    for rank, each in enumerate(rates[:-1], start=1):
        total += np.where((before < rank) & (rank <= after), share(cents, each), 0)
    rest = np.maximum(0, after - np.maximum(before, len(rates) - 1))
    total += rest * share(cents, rates[-1])
    return total


# The product of several rates keeps more places than one rate.
RATE_PLACES = 8
RATE_WHOLE = 10**RATE_PLACES
