"""What the page Practice forecast keeps of what is typed: as the scenario's file has it, and back."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from feecalc.errors import InvalidValue
from feecalc.files.toml import toml_text
from feecalc.scenarios.scenario.reading import read_scenario, scenario_of
from feecalc.ui.pages.forecast.draft import state
from feecalc.ui.pages.forecast.draft.files import edited, rows_of
from feecalc.ui.pages.forecast.form.sheet import Column, PagePlaces, payer_read, payer_shown, typed_into
from feecalc.ui.shared.uploads import taken

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


def test_toml_is_read_as_it_was():
    tables = tomllib.loads((SAMPLES / "scenario.toml").read_text(), parse_float=Decimal)
    odd = {"name": 'a "b" \\ \n\x7f é', "list": ["x", 1], "day": date(2027, 1, 1), "no": [], "a.b": Decimal("1.50")}
    odd |= {"t": {"x y": {"p": True}}, "rows": [{"n": 1, "inner": [{"m": 2}]}, {"n": 2}]}
    for each in (tables, odd):
        assert tomllib.loads(toml_text(each), parse_float=Decimal) == each


def test_what_is_typed_into_a_grid():
    columns = [Column("name", "Name", needed=True), Column("share", "Share", "number"), Column("day", "Day", "day")]
    rows = [{"name": "a", "share": Decimal("10.0"), "kept": 1}, {"name": "b", "share": Decimal(2)}, {"name": "c"}]
    typed = {
        "edited_rows": {0: {"share": 12.5}, 1: {"name": None, "share": None}},
        "deleted_rows": [2],
        "added_rows": [{"name": "d", "day": "2027-02-01"}, {}, {"share": None}],
    }
    assert typed_into(rows, typed, columns) == [
        {"name": "a", "share": Decimal("12.5"), "kept": 1},
        {"name": ""},
        {"name": "d", "day": date(2027, 2, 1)},
    ]


def test_terms_go_to_the_grid_and_back():
    scenario = read_scenario(SAMPLES / "scenario.toml")
    tables = tomllib.loads((SAMPLES / "scenario.toml").read_text(), parse_float=Decimal)
    assert [payer_read(payer_shown(row)) for row in tables["payer"]] == tables["payer"]
    lost = [payer_read(payer_shown(row)) for row in tables["payer"]]
    lost[3]["percent"] = ""
    wrong = tables | {"payer": lost}
    with pytest.raises(InvalidValue, match=r"Payers, workers' compensation, Percent: '' is not a number"):
        scenario_of(wrong, PagePlaces(wrong))
    assert scenario.payer[3].percent == 110


def test_a_renamed_payer_is_renamed_everywhere():
    tables = tomllib.loads((SAMPLES / "scenario.toml").read_text(), parse_float=Decimal)
    after = [row | ({"name": "Gulf"} if row["name"].startswith("Gulf") else {}) for row in tables["payer"]]
    changes = {"payer": state.renames(tables["payer"], after), "event": {"a fourth physician": "hire"}}
    assert changes["payer"] == {"Gulf Coast Health Plan": "Gulf"}
    found = state.renamed(tables | {"payer": after}, changes)
    assert [row["payer"] for row in found["event"] if "payer" in row] == ["Gulf"]
    assert "Gulf" in found["alternative"][2]["share"]
    assert found["alternative"][1]["without"] == ["hire"]


def test_rows_that_are_off_leave_the_scenario_and_the_alternatives_that_name_them():
    tables = tomllib.loads((SAMPLES / "scenario.toml").read_text(), parse_float=Decimal)
    tables["event"][2][state.OFF] = True
    kept = state.scenario_tables(tables)
    assert len(kept["event"]) == 4
    assert kept["alternative"][0]["without"] == []
    assert scenario_of(kept, PagePlaces(kept)).event[2].name == "Gulf Coast renews at 125"


def test_a_volume_is_edited_as_text():
    given = taken("v.csv", b"CPT,Mod,Units\n00100,,7\n99214,25,3\n")
    rows = rows_of(given, given.digest)
    assert (rows.codes, rows.numbers) == (("00100", "99214"), ("Units",))
    assert edited(given, rows, {}) is given
    found = edited(given, rows, {"edited_rows": {1: {"Units": 4}}, "added_rows": [{"CPT": "64493", "Units": 2}]})
    assert found.content == b"CPT,Mod,Units\n00100,,7\n99214,25,4\n64493,,2\n"
    assert found.name == "v edited.csv"
    assert edited(found, rows_of(found, found.digest), {"deleted_rows": [0]}).name == "v edited.csv"
