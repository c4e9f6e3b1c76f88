"""The tables that pictures and files of a forecast are made of."""

import tomllib
from datetime import date
from decimal import Decimal

from scenarios.forecast.written import SMALL

from feecalc.files.toml import TomlPlaces
from feecalc.scenarios.forecast.tables import timeline_table
from feecalc.scenarios.scenario.reading import scenario_of


def test_an_event_without_an_end_lasts_until_the_next_of_its_kind():
    tables = tomllib.loads(SMALL) | {
        "event": [
            {"name": "a", "kind": "sequestration", "percent": 1, "effective_from": date(2027, 1, 1)},
            {"name": "b", "kind": "sequestration", "percent": 3, "effective_from": date(2028, 7, 1), "odds": 40},
            {"name": "gone", "kind": "gpci_floor_lapse", "effective_from": date(2024, 1, 1),
             "effective_to": date(2025, 12, 31)},
            {"name": "late", "kind": "gpci_floor_lapse", "effective_from": date(2031, 1, 1)},
        ]
    }
    found = timeline_table(scenario_of(tables, TomlPlaces("small.toml", "")), 3)
    assert list(found.select("event", "first", "last", "odds").iter_rows()) == [
        ("a", date(2027, 1, 1), date(2028, 6, 30), Decimal(100)),
        ("b", date(2028, 7, 1), date(2029, 12, 31), Decimal(40)),
    ]
    assert found["kind"].to_list() == ["sequestration", "sequestration"]
