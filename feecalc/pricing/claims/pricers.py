"""Pricers that differ from Medicare's: another conversion factor, or one day's rules for lines of any day."""

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
    """Return a pricer with a conversion factor in place of Medicare's; None keeps Medicare's. [USD per RVU]"""
    return ClaimPricer([_with_factor(release, factor) for release in releases], rules)


def pricer_of_year(schedule: FeeSchedule, rules: ClaimRules, factor: Decimal | None) -> ClaimPricer:
    """Return a pricer of every day of the release's year. ``factor`` is for all but anesthesia. [USD per RVU]"""
    return pricer_with_factor([ReleaseDays.of_year(schedule)], rules, factor)


def pricer_of_day(schedule: FeeSchedule, day: date, rules: ClaimRules, factor: Decimal | None) -> ClaimPricer:
    """Return a pricer by one release and the rules of one day, whatever the line's day of service."""
    return ClaimPricer([_with_factor(ReleaseDays(schedule, day, day), factor)], rules, day)


def _with_factor(release: ReleaseDays, factor: Decimal | None) -> ReleaseDays:
    if factor is None:
        return release
    scaled = whole(factor, FACTOR_PLACES)
    return replace(release, factors=(scaled, scaled))
