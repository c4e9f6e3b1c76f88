"""Amounts of many rows in many localities at once: arrays [row, locality] of cents, by the one formula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feecalc.pricing import formula
from feecalc.pricing.arrays import Indices, Integers, RvuColumns

_BLOCK = 1 << 15  # amounts at a time: what a core's cache holds


@dataclass(frozen=True)
class Amounts:
    """Hold cents in both settings, and where wanted a percent of the nonfacility amount before it is rounded.

    Shape of each: [row, locality].
    """

    nonfacility: Integers
    facility: Integers
    percent: Integers | None = None


def _by_block(rows: int, across: int) -> list[slice]:
    step = max(1, _BLOCK // max(1, across))
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


def _amounts(
    work: Integers,
    pe: tuple[Integers, Integers],
    mp: Integers,
    indices: Indices,
    conversion_factor: int,
    percent: int | None,
) -> Amounts:
    shape = (len(work), len(indices.work))
    found = np.empty(shape, np.int64), np.empty(shape, np.int64)
    part = None if percent is None else np.empty(shape, np.int64)
    for block in _by_block(*shape):
        shared = formula.setting_free(work[block, None], indices.work, mp[block, None], indices.mp)
        for amounts, pe_rvu in zip(found, pe, strict=True):
            adjusted = shared + pe_rvu[block, None] * indices.pe
            amounts[block] = formula.cents(adjusted, conversion_factor)
            if part is not None and percent is not None and amounts is found[0]:
                part[block] = formula.percent_cents(adjusted, conversion_factor, percent)
    return Amounts(*found, part)


def fees(rows: RvuColumns, indices: Indices, conversion_factor: int, percent: int | None = None) -> Amounts:
    """Return fee schedule amounts, not capped: as CMS's payment amount files print them.

    ``percent``: also work out so much of the nonfacility amount. [hundredths of a percent]
    """
    return _amounts(rows.work, (rows.pe_nonfacility, rows.pe_facility), rows.mp, indices, conversion_factor, percent)


def opps_amounts(rows: RvuColumns, indices: Indices, conversion_factor: int, percent: int | None = None) -> Amounts:
    """Return amounts from the used-for-OPPS columns: the ceiling of Deficit Reduction Act 5102(b)."""
    pe = (rows.opps_pe_nonfacility, rows.opps_pe_facility)
    return _amounts(rows.work, pe, rows.opps_mp, indices, conversion_factor, percent)
