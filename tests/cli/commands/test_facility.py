"""feecalc facility and feecalc site-of-service, as a shell runs them, on made-up rates."""

import json
from datetime import date

import polars as pl
import pytest
from facility.entries import asc, install, install_all, opps

from feecalc.ingest.store import Store

DAY = date(2026, 7, 1)


@pytest.fixture
def rates():
    """The made-up tables in the person's own store, 64493 and 64494 among them."""
    store = Store()
    install_all(store, DAY)
    names = {"10001": "64493", "10004": "64494"}
    for kind, table in (("opps", opps()), ("asc", asc())):
        install(store, kind, DAY, table.with_columns(pl.col("hcpcs").replace(names)))


@pytest.mark.usefixtures("rates")
def test_a_case_in_an_asc(run):
    code, out, _ = run("facility", "--setting", "asc", "--cbsa", "11111", "64493-RT", "64493:LT", "64494")
    assert code == 0
    assert out.startswith("$135.00  to the facility")  # 90 and half of it
    assert "11111 Town, GA" in out
    assert "64494: its cost is in the payment for the procedure" in out
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.usefixtures("rates")
def test_as_json(run):
    code, out, _ = run("facility", "--setting", "opps", "--modifier", "50", "64493x1", "64494", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["facility_amount"] == 150.00
    assert document["national"] is True
    assert [line["pricing_status"] for line in document["lines"]] == ["priced", "packaged"]
    assert document["lines"][0]["modifiers"] == ["50"]
    assert document["lines"][0]["steps"][-1]["name"] == "Medicare pays"
    assert [text.split(",")[0] for text in document["not_modeled"]] == ["not modeled: outlier payments"]


@pytest.mark.usefixtures("rates")
def test_the_receipt(run):
    _, out, _ = run("facility", "--setting", "opps", "--cbsa", "Port, FL", "64493", "--explain")
    assert "Receipt of 64493" in out
    assert "100.00 x (0.60 x 1.1000 + 0.40)" in out
    assert "wage index floor of FL" in out
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.usefixtures("rates")
def test_no_payment_ends_with_1(run):
    code, out, _ = run("facility", "--setting", "asc", "60001")
    assert code == 1
    assert "No payment to the facility" in out
    assert "Addendum EE" in out


@pytest.mark.usefixtures("rates")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("64493",), "give --setting"),
        (("--setting", "asc"), "give codes"),
        (("--setting", "inpatient", "64493"), "not a setting"),
        (("--setting", "asc", "6449"), "is not a procedure code"),
        (("--setting", "asc", "64493x99999"), "is not a procedure code"),
        (("--setting", "asc", "64493", "--wage-index", "zero"), "not a wage index"),
        (("--setting", "asc", "64493", "--wage-index", "1", "--cbsa", "11111"), "not both"),
        (("--setting", "asc", "64493", "--cbsa", "99999"), "no area 99999"),
        (("--setting", "asc", "64493", "--date", "2023-01-01"), "no ASC Addendum AA of 2023"),
        (("64493", "--claims", "claims.csv"), "not both"),
    ],
)
def test_wrong_usage(run, arguments, told):
    code, out, err = run("facility", *arguments)
    assert (code, out) == (2, "")
    assert told in " ".join(err.split())


CLAIMS = (
    "Claim,CPT,Mod,DOS,POS,Units,CBSA,facility_amount\n"
    "A,64493,RT,2026-08-03,24,1,11111,x\n"
    "A,64493,LT,2026-08-03,24,1,11111,x\n"
    "A,64494,,2026-08-03,24,1,11111,x\n"
    "B,64493,50,8/3/2026,22,1,,x\n"
    "C,64493,,2026-08-03,11,1,,x\n"
    "D,64493,,2025-08-03,24,1,,x\n"
    "E,64493,,,24,1,,x\n"
)


@pytest.mark.usefixtures("rates")
def test_a_claim_file(run, tmp_path):
    file, output = tmp_path / "claims.csv", tmp_path / "priced.csv"
    file.write_text(CLAIMS)
    code, out, err = run("facility", "--claims", file, "-o", output)
    assert code == 0
    assert "CBSA -> cbsa" in err
    assert "7 lines, 3 of them priced" in out
    # 90 and 45 in the center, 150 in the hospital, whose line has no area: the national rate
    assert "to facilities $285.00: $228.00 from Medicare, $57.00 from patients" in out
    assert "1 line at national rates" in err
    assert "1 line of neither an ASC nor a hospital outpatient department" in err
    assert out.count("not modeled: outlier payments") == 1
    priced = pl.read_csv(output, infer_schema=False)
    assert priced["facility_amount"].to_list() == ["90.00", "45.00", None, "150.00", None, None, None]
    assert priced["pricing_status"].to_list() == [
        "priced",
        "priced",
        "packaged",
        "priced",
        "unknown_setting",
        "not_installed",
        "invalid_date",
    ]
    assert priced["input:facility_amount"].to_list() == ["x"] * 7
    assert priced["Claim"].to_list() == list("AAABCDE")


@pytest.mark.usefixtures("rates")
def test_a_claim_file_of_no_facility_has_no_amount(run, tmp_path):
    file, output = tmp_path / "claims.csv", tmp_path / "priced.csv"
    file.write_text("CPT,DOS,POS\n64493,2026-08-03,11\n")
    code, out, _ = run("facility", "--claims", file, "-o", output)
    assert code == 0
    assert "1 line, 0 of them priced" in out
    assert "no amount to a facility" in out
    assert "$" not in out
    assert "not modeled" not in out
    document = json.loads(run("facility", "--claims", file, "-o", output, "--json")[1])
    assert (document["facility_amount"], document["not_modeled"]) == (None, [])


@pytest.mark.usefixtures("rates")
def test_a_claim_file_as_json_with_all_said_once(run, tmp_path):
    file, output = tmp_path / "claims.csv", tmp_path / "priced.parquet"
    file.write_text("CPT\n64493\n64494\n")
    arguments = ("--claims", file, "-o", output, "--setting", "opps", "--cbsa", "11111", "--date", "2026-08-03")
    code, out, _ = run("facility", *arguments, "--json")
    document = json.loads(out)
    assert code == 0
    # two lines without a claim's name are claims of their own: the add-on is packaged all the same
    assert document["statuses"] == {"priced": 1, "packaged": 1}
    assert document["facility_amount"] == 88.00


@pytest.mark.usefixtures("rates")
def test_a_claim_file_that_lacks_a_column(run, tmp_path):
    file = tmp_path / "claims.csv"
    file.write_text("CPT,Date\n64493,2026-08-03\n")
    code, _, err = run("facility", "--claims", file, "-o", tmp_path / "o.csv", "--date", "2026-08-03")
    assert code == 2
    assert "setting or place_of_service" in " ".join(err.split())
    code, _, err = run("facility", "--claims", file)
    assert code == 2
    assert "give -o FILE" in err


@pytest.mark.usefixtures("rates")
def test_sites_side_by_side(run):
    arguments = ("64493", "64494", "--locality", "09102-04", "--cbsa", "11111", "--release", "2026C")
    code, out, _ = run("site-of-service", *arguments)
    assert code == 0
    rows = {" ".join(line.split()[:2]): line for line in out.splitlines() if line}
    assert rows["64494 facility"].split()[-2:] == ["packaged", "packaged"]
    assert rows["facility gets"].split()[-3:] == ["-", "$90.00", "$88.00"]
    assert rows["total $305.54"]
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.usefixtures("rates")
def test_without_an_area_the_facility_is_national_and_that_is_said(run):
    code, out, err = run("site-of-service", "64493", "--county", "Miami-Dade, FL", "--release", "2026C")
    assert code == 0
    assert "$100.00" in out
    told = " ".join(err.split())
    assert "no CMS file here says which CBSA a place is in; give --cbsa" in told
    assert "09102-04 MIAMI, FL" in told


@pytest.mark.usefixtures("rates")
@pytest.mark.parametrize(("area", "told"), [("1", "no area named '1'"), ("99999", "no area 99999")])
def test_sites_in_an_area_that_no_wage_index_knows(run, area, told):
    code, out, err = run("site-of-service", "64493", "--locality", "09102-04", "--release", "2026C", "--cbsa", area)
    assert (code, out) == (2, "")
    assert told in " ".join(err.split())


@pytest.mark.usefixtures("rates")
def test_what_is_not_modeled_is_said_of_the_hospital_alone(run):
    _, out, _ = run("facility", "--setting", "opps", "64493")
    assert "not modeled: outlier payments" in out
    assert "blood" not in out
    _, out, _ = run("facility", "--setting", "opps", "P0001")
    assert "the first 3 units of whole blood or packed red cells of a year" in " ".join(out.split())
    assert "not modeled" not in run("facility", "--setting", "asc", "64493")[1]
    assert "not modeled" not in run("facility", "--setting", "opps", "64494")[1]  # packaged: no amount to change
    _, out, _ = run("site-of-service", "64493", "--locality", "09102-04", "--release", "2026C")
    assert out.count("hospital outpatient: not modeled: outlier payments") == out.count("not modeled") == 1


@pytest.mark.usefixtures("rates")
def test_sites_as_json(run):
    code, out, _ = run("site-of-service", "64493", "64494", "--locality", "Miami, FL", "--release", "2026C", "--json")
    document = json.loads(out)
    assert code == 0
    assert [site["site"] for site in document["sites"]] == ["office", "asc", "opps"]
    assert document["sites"][1]["lines"][1]["facility_status"] == "packaged"
    assert document["sites"][0]["total"] == 305.54


@pytest.mark.usefixtures("rates")
def test_sites_take_one_place(run):
    code, _, err = run("site-of-service", "64493", "--zip", "33133", "--locality", "09102-04")
    assert code == 2
    assert "one of --zip, --locality and --county" in err


def test_nothing_installed(run):
    code, _, err = run("facility", "--setting", "asc", "64493")
    assert code == 2
    assert "feecalc build FILE" in err


@pytest.mark.usefixtures("rates")
def test_an_area_said_for_all_lines_is_found_by_its_name(run, tmp_path):
    file, output = tmp_path / "claims.csv", tmp_path / "priced.csv"
    file.write_text("CPT,DOS,POS\n64493,2026-08-03,24\n")
    code, out, _ = run("facility", "--claims", file, "-o", output, "--cbsa", "Town, GA")
    assert code == 0
    assert "to facilities $90.00" in out
    code, _, err = run("facility", "--claims", file, "-o", output, "--cbsa", "Nowhere")
    assert code == 2
    assert "no area named 'Nowhere'" in err
