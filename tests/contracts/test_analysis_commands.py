"""``feecalc contract solve``, ``readings`` and ``audit`` from a shell."""

import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from feecalc.cli import app
from feecalc.contracts.files.reading import read_contract

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
GULF, VOLUME, PAID = SAMPLES / "contracts" / "gulf.toml", SAMPLES / "volume.csv", SAMPLES / "paid.csv"


@pytest.fixture
def run():
    """Run ``feecalc contract ...``; its exit code and output."""

    def command(*arguments):
        return CliRunner().invoke(app, ["contract", *map(str, arguments)])

    return command


@pytest.fixture
def answer(run):
    def command(*arguments):
        result = run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout, parse_float=Decimal)

    return command


def test_solve_says_what_the_percent_pays(answer):
    found = answer("solve", GULF, "--volume", VOLUME, "--change", "3")
    points = [found[name] for name in ("exact", "below", "above") if found[name]]
    assert points
    assert all(abs(Decimal(each["off"])) < 1000 for each in points)


def test_the_percent_of_medicare_is_of_what_medicare_prices(run, answer, tmp_path):
    """Ten units of 64493 (190.39 in the nation) and four of a test Medicare's schedule does not price, at 90.00.

    At 120 % it pays 10 x 228.47 = 2,284.70, and 60 % of 360.00 = 216.00: 2,500.70. 2,284.70 / 1,903.90 is 120.00 %;
    with the test's revenue above the line it would be 131.35 %.
    """
    rows = "hcpcs,locality,units,charge\n64493,national,10,500\n80307,national,4,90\n"
    (tmp_path / "volume.csv").write_text(rows)
    terms = 'payer = "P"\npercent = 100\nwithout_medicare_price = { percent_of_charge = 60 }\n'
    (tmp_path / "p.toml").write_text(terms)
    asked = ("solve", tmp_path / "p.toml", "--volume", tmp_path / "volume.csv", "--revenue", "2500.70")
    found = answer(*asked)
    assert Decimal(found["exact"]["values"][0]) == 120
    assert Decimal(found["effective_percent"]) == Decimal("120.00")
    assert "120.00 % of current Medicare, over the codes that both price" in run(*asked).stdout


def test_a_solved_contract_is_written_and_pays_it(run, answer, tmp_path):
    solved = tmp_path / "solved.toml"
    result = run("solve", GULF, "--volume", VOLUME, "--effective", "120", "--category", "visits", "-o", solved)
    assert result.exit_code == 0, result.output
    percent = {term.name: term.percent for term in read_contract(solved).category}["visits"]
    assert f"{percent}" in result.stdout
    again = answer("solve", solved, "--volume", VOLUME, "--effective", "120", "--category", "visits")
    assert Decimal(again["now"]) == percent


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give one target"),
        (("--revenue", "1", "--change", "3"), "give one target"),
        (("--revenue", "many"), "is not an amount"),
        (("--revenue", "5", "--category", "moon"), "no category 'moon'"),
        (("--revenue", "1", "--carve-out", "64635", "--escalator"), "one thing to solve for"),
    ],
)
def test_what_cannot_be_solved_is_said(run, arguments, words):
    result = run("solve", GULF, "--volume", VOLUME, *arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_readings_are_told_and_written(run, answer, tmp_path):
    table = tmp_path / "readings.csv"
    result = run("readings", GULF, "--volume", VOLUME, "-o", table)
    assert result.exit_code == 0, result.output
    assert "between the readings of what Gulf Coast Health Plan does not say" in result.stdout
    assert "most: The fee schedule amount is" in result.stdout
    found = answer("readings", GULF, "--volume", VOLUME)
    assert found["lowest"] < found["revenue"] <= found["highest"]
    assert Decimal(found["spread"]) == Decimal(found["highest"]) - Decimal(found["lowest"])
    assert pl.read_csv(table).height == len(found["readings"])


def test_payments_are_held_against_their_contract(answer, tmp_path):
    found = answer("audit", PAID, "--contract", GULF)
    assert found["inferred"] is None
    assert found["lines"] == sum(each["lines"] for each in found["classes"])
    assert {each["variance_class"] for each in found["classes"]} >= {"as_expected", "denial", "rate", "unexplained"}


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_the_contract_behind_payments_is_found_and_lines_written(run, tmp_path, ending):
    lines = tmp_path / f"lines.{ending}"
    result = run("audit", PAID, "--infer", "-o", lines)
    assert result.exit_code == 0, result.output
    assert "The payments say: 118 % of Medicare" in result.stdout
    assert "visits 112 %" in result.stdout
    assert lines.stat().st_size


def test_where_it_is_not_sure_no_line_is_flagged(run, tmp_path):
    few = tmp_path / "few.csv"
    few.write_text("\n".join(PAID.read_text().splitlines()[:4]) + "\n")
    result = run("audit", few, "--infer")
    assert result.exit_code == 1
    assert "Not sure; the payments fit best" in result.stdout
    assert "unsure: only" in result.stdout
    assert "variance" not in result.stdout


def test_an_audit_needs_a_contract_or_to_infer_one(run):
    result = run("audit", PAID)
    assert result.exit_code == 2
    assert "--contract FILE" in result.output
