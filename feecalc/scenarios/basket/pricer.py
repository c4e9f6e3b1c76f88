"""The claim engine of one release, by Medicare's conversion factor or another."""

from __future__ import annotations

from decimal import Decimal

from feecalc.contracts.paying.pricers import pricer_with_factor
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.schedule import FeeSchedule


def pricer_of(schedule: FeeSchedule, rules: ClaimRules, factor: Decimal | None) -> ClaimPricer:
    """A pricer of every day of the release's year. ``factor`` is for all but anesthesia. [USD per RVU]"""
    return pricer_with_factor([ReleaseDays.of_year(schedule)], rules, factor)
