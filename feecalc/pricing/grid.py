"""Amounts of many rows in many localities at once: arrays [row, locality] of cents, by the one formula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.pricing import formula
from feecalc.pricing.scale import RVU_PLACES, Whole, whole_column

_BLOCK = 1 << 15  # amounts at a time: what a core's cache holds


@dataclass(frozen=True)
class RvuColumns:
    """The relative values of rows as integers. [hundredths of an RVU]  Shape of each: [row]."""

    work: Whole
    pe_nonfacility: Whole
    pe_facility: Whole
    mp: Whole
    opps_pe_nonfacility: Whole
    opps_pe_facility: Whole
    opps_mp: Whole

    @classmethod
    def of(cls, rvu: pl.DataFrame) -> RvuColumns:
        """The columns of a relative value table."""
        names = (
            "work_rvu", "pe_rvu_nonfacility", "pe_rvu_facility", "mp_rvu",
            "opps_pe_rvu_nonfacility", "opps_pe_rvu_facility", "opps_mp_rvu",
        )  # fmt: skip
        return cls(*(whole_column(rvu[name], RVU_PLACES) for name in names))

    def rows(self, chosen: Whole | slice) -> RvuColumns:
        """The chosen rows."""
        return RvuColumns(
            self.work[chosen],
            self.pe_nonfacility[chosen],
            self.pe_facility[chosen],
            self.mp[chosen],
            self.opps_pe_nonfacility[chosen],
            self.opps_pe_facility[chosen],
            self.opps_mp[chosen],
        )


@dataclass(frozen=True)
class Indices:
    """The indices of localities as integers. [thousandths]  Shape of each: [locality]."""

    work: Whole
    pe: Whole
    mp: Whole


@dataclass(frozen=True)
class Amounts:
    """Cents in both settings. Shape of each: [row, locality]."""

    nonfacility: Whole
    facility: Whole


def _by_block(rows: int, across: int) -> list[slice]:
    step = max(1, _BLOCK // max(1, across))
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


def _amounts(work: Whole, pe: tuple[Whole, Whole], mp: Whole, indices: Indices, conversion_factor: int) -> Amounts:
    shape = (len(work), len(indices.work))
    found = np.empty(shape, np.int64), np.empty(shape, np.int64)
    for block in _by_block(*shape):
        shared = formula.setting_free(work[block, None], indices.work, mp[block, None], indices.mp)
        for amounts, pe_rvu in zip(found, pe, strict=True):
            adjusted = shared + pe_rvu[block, None] * indices.pe
            amounts[block] = formula.cents(adjusted, conversion_factor)
    return Amounts(*found)


def fees(rows: RvuColumns, indices: Indices, conversion_factor: int) -> Amounts:
    """Fee schedule amounts, not capped: as CMS's payment amount files print them."""
    return _amounts(rows.work, (rows.pe_nonfacility, rows.pe_facility), rows.mp, indices, conversion_factor)


def opps_amounts(rows: RvuColumns, indices: Indices, conversion_factor: int) -> Amounts:
    """Amounts from the used-for-OPPS columns: the ceiling of Deficit Reduction Act 5102(b)."""
    pe = (rows.opps_pe_nonfacility, rows.opps_pe_facility)
    return _amounts(rows.work, pe, rows.opps_mp, indices, conversion_factor)
