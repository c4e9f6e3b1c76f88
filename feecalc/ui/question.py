"""What a person asks of the Fee page, and the one call that answers it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from feecalc.pricing.places.locality import Locality
from feecalc.pricing.price import Price
from feecalc.pricing.schedule import FeeSchedule


@dataclass(frozen=True)
class Question:
    """One service in one place. ``day`` is None where the release's first day is meant."""

    schedule: FeeSchedule
    code: str
    modifier: str
    place_of_service: str
    locality: Locality | None
    day: date | None
    qp: bool
    gpci_floor: bool
    participating: bool
    provider_type: str
    minutes: int | None
    present_at_induction: bool

    def at(self, place_of_service: str) -> Question:
        """The same question for another place of service."""
        return replace(self, place_of_service=place_of_service)

    def price(self) -> Price:
        """The answer, as ``feecalc price`` gives it. Raises an InputError for what cannot be priced as asked."""
        return self.schedule.price(
            self.code,
            self.modifier,
            place_of_service=self.place_of_service,
            locality=self.locality,
            day=self.day,
            qp=self.qp,
            gpci_floor=self.gpci_floor,
            participating=self.participating,
            provider_type=self.provider_type,
            minutes=self.minutes,
            present_at_induction=self.present_at_induction,
        )
