"""What a volume or claims are priced by: a release, and the choices that are not Medicare's for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from feecalc.money import FACTOR_PLACES, exact
from feecalc.pricing.rules.conversion_factor import conversion_factor
from feecalc.pricing.schedule import FeeSchedule


@dataclass(frozen=True)
class Terms:
    """What one side is priced by. ``conversion_factor`` stands in place of Medicare's where given. [USD per RVU]"""

    schedule: FeeSchedule
    qp: bool = False
    gpci_floor: bool = True
    conversion_factor: Decimal | None = None

    @property
    def name(self) -> str:
        """The release's name, and what of its terms is not Medicare's for everybody."""
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
        """Whether the QP factor is taken: where it is asked for, and the year has one."""
        return self.qp and self.schedule.has_qp_track

    @property
    def factor(self) -> Decimal:
        """The conversion factor. [USD per RVU]"""
        if self.conversion_factor is not None:
            return self.conversion_factor
        return exact(conversion_factor(self.day, qp=self.tracks_qp).scaled, FACTOR_PLACES)
