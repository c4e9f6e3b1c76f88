"""feecalc forecast, as a shell runs it, on the sample."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[3] / "data" / "samples" / "scenario.toml"
SMALL = """
base_year = 2026
volume = "volume.csv"
[practice]
name = "Made-up"
[[location]]
name = "Main"
locality = "Miami, FL"
[[payer]]
name = "Medicare"
share = 100
medicare = true
"""


@pytest.fixture
def small(tmp_path):
    (tmp_path / "volume.csv").write_text("hcpcs,units\n99213,100\n")
    path = tmp_path / "scenario.toml"
    path.write_text(SMALL)
    return path


def test_the_sample_is_told_in_a_hundred_columns(run):
    code, out, err = run("forecast", SAMPLE, "--draws", "500")
    assert code == 0
    lines = out.splitlines()
    assert lines[1].startswith("Net of 2027 to 2029: $")
    assert max(map(len, lines)) <= 100
    for word in ("Gulf Coast Health Plan", "keep radiofrequency in the office", "conversion factor", "P10", "% below"):
        assert word in out
    assert "…" not in out  # every word of a table has its room
    assert "rates of Bay Mutual: nothing comes in that could be more" in out
    assert "assumption '2027 proposed': 32.84 (other), 33.17 (qp), not law" in err.replace("\n", " ")


def test_as_json_the_sums_agree(run):
    code, out, _ = run("forecast", SAMPLE, "--years", "2", "--draws", "200", "--seed", "5", "--json")
    assert code == 0
    told = json.loads(out, parse_float=Decimal)
    assert [each["year"] for each in told["years"]] == [2026, 2027, 2028]
    for year in told["years"]:
        for by in ("by_payer", "by_category", "by_location", "by_part"):
            assert sum(row["revenue"] for row in told[by] if row["year"] == year["year"]) == year["revenue"]
    assert told["net"] == sum(each["net"] for each in told["years"][1:])
    assert {each["name"] for each in told["alternatives"]} >= {"no fourth physician"}
    assert told["draws"]["seed"] == 5
    again = run("forecast", SAMPLE, "--years", "2", "--draws", "200", "--seed", "5", "--json")[1]
    assert again == out


def test_cells_go_to_a_file(run, small, tmp_path):
    output = tmp_path / "cells.csv"
    code, out, _ = run("forecast", small, "-o", output)
    assert code == 0
    assert "cells.csv" in out
    rows = list(csv.DictReader(output.read_text().splitlines()))
    assert [row["year"] for row in rows] == ["2026", "2027", "2028", "2029"]
    assert {row["category"] for row in rows} == {"visits"}
    assert len({row["revenue"] for row in rows}) == 1  # nothing grows


@pytest.mark.parametrize("ending", ["png", "svg", "html"])
def test_a_picture(run, small, tmp_path, ending):
    chart = tmp_path / f"chart.{ending}"
    assert run("forecast", small, "--draws", "20", "--chart", chart)[0] == 0
    assert chart.stat().st_size > 1000


def test_a_report_to_print(run, small, tmp_path):
    report = tmp_path / "report.html"
    report.write_text("an older one")
    code, out, _ = run("forecast", small, "--report", report, "--json")
    assert code == 0
    told = json.loads(out, parse_float=Decimal)
    assert told["files"][str(report)] == report.stat().st_size
    page = report.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert f"${told['net']:,.2f}" in page


def test_a_report_that_cannot_be_written_leaves_nothing(run, small, tmp_path):
    code, out, err = run("forecast", small, "--report", tmp_path / "no" / "report.html")
    assert (code, out) == (2, "")
    assert "was not written" in err
    assert sorted(each.name for each in tmp_path.glob("*report*")) == []


def test_a_report_is_not_written_over_a_picture(run, small, tmp_path):
    same = tmp_path / "both.html"
    code, _, err = run("forecast", small, "--report", same, "--chart", same)
    assert code == 2
    assert "--report and --chart are both" in err
    assert not same.exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--years", "0"), "a forecast has from 1 to 10"),
        (("--draws", "0"), "give from 1 to"),
        (("--chart", "a.gif"), "must end in .png"),
        (("-o", "a.txt"), "must end in"),
        (("--report", "a.pdf"), "must end in .html"),
        (("--target", "much"), "is not an amount"),
        (("--release", "2025D"), "base_year 2026, and RVU25D is of 2025"),
    ],
)
def test_what_cannot_be_asked(run, small, options, told):
    code, out, err = run("forecast", small, *options)
    assert (code, out) == (2, "")
    assert told in err


def test_an_error_in_the_file_is_json_as_well(run, small):
    small.write_text(SMALL.replace("share = 100", "share = 90"))
    code, out, _ = run("forecast", small, "--json")
    assert code == 2
    assert "the shares add up to 90, not 100" in json.loads(out)["error"]["message"]


def test_nothing_uncertain_is_said(run, small):
    assert "nothing in the scenario is uncertain" in run("forecast", small, "--draws", "10")[2]
