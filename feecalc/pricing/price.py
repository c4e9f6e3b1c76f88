"""The circumstances of one service, and what Medicare allows for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from feecalc.pricing.places.locality import Locality
from feecalc.pricing.receipt import Step, dollars


@dataclass(frozen=True)
class Circumstances:
    """Describe a service but for its code: when, where, by whom."""

    day: date
    place_of_service: str
    locality: Locality | None
    qp: bool
    gpci_floor: bool
    participating: bool
    provider_type: str
    minutes: int | None
    present_at_induction: bool


@dataclass(frozen=True)
class Price:
    """Hold what Medicare allows for one service, with its receipt: what ``FeeSchedule.price`` returns.

    Returns
    -------
    fee_schedule_amount : Decimal or None
        That of the row paid, not capped, as on a claim line. [USD, for all units]
    opps_cap : Decimal or None
        What the hospital would be paid, the most for imaging. [USD]
    allowed_amount : Decimal or None
        This biller's, after the rules of modifiers, the cap, the practitioner's percent and participation. [USD]
    limiting_charge : Decimal or None
        The most a nonparticipating physician may charge unassigned; None for who must take assignment. [USD]
    pricing_status, reason : str
        "priced", or why there is no amount.
    steps : tuple of Step
        The receipt: name, detail, value, unit, source.
    release, sha256, starter, day, hcpcs, modifier, description, place_of_service, setting, locality, qp, participating,
    provider_type, status_indicator, notes, units
        What was priced, and by what; ``modifier`` holds several with commas between.

    Source
    ------
    SSA 1848(b)(1); Pub. 100-04 ch. 12 sec. 20. Each step names its own.

    Example
    -------
    >>> import feecalc
    >>> price = feecalc.open_schedule("2026C").price("64493", place_of_service="22", locality="Miami, FL")
    >>> price.allowed_amount, price.steps[-1].name
    (Decimal('89.77'), 'fee schedule amount')
    """

    release: str
    starter: bool
    sha256: str
    day: date
    hcpcs: str
    modifier: str
    description: str
    place_of_service: str
    setting: str
    locality: Locality | None
    qp: bool
    participating: bool
    provider_type: str
    status_indicator: str
    pricing_status: str
    reason: str
    notes: tuple[str, ...]
    fee_schedule_amount: Decimal | None
    opps_cap: Decimal | None
    allowed_amount: Decimal | None
    limiting_charge: Decimal | None
    steps: tuple[Step, ...]
    units: int = 1

    def as_dict(self) -> dict[str, Any]:
        """Return the price as JSON holds it: amounts as numbers of dollars, days as text."""
        place = self.locality
        return {
            "release": self.release,
            "starter": self.starter,
            "sha256": self.sha256,
            "date_of_service": self.day.isoformat(),
            "hcpcs": self.hcpcs,
            "modifier": self.modifier,
            "units": self.units,
            "description": self.description,
            "place_of_service": self.place_of_service,
            "setting": self.setting,
            "mac": place.mac if place else None,
            "locality": place.locality if place else None,
            "locality_name": place.name if place else None,
            "state": place.state if place else None,
            "national": place is None,
            "qp": self.qp,
            "participating": self.participating,
            "provider_type": self.provider_type,
            "status_indicator": self.status_indicator,
            "pricing_status": self.pricing_status,
            "reason": self.reason,
            "notes": list(self.notes),
            "fee_schedule_amount": dollars(self.fee_schedule_amount),
            "opps_cap": dollars(self.opps_cap),
            "allowed_amount": dollars(self.allowed_amount),
            "limiting_charge": dollars(self.limiting_charge),
            "steps": [step.as_dict() for step in self.steps],
        }
