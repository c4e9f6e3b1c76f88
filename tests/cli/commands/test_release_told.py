"""``feecalc releases NAME``: what is kept of an installed release, and what was new in it."""

import json
from dataclasses import replace

import pytest
from cms_shaped import SERVICES, pprrvu_csv, release_zip
from typer.testing import CliRunner

from feecalc.cli import app
from feecalc.ingest.build import build
from feecalc.ingest.store import Store


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FEECALC_HOME", str(tmp_path / "home"))
    folder = tmp_path / "files"
    folder.mkdir()
    services = [replace(row, status="K") if row.hcpcs == "99070" else row for row in SERVICES]
    nonqpp = pprrvu_csv(services, factor="33.4009", year=2026, month="October", pricing_column=True)
    path = release_zip(folder, "26D", changed={"PPRRVU2026_Oct_nonQPP.csv": nonqpp})
    build(path, store=Store())
    return tmp_path / "home"


def run(*words):
    return CliRunner().invoke(app, ["releases", *words])


@pytest.mark.parametrize("name", ["RVU26D", "2026d", "rvu26d"])
def test_what_is_kept_and_what_was_new(home, name):
    found = run(name)
    assert found.exit_code == 0, found.output
    for words in ("PPRRVU2026_Oct_QPP.csv", "26LOCCO.xlsx", "sha256 ", "built "):
        assert words in found.output
    flat = " ".join(found.output.split())
    assert "indicators: new, no rule reads it: status_indicator 'K' in 1 row (99070" in flat
    assert "3 rows in PPRRVU2026_Oct_nonQPP.csv only" in flat


def test_as_json(home):
    entries = json.loads(run("RVU26D", "--json").stdout)["entries"]
    assert [entry["name"] for entry in entries] == ["RVU26D"]
    assert {"rvu", "rvu_qp"} <= entries[0]["tables"].keys()


@pytest.mark.parametrize(("name", "words"), [("RVU26C", "RVU26C is not installed"), ("nonsense", "neither installed")])
def test_one_that_is_not_there(home, name, words):
    found = run(name)
    assert found.exit_code != 0
    assert words in str(found.exception) + found.output


@pytest.mark.parametrize("more", [("--remove", "RVU26D"), ("--year", "2026"), ("--installed",)])
def test_a_name_with_another_option_is_refused(home, more):
    assert run("RVU26D", *more).exit_code == 2
    assert run("RVU26D").exit_code == 0  # still there
