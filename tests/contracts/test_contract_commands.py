"""``feecalc contract price, compare, test, template`` and ``feecalc price --percent``, on the samples."""

import json
from decimal import Decimal as D
from pathlib import Path

import polars as pl
import pytest
from contracts.practices import contract, volume
from typer.testing import CliRunner

from feecalc.cli import app
from feecalc.contracts.comparing import compare
from feecalc.contracts.practice import VolumePractice
from feecalc.contracts.pricing import VolumeContracts
from feecalc.contracts.summary import Summary
from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files.volume import read_volume
from feecalc.installed import open_schedule

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
CONTRACTS = SAMPLES / "contracts"
VOLUME = SAMPLES / "volume.csv"


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    assert result.exit_code == code, result.stdout + result.stderr
    return result


def run_json(*arguments, code=0):
    return json.loads(run(*arguments, "--json", code=code).stdout, parse_float=D)


def practice(*rows):
    return VolumePractice(volume(*rows), VolumeContracts(open_schedule("2026C").schedule))


def test_a_summary_worked_by_hand():
    # 64493: 190.39 x 1.2 = 228.468; charge 200: 10 units pay 2,000.00 and lose 284.70. 99214: 135.61 x 1.1 = 149.171.
    terms = contract(percent=120, category=[{"name": "visits", "percent": 110}])
    rows = [
        {"hcpcs": "64493", "units": 10, "billed_amount": 200},
        {"hcpcs": "99214", "units": 3, "billed_amount": 300},
        {"hcpcs": "80307", "units": 4, "billed_amount": 90},
    ]
    found = Summary(terms, practice(*rows).codes(terms))
    assert found.totals == {
        "units": 17,
        "unpaid_units": 4,
        "below_units": 10,
        "billed_amount": D("3260.00"),
        "medicare_amount": D("2310.73"),  # 1,903.90 + 406.83
        "contract_amount": D("2447.51"),  # 2,000.00 + 447.51
        "lost_amount": D("284.70"),
        "effective_percent": D("105.92"),  # 2,447.51 / 2,310.73
    }
    by = {row["category"]: row["contract_amount"] for row in found.by_category().to_dicts()}
    assert by == {"surgery": D("2000.00"), "visits": D("447.51"), "laboratory": None}
    assert found.low_charges()["hcpcs"].to_list() == ["64493"]
    assert found.unpaid()["hcpcs"].to_list() == ["80307"]


def test_what_an_offer_does_not_price_has_no_amount():
    # The offer says nothing of 80307, the contract now pays 60 % of 2 x 90.00 = 108.00.
    now = contract(percent=100, without_medicare_price={"percent_of_charge": 60})
    drugs = {"hcpcs": "80307", "units": 2, "billed_amount": 90}
    found = compare([now, contract(percent=110), contract(percent=100)], practice({"hcpcs": "64493"}, drugs))
    by = {row["hcpcs"]: row for row in found.by("hcpcs").to_dicts()}
    assert [by["80307"][f"offer_{number}_amount"] for number in (1, 2, 3)] == [D("108.00"), None, None]
    assert by["80307"]["change_2_amount"] == D("-108.00")  # in what it pays in all it counts as nothing
    # 190.39 x 1.1 = 209.429: 19.04 more
    assert [by["64493"][f"change_{number}_amount"] for number in (2, 3)] == [D("19.04"), D("0.00")]
    assert found.by("hcpcs")["change_2_amount"].sum() == found.offers()["change_amount"][1]
    offers = compare([contract(percent=100), contract(percent=110)], practice(drugs))
    neither = offers.by("category").row(0, named=True)
    assert neither | {"category": ""} == {
        "category": "", "offer_1_amount": None, "offer_2_amount": None, "change_2_amount": None,
    }  # fmt: skip


def test_a_comparison_worked_by_hand():
    # now 190.39 a unit; the offer 1.3 x 190.39 = 247.507, held to 240: loses 7.51 a unit; less 1.6 %: 3.84
    offers = [contract(percent=100), contract(percent=130, rules={"sequestration": True})]
    found = compare(offers, practice({"hcpcs": "64493", "units": 2, "billed_amount": 240}, {"hcpcs": "99070"}))
    assert found.offers()["contract_amount"].to_list() == [D("380.78"), D("472.32")]
    assert found.winners_and_losers()["change_2_amount"].to_list() == [D("91.54")]
    costs = {(row["offer"], row["term"]): row["cost_amount"] for row in found.costs.to_dicts()}
    # without sequestration it pays 240; without the charge as a ceiling 247.51 less 3.96 = 243.55
    assert costs[2, "rules.sequestration"] == D("7.68")
    assert costs[2, "lesser_of_billed"] == D("14.78")
    assert costs[1, "lesser_of_billed"] == D("0.00")


def test_price_over_the_sample_volume(tmp_path):
    found = run_json("contract", "price", CONTRACTS / "gulf.toml", "--volume", VOLUME, "-o", tmp_path / "rows.csv")
    rows = pl.read_csv(
        tmp_path / "rows.csv", schema_overrides={"contract_amount": pl.Decimal(12, 2), "hcpcs": pl.String}
    )
    total = sum(amount * units for amount, units in rows.select("contract_amount", "units").iter_rows() if amount)
    assert found["contract_amount"] == total
    assert found["contract_amount"] == sum(row["contract_amount"] or 0 for row in found["categories"])
    assert {row["hcpcs"] for row in found["unpaid"]} == {"80307", "J3301"}
    told = run("contract", "price", CONTRACTS / "gulf.toml", "--volume", VOLUME).stdout
    assert "Gulf Coast Health Plan pays" in told
    assert max(map(len, told.splitlines())) <= 100


def test_price_over_the_sample_claims(tmp_path):
    arguments = ("contract", "price", CONTRACTS / "bay.toml", "--claims", SAMPLES / "claims.csv")
    found = run_json(*arguments, "-o", tmp_path / "lines.csv")
    lines = pl.read_csv(tmp_path / "lines.csv", schema_overrides={"contract_amount": pl.Decimal(12, 2)})
    assert lines["contract_amount"].sum() == found["contract_amount"]
    assert lines.columns[:3] == ["Claim #", "Svc Date", "CPT"]


def test_a_percent_stands_for_a_contract():
    found = run_json("contract", "price", "100", "--volume", VOLUME)
    priced = [row for row in found["codes"] if row["medicare_amount"] is not None]
    assert found["effective_percent"] <= 100
    assert all(row["effective_percent"] <= 100 for row in priced)
    assert (
        run_json("contract", "compare", "100", "120", "--volume", VOLUME)["offers"][1]["payer"] == "120 % of Medicare"
    )


def test_compare_the_samples(tmp_path):
    offers = sorted(CONTRACTS.glob("offer_*.toml"))
    out = tmp_path / "codes.xlsx"
    found = run_json("contract", "compare", CONTRACTS / "gulf.toml", *offers, "--volume", VOLUME, "-o", out)
    pays = {row["payer"]: row["contract_amount"] for row in found["offers"]}
    # the highest percent of the three pays the least
    assert min((each for each in pays if each.startswith("Offer")), key=pays.get) == "Offer B: the headline"
    assert out.stat().st_size
    assert run("contract", "compare", CONTRACTS / "gulf.toml", *offers, "--volume", VOLUME).stdout


@pytest.mark.parametrize("name", ["gulf", "bay"])
def test_the_samples_pass_their_own_tests(name):
    found = run_json("contract", "test", CONTRACTS / f"{name}.toml")
    assert found["failed"] == 0
    assert found["tests"]


def test_a_test_that_fails_ends_with_1(tmp_path):
    text = 'payer = "X"\npercent = 100\n[basis]\nlocality = "national"\n[[test]]\nhcpcs = "64493"\namount = {}\n'
    (tmp_path / "x.toml").write_text(text.format("190.38"))
    found = run_json("contract", "test", tmp_path / "x.toml", code=1)
    assert (found["failed"], found["tests"][0]["found"]) == (1, D("190.39"))
    assert found["tests"][0]["reason"] == ""  # it has an amount: only not the one it must be
    (tmp_path / "x.toml").write_text(text.format("190.39"))
    run("contract", "test", tmp_path / "x.toml")


def test_what_is_no_percent_is_not_looked_for_as_a_file():
    for wrong in ("99999", "120.125"):
        assert "is not a percent of Medicare" in run("contract", "price", wrong, "--volume", VOLUME, code=2).stderr


def test_two_offers_of_one_payer_are_told_apart(tmp_path):
    for name, percent in (("now", 100), ("then", 110)):
        (tmp_path / f"{name}.toml").write_text(f'payer = "Same"\npercent = {percent}\n')
    told = run("contract", "compare", tmp_path / "now.toml", tmp_path / "then.toml", "--volume", VOLUME).stdout
    assert [line.split()[:2] for line in told.splitlines()[2:4]] == [["1", "Same"], ["2", "Same"]]


def test_the_report_of_offers(tmp_path):
    offers = [CONTRACTS / f"{name}.toml" for name in ("gulf", "offer_mixed")]
    asked = ("contract", "compare", *offers, "--volume", VOLUME)
    found = run_json(*asked, "--report", tmp_path / "offers.html")
    page = (tmp_path / "offers.html").read_text(encoding="utf-8")
    for row in found["offers"]:
        assert f"${row['contract_amount']:,.2f}" in page
    for part in ("volume.csv", "RVU26C, from 2026-07-01", "$33.4009 per RVU", "each row", "not priced"):
        assert part in page
    for wrong, words in (("offers.pdf", "must end in .html"), (VOLUME, "must end in .html")):
        assert words in run(*asked, "--report", tmp_path / wrong, code=2).stderr


def test_the_report_of_offers_over_claims(tmp_path):
    offers = [CONTRACTS / f"{name}.toml" for name in ("gulf", "offer_mixed")]
    run("contract", "compare", *offers, "--claims", SAMPLES / "claims.csv", "--report", tmp_path / "offers.html")
    page = (tmp_path / "offers.html").read_text(encoding="utf-8")
    for part in ("claims.csv", "2026-07-06 to 2026-07-20", "RVU26C, from 2026-07-01"):
        assert part in page


def test_the_template_is_written_once(tmp_path):
    run("contract", "template", tmp_path / "x.xlsx")
    run("contract", "template", tmp_path / "x.toml", "--from", tmp_path / "x.xlsx")
    assert "there already" in run("contract", "template", tmp_path / "x.toml", code=2).stderr
    assert run_json("contract", "price", tmp_path / "x.xlsx", "--volume", VOLUME)["payer"] == "Example Health"


def test_price_at_percents():
    # 190.39 x 1.5 = 285.585
    assert run_json("price", "64493", "--percent", "150")["percents"] == [
        {"percent": 150, "amount": D("285.59"), "what": "as asked", "source": ""}
    ]
    found = run_json("price", "64493", "--percent", "120..200")["percents"]
    assert [row["percent"] for row in found] == sorted(row["percent"] for row in found)
    assert any("Milliman" in row["what"] and row["amount"] == D("264.64") for row in found)  # 190.39 x 1.39 = 264.6421
    assert "Milliman" in run("price", "64493", "--percent", "120..200").stdout
    for wrong in ("abc", "0", "200..120", "150.123", "-5"):
        assert run("price", "64493", f"--percent={wrong}", code=2).stderr


VOLUMES = {
    "Units\n3\n": (MissingColumn, "hcpcs"),
    "CPT,Locality\n99213,national\n": (MissingColumn, "units"),
    "CPT,Units\n99213,3\n": (MissingColumn, "locality"),
    "CPT,Units,Locality\n99213,3,Atlantis\n": (InvalidValue, "row 1"),
    "CPT,Units,Locality\n99213,3,national\n99214,-2,national\n": (InvalidValue, "row 2"),
    "CPT,Units,Locality\n99213,some,national\n": (InvalidValue, "row 1"),
    "CPT,Units,Locality,Charge\n99213,3,national,ten\n": (InvalidValue, "billed_amount"),
    "CPT,Units,Locality\n99213A,3,national\n": (InvalidValue, "five digits"),
    "CPT,Units,Locality\n": (InvalidValue, "no rows"),
}


@pytest.mark.parametrize(("text", "error"), VOLUMES.items(), ids=range(len(VOLUMES)))
def test_a_volume_that_cannot_be_read_says_where(tmp_path, text, error):
    (tmp_path / "v.csv").write_text(text)
    with pytest.raises(error[0], match=error[1]):
        read_volume(tmp_path / "v.csv", [open_schedule("2026C").schedule])


def test_a_volume_is_read_as_people_write_it(tmp_path):
    (tmp_path / "v.csv").write_text(
        'Procedure,Mods,POS,Qty,Charges,Loc Number,Carrier\n99213.0,"25 59",,"1,200","$1,250.00",4,09102\n'
    )
    row = read_volume(tmp_path / "v.csv", [open_schedule("2026C").schedule]).row(0, named=True)
    assert (row["hcpcs"], row["modifier_1"], row["modifier_2"], row["place_of_service"]) == ("99213", "25", "59", "11")
    assert (row["units"], row["billed_amount"], row["mac"], row["locality"]) == (1200, D("1250.00"), "09102", "04")
