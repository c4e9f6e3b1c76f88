"""What a volume or claims are priced by: a release, and the choices that are not Medicare's for everybody.

Claim lines of one year are priced by another year's release on the same days of that year, so that two years' releases
price the same claims.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from feecalc.money import FACTOR_PLACES, exact
from feecalc.pricing.rules.conversion_factor import conversion_factor
from feecalc.pricing.schedule import FeeSchedule

GIVEN_ON = "given_on"


@dataclass(frozen=True)
class Terms:
    """What lines or a volume are priced by. ``conversion_factor`` replaces Medicare's where given. [USD per RVU]"""

    schedule: FeeSchedule
    qp: bool = False
    gpci_floor: bool = True
    conversion_factor: Decimal | None = None

    @property
    def name(self) -> str:
        """Return the release's name, and what of its terms is not Medicare's for everybody."""
        said = [
            self.schedule.release.name,
            *(["QP"] if self.tracks_qp else []),
            *([] if self.gpci_floor else ["without the work GPCI floor"]),
            *([] if self.conversion_factor is None else [f"factor {self.conversion_factor}"]),
        ]
        return ", ".join(said)

    @property
    def day(self) -> date:
        return self.schedule.release.day(None)

    @property
    def tracks_qp(self) -> bool:
        """Return whether the QP factor is taken: where it is wanted and the year has one."""
        return self.qp and self.schedule.has_qp_track

    @property
    def factor(self) -> Decimal:
        """Return the conversion factor. [USD per RVU]"""
        if self.conversion_factor is not None:
            return self.conversion_factor
        return exact(conversion_factor(self.day, qp=self.tracks_qp).scaled, FACTOR_PLACES)


def shifts_years(former: Terms, latter: Terms) -> bool:
    """Return whether the two releases price different years, so that one prices the lines as if given in its own."""
    return former.schedule.release.year != latter.schedule.release.year


def as_given_in(claims: pl.LazyFrame, side: Terms, paid_by: Terms | None = None) -> pl.LazyFrame:
    """Return the lines on the same days of the release's year, the days they were given on kept as ``given_on``.

    ``paid_by`` is the side whose conversion factor is taken, by default the same. A person's choice of the QP factor
    is for all lines; without it each line has what its file says, but a year with one factor has no other.
    """
    factor = paid_by or side
    schema = claims.collect_schema()
    day = pl.col(GIVEN_ON if GIVEN_ON in schema else "date_of_service")
    years = pl.lit(side.schedule.release.year) - day.dt.year()
    moved = [day.alias(GIVEN_ON), day.dt.offset_by(pl.format("{}y", years)).alias("date_of_service")]
    if not factor.schedule.has_qp_track or factor.qp:
        moved.append(pl.lit(factor.tracks_qp).alias("qp"))
    return claims.with_columns(moved)
