"""A claim file in one call: the same counts, sums and findings as the commands print, and nothing printed."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from cli.conftest import run  # noqa: F401  a fixture

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files.claim_lines import LineDefaults
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.runs.claim_files import check_claim_file, price_claim_file, review
from feecalc.runs.edit_tables import EditWishes

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
CLAIMS, FACET = SAMPLES / "claims.csv", SAMPLES / "facet.csv"
_SUMS = ("billed_amount", "allowed_amount", "medicare_paid", "patient_share")


def test_a_file_is_priced_as_the_command_prices_it(run, tmp_path, capsys):  # noqa: F811
    code, out, _ = run("claims", CLAIMS, "-o", tmp_path / "told.csv", "--json")
    told = json.loads(out, parse_float=Decimal)
    priced = price_claim_file(CLAIMS, tmp_path / "priced.csv")
    assert code == 0
    assert capsys.readouterr() == ("", "")
    assert priced.report.statuses == told["statuses"]
    assert {name: getattr(priced.report, name) for name in _SUMS} == {name: told[name] for name in _SUMS}
    assert priced.notes == tuple(told["notes"])
    assert priced.report.written == {str(tmp_path / "priced.csv"): 19}
    assert (tmp_path / "priced.csv").read_bytes() == (tmp_path / "told.csv").read_bytes()


def test_a_file_is_checked_as_the_command_checks_it(run, tmp_path):  # noqa: F811
    told = json.loads(run("check", FACET, "--json")[1])
    checked = check_claim_file(FACET, tmp_path / "found.csv")
    found = [(each["claim_id"], each["line"], each["rule"]) for each in told["findings"]]
    assert checked.report.found.select("claim_id", "line", pl.col("rule").cast(pl.String)).rows() == found
    assert checked.report.findings == len(found) > 0
    written = pl.read_csv(tmp_path / "found.csv")
    assert written.filter(pl.col("rule").is_not_null()).height == len(found)
    assert written.unique(["claim_id", "line"]).height == checked.report.lines  # every line stands there


def test_what_is_given_reaches_the_run(write):
    path = write("Procedure,Charge made\n64493,100\n99213,9000\n")
    defaults = LineDefaults(locality="Miami, FL", place_of_service="11")
    with pytest.raises(MissingColumn, match="date_of_service"):
        price_claim_file(path, defaults=defaults)
    given = LineDefaults(locality="Miami, FL", place_of_service="11", day=date(2026, 8, 3))
    mapped = {"Charge made": "billed_amount"}
    billed = price_claim_file(path, defaults=given, column_map=mapped)
    assert billed.report.billed_amount == Decimal("9100.00")
    free = price_claim_file(path, defaults=given, column_map=mapped, rules=ClaimRules(lower_of_billed=False))
    assert free.report.allowed_amount > billed.report.allowed_amount  # 64493 is billed below its allowed amount
    assert price_claim_file(path, defaults=given, percents=[Decimal(150)]).report.at_percents.keys() == {Decimal(150)}
    nothing = write("Procedure\n64493\n", name="without.csv")
    assert price_claim_file(nothing, defaults=given).report.billed_amount is None  # no charge is no charge of 0.00


def test_edits_are_applied_where_they_are_asked_for():
    plain, edited = price_claim_file(FACET).report, price_claim_file(FACET, edits=EditWishes()).report
    assert plain.allowed_without_edits is None
    assert edited.allowed_without_edits == plain.allowed_amount
    assert edited.allowed_amount < plain.allowed_amount


def test_one_claim():
    with pytest.raises(InvalidValue, match="no claim 'X'"):
        price_claim_file(CLAIMS, explain="X")
    (text,) = price_claim_file(CLAIMS, explain="P-1002").report.explained
    assert text.startswith("Claim P-1002")
    one = check_claim_file(FACET, claim="F-04", documentation=True).report
    assert set(one.found["claim_id"]) == {"F-04"}
    assert set(one.documentation["claim_id"]) == {"F-04"}


def test_a_review_is_both(tmp_path):
    path = tmp_path / "facet.csv"
    path.write_bytes(FACET.read_bytes())
    both = review(path)
    assert both.report.allowed_amount == price_claim_file(path).report.allowed_amount
    assert both.found.rows() == check_claim_file(path).report.found.rows()
    assert list(tmp_path.iterdir()) == [path]  # what it wrote beside the file is gone


def test_dollars_at_stake_that_nobody_knows_are_null(tmp_path):
    path = tmp_path / "mine.csv"
    row = '{},07/06/2026,99999,,,11,1,400.00,"Miami, FL",M47.816,{}\n'
    more = row.format("X-1", "Y") + row.format("X-2", "Z")
    path.write_text(FACET.read_text(encoding="utf-8") + more, encoding="utf-8")
    both = review(path)
    rules = {row["rule"]: row for row in both.by_rule.iter_rows(named=True)}
    assert rules["code_unknown"]["at_stake"] is None
    assert (rules["code_unknown"]["findings"], rules["code_unknown"]["unknown"]) == (2, 2)
    assert both.by_rule["rule"].to_list()[-1] == "code_unknown"  # after every rule with dollars
    assert both.check.stakes["denies"].amount > 0  # the others' are known
    assert both.check.stakes["denies"].unknown == 2
