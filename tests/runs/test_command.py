"""feecalc claims: what it reads of its options, what it hands to the run, what it prints."""

import json
import sys
from dataclasses import fields
from decimal import Decimal
from types import ModuleType

import pytest
import typer
from typer.testing import CliRunner

from feecalc.cli.commands.claims import register
from feecalc.cli.terminal.shell import Shell
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.runs.price import ClaimReport, RunOutputs

FILE = "CPT,DOS,POS,Locality\n64493,2026-08-03,11,09102-04\n99999,2026-08-03,11,09102-04\n"
# 203.12 is 64493's nonfacility amount in Miami; 80 percent is 162.50, less 2 percent sequestration 159.25
REPORT = ClaimReport(
    statuses={"unknown_code": 1, "priced": 1},
    releases={"RVU26C": 2},
    billed_amount=None,
    allowed_amount=Decimal("203.12"),
    medicare_paid=Decimal("159.25"),
    patient_share=Decimal("40.62"),
    written={"out.csv": 2},
)


@pytest.fixture
def command(monkeypatch):
    """Run the command with a run that only notes what it is asked; the result and what was asked."""
    asked = {}

    def run_claims(lines, wanted, *, rules, progress, edits, percents):
        assert (edits, percents) == (None, ())
        progress(2)
        asked.update(lines=lines, wanted=wanted, rules=rules)
        return asked.get("report", REPORT)

    running = ModuleType("feecalc.runs.price")
    running.run_claims, running.RunOutputs = run_claims, RunOutputs
    monkeypatch.setitem(sys.modules, "feecalc.runs.price", running)
    app = typer.Typer(cls=Shell)
    app.callback()(lambda: None)
    register(app)

    def run(*arguments, code=0):
        result = CliRunner().invoke(app, ["claims", *map(str, arguments)])
        assert result.exit_code == code, result.output
        return result, asked

    return run


def test_the_mapping_is_printed_and_the_summary_counts(command, write, tmp_path):
    result, asked = command(write(FILE), "-o", tmp_path / "out.csv")
    mapping = "CPT -> hcpcs\nDOS -> date_of_service\nPOS -> place_of_service\nLocality -> locality\n"
    assert result.stderr.startswith(mapping)
    assert "2 lines, 1 of them priced" in result.stdout
    assert "unknown_code        1" in result.stdout
    assert "\nallowed $203.12, Medicare pays $159.25, patient pays $40.62" in result.stdout  # and nothing of charges
    assert "releases: RVU26C (2 lines)" in result.stdout
    assert "out.csv: 2 written" in result.stdout
    assert asked["lines"].rows == 2
    assert asked["rules"] == ClaimRules()


def test_the_summary_as_one_document(command, write, tmp_path):
    result, _ = command(write(FILE), "-o", tmp_path / "out.csv", "--json")
    document = json.loads(result.stdout)
    assert document["columns"] == {"CPT": "hcpcs", "DOS": "date_of_service", "POS": "place_of_service",
                                   "Locality": "locality"}  # fmt: skip
    assert (document["lines"], document["priced"], document["allowed_amount"]) == (2, 1, 203.12)
    assert document["statuses"] == {"unknown_code": 1, "priced": 1}
    assert any(note.startswith("no column units") for note in document["notes"])


def test_strict_is_an_exit_code(command, write, tmp_path):
    command(write(FILE), "-o", tmp_path / "out.csv", "--strict", code=1)
    command(write(FILE), "-o", tmp_path / "out.csv")


@pytest.mark.parametrize("rule", [each.name for each in fields(ClaimRules) if each.type in ("bool", bool)])
def test_every_rule_can_be_left_out(command, write, tmp_path, rule):
    _, asked = command(write(FILE), "-o", tmp_path / "out.csv", "--no-" + rule.replace("_", "-"))
    assert asked["rules"] == ClaimRules(**{rule: False})


def test_options_reach_the_run(command, write, tmp_path):
    path = write("Code\n64493\n")
    mapped = write("Code,hcpcs\n", "map.csv")
    _, asked = command(
        path, "-o", tmp_path / "out.parquet", "--map", mapped, "--locality", "Miami, FL", "--pos", "2", "--date",
        "2026-08-03", "--rejects", tmp_path / "no.csv", "--receipts", tmp_path / "r", "--explain", "A1", "--qp",
        "--nonparticipating", "--provider-type", "NP", "--mips-percent", "-2.5", "--release", "2026C",
    )  # fmt: skip
    wanted, lines = asked["wanted"], asked["lines"].frame.collect()
    assert (wanted.output.name, wanted.rejects.name, wanted.receipts.name, wanted.explain) == (
        "out.parquet", "no.csv", "r", "A1",
    )  # fmt: skip
    assert asked["rules"].mips_percent == "-2.5"
    names = ["place_of_service", "mac", "locality", "qp", "participating", "provider_type"]
    assert lines.select(names).row(0) == ("02", "09102", "04", True, False, "np")
    assert asked["lines"].opened.pinned


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "nothing to write: give -o FILE"),
        (["-o", "out.doc"], "must end in .csv, .parquet, .xlsx"),
        (["-o", "claims.csv"], "is the claim file; give another name"),
        (["-o", "a.csv", "--rejects", "a.csv"], "--output and --rejects are both a.csv"),
        (["-o", "a.csv", "--mips-percent", "lots"], "is not a percent"),
        (["-o", "a.csv", "--mips-percent", "nan"], "is not a percent"),
        (["-o", "a.csv", "--date", "8/3/2026"], "write it as YYYY-MM-DD"),
        (["-o", "a.csv", "--locality", "Nowhere"], "no locality 'Nowhere'"),
        (["-o", "a.csv", "--map", "none.csv"], "no such file"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_work(command, write, tmp_path, monkeypatch, options, words):
    path = write(FILE)
    monkeypatch.chdir(tmp_path)
    result, asked = command(path.name, *options, code=2)
    assert words in result.stderr
    assert not asked


def test_missing_columns_are_an_error_also_as_json(command, write):
    result, _ = command(write("a,b\n1,2\n"), "-o", "out.csv", "--json", code=2)
    assert json.loads(result.stdout)["error"]["type"] == "MissingColumn"


def test_a_claim_may_be_explained_without_an_output(command, write):
    _, asked = command(write(FILE), "--explain", "row 1")
    assert asked["wanted"].output is None
    asked["report"] = ClaimReport({}, {}, *[Decimal(0)] * 4, explained=("# Claim row 1",))
    result, _ = command(write(FILE), "--explain", "row 1")
    assert result.stdout.startswith("# Claim row 1\n")
    assert "0 lines" in result.stdout
