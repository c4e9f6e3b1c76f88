"""Pricers for what Medicare itself has not: another conversion factor, one day's rules for lines of every day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from feecalc.money import FACTOR_PLACES, whole
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.schedule import FeeSchedule


def pricer_with_factor(releases: Sequence[ReleaseDays], rules: ClaimRules, factor: Decimal | None) -> ClaimPricer:
    """Return a pricer whose conversion factor may be another than Medicare's. [USD per RVU]"""
    return ClaimPricer([_with_factor(each, factor) for each in releases], rules)


def pricer_of_day(schedule: FeeSchedule, day: date, rules: ClaimRules, factor: Decimal | None) -> ClaimPricer:
    """Return a pricer by one release and the rules of one day, whatever day a line is of."""
    return ClaimPricer([_with_factor(ReleaseDays(schedule, day, day), factor)], rules, day)


def _with_factor(release: ReleaseDays, factor: Decimal | None) -> ReleaseDays:
    if factor is None:
        return release
    scaled = whole(factor, FACTOR_PLACES)
    return replace(release, factors=(scaled, scaled))
