"""The relative value rows that price a qualifying participant (QP): CMS's QPP member, and what it leaves out.

From 2026 CMS prints two relative value members. The hospital's dollars are the same for everybody, so the QPP member
has "used for OPPS" relative values of its own: the same dollars over the QP factor. Where a release holds no row of the
QPP member, the nonQPP row's are scaled by the ratio of the two factors, rounded to two decimals: so every pair of rows
of CMS's own members that was seen stands to each other (PPRRVU2026_Oct_nonQPP and _QPP).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from feecalc.money import FACTOR_PLACES, RVU_PLACES, rounded, scaled
from feecalc.pricing.rules.conversion_factor import conversion_factor

_KEY = ["hcpcs", "modifier"]
_OPPS = ("opps_pe_rvu_nonfacility", "opps_pe_rvu_facility", "opps_mp_rvu")


@dataclass(frozen=True)
class QpRows:
    """Hold the rows that price QPs.

    ``rvu``: shape of the relative value table; the rows of the nonQPP member in their order, then those that the QPP
    member alone has. ``printed``: whether each row is the QPP member's own. [Boolean]
    """

    rvu: pl.DataFrame
    printed: pl.Series

    @classmethod
    def of(cls, rvu: pl.DataFrame, rvu_qp: pl.DataFrame | None, day: date) -> QpRows:
        """Put the two members together. ``rvu_qp`` is None where the release has no QPP member.

        ``day``: one on which QPs have a factor of their own; the release's first.
        """
        own = rvu.clear() if rvu_qp is None else rvu_qp.select(rvu.columns)
        lacking = rvu.with_row_index("at").join(own, on=_KEY, how="anti").sort("at")
        positions = rvu.select(_KEY).with_row_index("at")
        if lacking.height:
            lacking = lacking.with_columns(*_scaled(lacking, day))
        theirs = own.join(positions, on=_KEY, how="left", maintain_order="left").with_columns(printed=pl.lit(True))
        others = lacking.with_columns(printed=pl.lit(False)).select(theirs.columns)
        together = pl.concat([theirs, others]).sort("at", nulls_last=True, maintain_order=True)
        return cls(together.select(rvu.columns), together["printed"])


def _scaled(rows: pl.DataFrame, day: date) -> list[pl.Series]:
    """Return the OPPS columns times the row's factor over the QP factor, rounded to two decimals, halves up."""
    printed, own = scaled(rows["conversion_factor"], FACTOR_PLACES), conversion_factor(day, qp=True).scaled
    found = []
    for name in _OPPS:
        hundredths = rounded(scaled(rows[name], RVU_PLACES) * printed, own)
        found.append(_as_decimal(hundredths, rows.schema[name]).alias(name))
    return found


def _as_decimal(hundredths: pl.Series, kind: pl.DataType) -> pl.Series:
    return (hundredths.cast(pl.Int128).reinterpret(dtype=pl.Decimal(18, RVU_PLACES))).cast(kind)
