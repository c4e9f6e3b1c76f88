"""Schedules to price with: the starter data, whose figures are CMS's."""

from pathlib import Path

import pytest

from feecalc.installed import open_schedule
from feecalc.pricing.schedule import FeeSchedule


@pytest.fixture(scope="session")
def c26() -> FeeSchedule:
    """RVU26C, starter data."""
    return open_schedule("2026C", home=Path("no-such-folder")).schedule


@pytest.fixture(scope="session")
def d25() -> FeeSchedule:
    """RVU25D, starter data."""
    return open_schedule("2025D", home=Path("no-such-folder")).schedule
