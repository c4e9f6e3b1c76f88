"""--percent on tables and claim files: the amounts, the benchmarks beside a range, and what is refused."""

import csv
import json
from decimal import Decimal

import pytest

from feecalc.cli import app

CLAIMS = (
    "claim_id,date_of_service,hcpcs,place_of_service,locality\n"
    "A,2026-07-06,64493,11,09102-04\nA,2026-07-06,20610,11,09102-04\nB,2026-07-06,99999,11,09102-04\n"
)


@pytest.fixture
def run(capsys):
    def call(*arguments, code=0):
        with pytest.raises(SystemExit) as ended:
            app([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert int(ended.value.code or 0) == code, out + err
        return out, err

    return call


def test_a_table_at_a_percent(run):
    # 203.12 x 1.375 = 279.29; 89.77 x 1.375 = 123.43375
    out, err = run("table", "--code", "64493", "--locality", "09102-04", "--percent", "137.5", "--json")
    (row,) = json.loads(out, parse_float=Decimal)["rows"]
    assert row["nonfacility_at_137.5_percent"] == Decimal("279.29")
    assert row["facility_at_137.5_percent"] == Decimal("123.43")
    assert "commercial payers" not in err


def test_a_range_has_the_benchmarks_beside_it(run):
    out, err = run("table", "--code", "64493", "--locality", "09102-04", "--percent", "120..200")
    assert "243.74" in out  # 203.12 x 1.2 = 243.744
    assert "Milliman" in err
    assert max(map(len, out.splitlines())) <= 100


def test_claims_at_a_percent_of_what_the_rules_allow(run, tmp_path):
    (tmp_path / "claims.csv").write_text(CLAIMS)
    out, _ = run("claims", tmp_path / "claims.csv", "-o", tmp_path / "priced.csv", "--percent", "120..200", "--json")
    told = {row["percent"]: row["amount"] for row in json.loads(out, parse_float=Decimal)["at_percents"]}
    rows = list(csv.DictReader((tmp_path / "priced.csv").open()))
    for percent in (120, 200):
        found = [row[f"allowed_at_{percent}_percent"] for row in rows]
        by_hand = [
            (Decimal(row["allowed_amount"]) * percent / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")
            for row in rows[:2]
        ]
        assert [Decimal(each) for each in found[:2]] == by_hand
        assert found[2] == ""  # not priced: no amount, not 0
        assert told[percent] == sum(by_hand)
    assert Decimal(rows[0]["allowed_amount"]) == Decimal("203.12")
    assert Decimal(rows[1]["mppr_factor"]) < Decimal("0.51")  # the percent is of the amount after the rule


@pytest.mark.parametrize("text", ["0", "200..120", "abc", "1001"])
def test_what_is_no_percent(run, text):
    _, err = run("table", "--code", "64493", "--percent", text, code=2)
    assert "percent" in err or "backwards" in err
