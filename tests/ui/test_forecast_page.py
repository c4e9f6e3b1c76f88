"""The page Practice forecast: the command line's numbers, and what is typed or dropped in read by the one reader."""

import io
import json
import tomllib
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from scenarios.forecast.written import SMALL
from typer.testing import CliRunner
from ui.conftest import unescaped

from feecalc.cli import app as command
from feecalc.errors import InvalidValue
from feecalc.files.toml import toml_text
from feecalc.ui.pages.forecast.draft import files, saved, state
from feecalc.ui.shared import scenario_files
from feecalc.ui.shared.uploads import taken

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
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


def test_names_from_a_file_are_not_run(opened):
    hostile = SMALL.replace("One room", "<img src=x> **b**")
    page = opened("forecast").drop("forecast_drop_scenario", "mine.toml", hostile.encode())
    page.drop("forecast_drop_volume", "v.csv", VOLUME)
    (heading,) = page.app.subheader
    assert unescaped(heading.value) == "<img src=x> **b**: small"
    assert "\\<img" in heading.value
