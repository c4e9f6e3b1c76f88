"""Scenarios written to a folder and opened on starter data, national amounts."""

from pathlib import Path

import pytest

from feecalc.installed import open_schedule
from feecalc.scenarios.forecast.opening import open_plan
from feecalc.scenarios.scenario.reading import read_scenario

VOLUME = """hcpcs,place_of_service,units,billed_amount
99213,11,1000,180.00
64493,11,100,900.00
"""
BASIC = """
name = "small"
base_year = 2026
volume = "volume.csv"

[practice]
name = "Made-up"

[[location]]
name = "Main"
locality = "national"
"""


@pytest.fixture(scope="session")
def c26():
    """RVU26C, starter data."""
    return open_schedule("2026C", home=Path("no-such-folder")).schedule


@pytest.fixture
def scenario(tmp_path):
    """Read a scenario: BASIC, then the text given; the volume beside it."""

    def read(text, volume=VOLUME, basic=BASIC):
        (tmp_path / "volume.csv").write_text(volume)
        path = tmp_path / "scenario.toml"
        path.write_text(basic + text)
        return read_scenario(path)

    return read


@pytest.fixture
def plan(tmp_path, c26, scenario):
    """Open a scenario over so many years."""

    def make(text, years=3, volume=VOLUME, basic=BASIC, facility=None):
        return open_plan(scenario(text, volume, basic), tmp_path, c26, years, facility=facility).plan

    return make
