"""The page Practice forecast: the command line's numbers, and what is typed or dropped in read by the one reader."""

import io
import json
import tomllib
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner
from ui.conftest import unescaped

from feecalc.cli import app as command
from feecalc.errors import InvalidValue
from feecalc.scenarios.forecast.tables import timeline_table
from feecalc.scenarios.scenario.reading import read_scenario, scenario_of
from feecalc.ui.pages.forecast.draft import files, names, saved, state
from feecalc.ui.pages.forecast.draft.toml_text import toml_text
from feecalc.ui.pages.forecast.draft.volume_rows import edited, rows_of
from feecalc.ui.pages.forecast.form.columns import PagePlaces, payer_read, payer_shown
from feecalc.ui.pages.forecast.form.sheet import Column, typed_into
from feecalc.ui.shared import scenario_files
from feecalc.ui.shared.uploads import taken

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
SMALL = """name = "small"
base_year = 2026
volume = "v.csv"
[practice]
name = "One room"
[[location]]
name = "Miami"
locality = "Miami, FL"
[[payer]]
name = "Medicare"
share = 100
medicare = true
"""
VOLUME = b"CPT,POS,Units,Charge\n64493,11,1000,900.00\n"


def _told(scenario, *more):
    """What the command line gives for a scenario's file."""
    found = CliRunner().invoke(command, ["forecast", str(scenario), "--json", *more])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def _sums(page):
    """Net by year, of the page's table."""
    table = page.table("Revenue, cost of events and net")
    return dict(table.select("year", "net").iter_rows())


@pytest.fixture(scope="module")
def sample():
    return _told(SAMPLES / "scenario.toml", "--draws", "10000", "--seed", "1")


def test_it_opens_with_the_sample_and_the_command_lines_numbers(opened, sample):
    page = opened("forecast")
    assert page.settings["Net of 2027 to 2029"] == f"${round(Decimal(sample['net'])):,}"
    assert _sums(page) == {str(row["year"]): float(row["net"]) for row in sample["years"]}
    cards = {f"{row['year']}{', counted' if row['year'] == 2026 else ''}": row["net"] for row in sample["years"]}
    assert {name: page.settings[name] for name in cards} == {
        name: f"${round(Decimal(net)):,}" for name, net in cards.items()
    }
    spread = page.table("Percentiles of the net")
    expected = [
        (row["p10"], row["p50"], row["p90"], row["chance_to_miss"]) for row in sample["draws"]["spread"]
    ]
    assert list(spread.select("p10", "p50", "p90", "chance_to_miss").iter_rows()) == [
        tuple(map(float, row)) for row in expected
    ]
    payers = page.table("Revenue by payer and year").to_dicts()
    assert {(row["payer"], year): row[year] for row in payers for year in row if year != "payer"} == {
        (row["payer"], str(row["year"])): float(row["revenue"]) for row in sample["by_payer"]
    }
    moved = page.table("What moves the net")
    assert [tuple(row) for row in moved.select("what", "low_difference", "high_difference").iter_rows()] == [
        (row["what"], float(row["low_difference"]), float(row["high_difference"])) for row in sample["tornado"]
    ]
    beside = page.table("Net by year of the plan")
    assert beside["difference"].to_list() == [0.0, *(float(row["difference"]) for row in sample["alternatives"])]
    assert page.table("Volume, shares and rates")["at"][0] == "-1.70 %"  # as the README shows it
    assert any("RVU26C" in said and "33.4009" in said and "Miami" in said for said in page.said("caption"))
    assert len(page.charts) == 5
    assert not page.said("error")


def test_fewer_years_and_another_seed_are_the_command_lines(opened):
    page = opened("forecast", years="1", draws="500", seed="7")
    told = _told(SAMPLES / "scenario.toml", "--years", "1", "--draws", "500", "--seed", "7")
    assert _sums(page) == {str(row["year"]): float(row["net"]) for row in told["years"]}
    page.choose("forecast_years", 2)
    told = _told(SAMPLES / "scenario.toml", "--years", "2", "--draws", "500", "--seed", "7")
    assert _sums(page) == {str(row["year"]): float(row["net"]) for row in told["years"]}
    spread = page.table("Percentiles of the net")
    assert spread["p50"].to_list() == [float(row["p50"]) for row in told["draws"]["spread"]]
    assert page.address["years"] == "2"


def test_years_of_the_address_that_there_are_none_of_are_said(opened):
    page = opened("forecast", years="40")
    assert any("40" in said and "from 1 to 10" in said for said in page.said("info"))
    assert len(_sums(page)) == 4


def test_growth_and_target_are_typed(opened, tmp_path):
    page = opened("forecast")
    (growth,) = [each for each in page.app.number_input if each.label.startswith("Growth of the volume")]
    page.choose(growth.key, 5.0)
    text = (SAMPLES / "scenario.toml").read_text().replace("[growth]\nvolume = 2", "[growth]\nvolume = 5")
    for each in ("volume.csv", "contracts/gulf.toml", "contracts/bay.toml"):
        (tmp_path / each).parent.mkdir(exist_ok=True)
        (tmp_path / each).write_bytes((SAMPLES / each).read_bytes())
    (tmp_path / "s.toml").write_text(text)
    told = _told(tmp_path / "s.toml")
    assert _sums(page) == {str(row["year"]): float(row["net"]) for row in told["years"]}
    (target,) = [each for each in page.app.number_input if each.label.startswith("Target")]
    page.choose(target.key, 1.0)
    assert page.settings["Chance to miss $1 a year"] == "0.00 %"


def test_shares_that_do_not_add_up_are_refused_and_the_page_stays(opened):
    page = opened("forecast")
    draft = page.app.session_state["forecast_draft"]
    draft.tables["payer"][0]["share"] = Decimal(40)
    page.run()
    assert any("add up to 94, not 100" in said for said in page.said("error"))
    assert page.table("Payers")["share"].to_list() == [40, 27, 15, 8, 4]


def test_an_own_scenario_asks_for_its_volume_and_takes_it(opened):
    page = opened("forecast").drop("forecast_drop_scenario", "mine.toml", SMALL.encode())
    assert any("names the file 'v.csv'" in said for said in page.said("error"))
    page.drop("forecast_drop_volume", "v.csv", VOLUME)
    assert not page.said("error")
    # CMS's amount in Miami, 203.12, a thousand times; Medicare's 80 % less 2 % sequestration: 203,120 x 0.984
    assert _sums(page)["2026"] == 199_870.08


@pytest.mark.parametrize(
    ("key", "name", "content", "said"),
    [
        ("scenario", "a.toml", b"", "a.toml is empty"),
        ("scenario", "a.toml", b"base_year = [", "a.toml: not TOML"),
        ("scenario", "a.toml", SMALL.replace("share", "shore").encode(), "did you mean 'share'"),
        ("volume", "v.csv", b"", "v.csv is empty"),
        ("volume", "v.csv", b"CPT,POS\n", "v.csv: no rows"),
        ("contract", "scenario.toml", b"percent = 100", "cannot be taken"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(opened, key, name, content, said):
    page = opened("forecast").drop(f"forecast_drop_{key}", name, content)
    assert any(said in each for each in page.said("error")), page.said("error")
    assert page.settings  # the forecast stands as it was


def test_a_volume_without_units_is_refused_by_its_place(opened):
    page = opened("forecast").drop("forecast_drop_volume", "v.csv", b'CPT,Locality,Units\n99214,"Miami, FL",x\n')
    assert any("row 1 below the headings: units" in each for each in page.said("error"))


def test_nothing_beside_what_was_dropped_in_is_read(opened):
    outside = SMALL.replace("v.csv", "../../../../etc/hostname")
    page = opened("forecast").drop("forecast_drop_scenario", "mine.toml", outside.encode())
    assert any("names the file 'hostname'" in said for said in page.said("error"))
    contract = b'payer = "P"\npercent = 100\n[fee_table]\npath = "/etc/hostname"\n'
    with (
        pytest.raises(InvalidValue, match="drop that file in"),
        files.folder_of(SMALL, {}, {"c.toml": taken("c.toml", contract)}),
    ):
        pass


def test_an_event_is_added_taken_out_and_left_out(opened, sample):
    page = opened("forecast").press("Add")
    draft = page.app.session_state["forecast_draft"]
    assert [row["kind"] for row in draft.tables["event"]][-1] == "conversion_factor"
    assert any("both change conversion factor" in said for said in page.said("error"))
    page.press("Take this event out")
    assert not page.said("error")
    assert page.settings["Net of 2027 to 2029"] == f"${round(Decimal(sample['net'])):,}"
    page.app.session_state["forecast_draft"].tables["event"][4][state.OFF] = True
    page.run()
    without = next(each for each in sample["alternatives"] if each["name"] == "no fourth physician")
    assert page.settings["Net of 2027 to 2029"] == f"${round(Decimal(without['net'])):,}"


def test_saved_and_loaded_it_is_the_same(opened):
    page = opened("forecast", years="2", draws="200")
    before = _sums(page)
    draft = state.of_sample()
    settings = {"years": 2, "draws": 200, "seed": 1, "release": "RVU26C"}
    content = scenario_files.written(
        saved.PAGE, saved.VERSION, saved.inputs(draft.tables, draft.volumes, draft.contracts, settings)
    )
    again = opened("forecast").drop("forecast_load", "feecalc-forecast.json", content)
    assert _sums(again) == before
    assert not again.said("error")


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "holds no scenario"),
        ({"scenario": {"payer": 5}}, "shape"),
        ({"scenario": tomllib.loads(SMALL), "volumes": {"../v.csv": {"text": "x"}}}, "cannot be read"),
        ({"scenario": tomllib.loads(SMALL), "volumes": [1]}, "shape"),
        ({"scenario": tomllib.loads(SMALL) | {"event": [{"off": True, "kind": "hire"}]}}, "is missing"),
    ],
)
def test_a_saved_file_that_is_not_whole_is_refused(opened, inputs, said):
    content = scenario_files.written(saved.PAGE, saved.VERSION, inputs)
    page = opened("forecast").drop("forecast_load", "a.json", content)
    assert any(said in each for each in page.said("error")), page.said("error")
    assert page.settings


def test_the_zip_gives_the_command_line_the_same(tmp_path, sample):
    draft = state.of_sample()
    text = toml_text({"release": "RVU26C", **draft.tables})
    archive = zipfile.ZipFile(io.BytesIO(files.bundle(text, draft.volumes, draft.contracts)))
    archive.extractall(tmp_path)
    told = _told(tmp_path / "scenario.toml", "--draws", "10000", "--seed", "1")
    for name in ("net", "years", "by_payer", "alternatives", "tornado", "draws"):
        assert told[name] == sample[name]


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
    changes = {"payer": names.renames(tables["payer"], after), "event": {"a fourth physician": "hire"}}
    assert changes["payer"] == {"Gulf Coast Health Plan": "Gulf"}
    found = names.renamed(tables | {"payer": after}, changes)
    assert [row["payer"] for row in found["event"] if "payer" in row] == ["Gulf"]
    assert "Gulf" in found["alternative"][2]["share"]
    assert found["alternative"][1]["without"] == ["hire"]


def test_rows_that_are_off_leave_the_scenario_and_the_alternatives_that_name_them():
    tables = tomllib.loads((SAMPLES / "scenario.toml").read_text(), parse_float=Decimal)
    tables["event"][2][state.OFF] = True
    kept = names.scenario_tables(tables)
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
    found = timeline_table(scenario_of(tables, PagePlaces(tables)), 3)
    assert list(found.select("event", "first", "last", "odds").iter_rows()) == [
        ("a", date(2027, 1, 1), date(2028, 6, 30), Decimal(100)),
        ("b", date(2028, 7, 1), date(2029, 12, 31), Decimal(40)),
    ]
    assert found["kind"].to_list() == ["sequestration", "sequestration"]


def test_names_from_a_file_are_not_run(opened):
    hostile = SMALL.replace("One room", "<img src=x> **b**")
    page = opened("forecast").drop("forecast_drop_scenario", "mine.toml", hostile.encode())
    page.drop("forecast_drop_volume", "v.csv", VOLUME)
    (heading,) = page.app.subheader
    assert unescaped(heading.value) == "<img src=x> **b**: small"
    assert "\\<img" in heading.value
