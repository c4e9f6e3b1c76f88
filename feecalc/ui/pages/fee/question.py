"""The service that the page Fee prices, and the calls that price it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from feecalc.pricing.comparison import across_releases
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.price import Price
from feecalc.pricing.schedule import FeeSchedule


@dataclass(frozen=True)
class Question:
    """One service in one place. ``day`` is None where the release's first day is meant."""

    schedule: FeeSchedule
    code: str
    modifiers: tuple[str, ...]
    place_of_service: str
    units: int
    locality: Locality | None
    day: date | None
    qp: bool
    gpci_floor: bool
    participating: bool
    provider_type: str
    minutes: int | None
    present_at_induction: bool
    postoperative_days: int | None

    def at(self, place_of_service: str) -> Question:
        """Return the same question for another place of service."""
        return replace(self, place_of_service=place_of_service)

    def price(self) -> Price:
        """Price the service as ``feecalc price`` does. Raises an InputError for what cannot be priced as entered."""
        return self.schedule.price(
            self.code,
            self.modifiers,
            place_of_service=self.place_of_service,
            locality=self.locality,
            day=self.day,
            qp=self.qp,
            gpci_floor=self.gpci_floor,
            participating=self.participating,
            provider_type=self.provider_type,
            minutes=self.minutes,
            present_at_induction=self.present_at_induction,
            units=self.units,
            postoperative_days=self.postoperative_days,
        )

    @property
    def row_modifier(self) -> str:
        """Return the modifier that has a row of its own in the release (26, TC), "" for the global service."""
        return next((modifier for modifier in self.modifiers if self.schedule.holds(self.code, modifier)), "")

    def through(self, schedules: Sequence[FeeSchedule]) -> pl.DataFrame:
        """Return one unit of the code's own row in each release, as ``feecalc compare --across releases`` gives it."""
        return across_releases(
            schedules,
            [self.code],
            modifier=self.row_modifier,
            locality=None if self.locality is None else self.locality.key,
            qp=self.qp,
            gpci_floor=self.gpci_floor,
        )
