"""The edits of a facility's lines: what is denied is not paid, packages nothing, and is said with the files looked at.

Rates and limits are made up: in entries.py 10001 pays 100.00 and 10002 80.00, discounted beside each other.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from facility.entries import install, install_all

from feecalc.facility import open_facility
from feecalc.facility.case import case_lines
from feecalc.facility.sites import compare_sites
from feecalc.files.facility_lines import FacilityDefaults, open_facility_file
from feecalc.ingest.store import Store
from feecalc.installed import open_schedule
from feecalc.runs.facility_claims import price_facility_file, read_facility_claims
from feecalc.runs.facility_edits import edits_of_case

D = Decimal
DAY = date(2026, 8, 3)
FIRST = date(2026, 7, 1)


def with_edits(home):
    """10002 is column 2 of 10001 whatever the modifier; at most 1 of 10003 a day; 0 of 10006 to practitioners."""
    store = Store(home)
    install_all(store, FIRST)
    pairs = pl.DataFrame(
        {"column_1": ["10001"], "column_2": ["10002"], "effective_from": [FIRST], "deleted_on": [None],
         "modifier_indicator": ["0"], "rationale": ["made up"]},
        schema_overrides={"deleted_on": pl.Date},
    )  # fmt: skip
    units = pl.DataFrame(
        {"hcpcs": ["10003", "10006"], "mue_units": [1, 0], "mai": ["2", "2"], "rationale": ["made up"] * 2,
         "service": ["practitioner"] * 2},
        schema_overrides={"mue_units": pl.Int32},
    )  # fmt: skip
    install(store, "ncci_pair", FIRST, pairs)
    install(store, "mue", FIRST, units)
    return store


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return with_edits(tmp_path_factory.mktemp("edited")).home


@pytest.fixture(scope="module")
def price(home):
    schedule = open_facility(Store(home), DAY)

    def of(setting, *codes):
        case = case_lines(codes)
        return schedule.price(case, setting, day=DAY, denials=edits_of_case(case, DAY, home).denied)

    return of


@pytest.mark.parametrize("setting", ["asc", "opps"])
def test_column_2_of_a_pair_is_not_paid(price, setting):
    """Facility 12, as 29881 with 29877: 100.00, where 80.00 at half was paid beside it."""
    case = price(setting, "10002", "10001")
    assert [line.pricing_status for line in case.lines] == ["denied_by_edit", "priced"]
    assert case.facility_amount == D("100.00")
    assert "not paid beside 10001" in case.lines[0].reason
    assert case.unpriced == ()


@pytest.mark.parametrize("setting", ["asc", "opps"])
def test_units_beyond_the_limit_are_not_paid(price, setting):
    """Facility 12, as 64493 x 3."""
    assert [line.pricing_status for line in price(setting, "10003x3").lines] == ["denied_by_edit"]
    assert [line.pricing_status for line in price(setting, "10003").lines] == ["priced"]


def test_a_denied_line_packages_nothing_and_is_no_procedure(price):
    # 10003 (S) would package the Q1 service at 50.00; in an ASC imaging needs a procedure that is paid
    assert [line.pricing_status for line in price("opps", "10003x3", "30001").lines] == ["denied_by_edit", "priced"]
    statuses = [line.pricing_status for line in price("asc", "10003x3", "70001").lines]
    assert statuses == ["denied_by_edit", "no_procedure"]


def test_what_a_code_is_goes_before_an_edit(price):
    assert price("asc", "99999").lines[0].pricing_status == "unknown_code"


def test_the_practitioners_limit_of_zero_says_nothing_of_a_hospital(price):
    assert price("opps", "10006").lines[0].pricing_status == "priced"


def test_a_hospital_is_looked_at_by_its_own_lists(tmp_path):
    """Once they are installed: 10003 with 10001 is a pair there, 10001 with 10002 is none, and 2 of 10003 are allowed.

    A surgery center stays with the practitioners' lists: 10002 is denied there, and so are 2 of 10003.
    """
    store = with_edits(tmp_path)
    pair = store.read("NCCI_PAIR-20263", "ncci_pair").with_columns(column_2=pl.lit("10003"))
    units = store.read("MUE-20263", "mue").with_columns(mue_units=pl.lit(2, pl.Int32)).filter(hcpcs="10003")
    none = pl.DataFrame(
        {"hcpcs": ["10006"], "mue_units": [0], "mai": ["2"], "rationale": [""], "service": [""]},
        schema_overrides={"mue_units": pl.Int32},
    )
    install(store, "ncci_pair_hospital", FIRST, pair)
    install(store, "mue_hospital", FIRST, pl.concat([units, none]))
    schedule = open_facility(store, DAY)

    def statuses(setting, *codes):
        case = case_lines(codes)
        edits = edits_of_case(case, DAY, tmp_path)
        priced = schedule.price(case, setting, day=DAY, denials=edits.denied)
        return [line.pricing_status for line in priced.lines], priced.facility_amount, edits.said

    found, amount, said = statuses("opps", "10001", "10002")
    assert (found, amount) == (["priced", "priced"], D("140.00"))  # 100.00 + 80.00 / 2
    assert said[0] == (
        "edits applied: NCCI_PAIR-20263, MUE-20263 (physicians and surgery centers), NCCI_PAIR_HOSPITAL-20263, "
        "MUE_HOSPITAL-20263 (hospitals), coverage policies, exact duplicates of a claim's lines"
    )
    assert statuses("opps", "10001", "10003")[0] == ["priced", "denied_by_edit"]
    assert statuses("opps", "10003x2")[0] == ["priced"]
    assert statuses("opps", "10003x3")[0] == ["denied_by_edit"]
    assert statuses("opps", "10006")[0] == ["denied_by_edit"]  # 0 in the hospitals' own file
    assert statuses("asc", "10001", "10002")[0] == ["priced", "denied_by_edit"]
    assert statuses("asc", "10003x2")[0] == ["denied_by_edit"]


def test_a_coverage_policy_denies(home):
    """Facility 12: 0213T is not covered by the facet joint policy."""
    case = case_lines(["0213T"])
    lines = pl.DataFrame(
        {"claim_id": [""], "line": [1], "date_of_service": [DAY], "hcpcs": ["0213T"], "setting": ["asc"], "units": [1]}
    )
    assert "not covered" in edits_of_case(case, DAY, home).denied(lines, "asc")[0]


def test_the_files_looked_at_are_said(home, tmp_path):
    said = edits_of_case(case_lines(["10001"]), DAY, home).said
    assert said[0].startswith("edits applied: NCCI_PAIR-20263, MUE-20263 (the practitioners' files")
    install_all(Store(tmp_path), FIRST)
    lacking = edits_of_case(case_lines(["10001"]), DAY, tmp_path).said
    assert lacking[0] == "edits applied: coverage policies, exact duplicates of a claim's lines"
    assert any("no NCCI pairs are installed" in text for text in lacking)
    assert any("no medically unlikely units are installed" in text for text in lacking)


def test_a_claim_file_is_looked_at_claim_by_claim(home, tmp_path):
    path = tmp_path / "claims.csv"
    path.write_text(
        "claim,CPT,DOS,POS\nA,10001,2026-08-03,24\nA,10002,2026-08-03,24\nB,10002,2026-08-03,24\n"
        "C,10001,2026-08-03,22\nC,10002,2026-08-04,22\n"
    )
    claims = read_facility_claims(open_facility_file(path), FacilityDefaults(), home)
    report = price_facility_file(claims)
    # A: 100.00, the second denied; B alone: 80.00; C: two days, 100.00 and 80.00
    assert report.priced["facility_amount"].to_list() == [D("100.00"), None, D("80.00"), D("100.00"), D("80.00")]
    assert report.statuses == {"priced": 4, "denied_by_edit": 1}
    assert report.edits[0].startswith("edits applied: NCCI_PAIR-20263")
    without = price_facility_file(claims, edits=False)
    # in A the second at half
    assert without.priced["facility_amount"].to_list()[:2] == [D("100.00"), D("40.00")]
    assert without.edits == ("no edits were applied",)


def test_the_edits_go_by_the_patient(home, tmp_path):
    """10002 is column 2 of 10001: denied to the patient of both, on two claims too; not to two patients of a number."""
    path = tmp_path / "claims.csv"
    rows = ["P1,A,10001", "P1,B,10002", "P2,C,10001", "P3,C,10002"]
    path.write_text("Patient ID,claim,CPT,DOS,POS\n" + "".join(f"{each},2026-08-03,24\n" for each in rows))
    report = price_facility_file(read_facility_claims(open_facility_file(path), FacilityDefaults(), home))
    assert report.priced["facility_amount"].to_list() == [D("100.00"), None, D("100.00"), D("80.00")]


def test_a_slip_in_a_date_stops_no_run(home, tmp_path):
    """No release of 2062 or 1999 is known: those lines have their reason, the other is priced."""
    path = tmp_path / "claims.csv"
    days = ("2062-08-03", "1999-08-03", "2026-08-03")
    path.write_text("CPT,DOS,POS\n" + "".join(f"10001,{day},24\n" for day in days))
    report = price_facility_file(read_facility_claims(open_facility_file(path), FacilityDefaults(), home))
    assert report.priced["pricing_status"].to_list() == ["not_installed", "not_installed", "priced"]
    assert report.edits[0].startswith("edits applied: NCCI_PAIR-20263")


def test_site_of_service_takes_denials_off_both_bills(tmp_path):
    """64494 is column 2 of 64493 for this test: nobody is paid for it, and the total is whole."""
    store = with_edits(tmp_path)
    pair = store.read("NCCI_PAIR-20263", "ncci_pair").with_columns(column_1=pl.lit("64493"), column_2=pl.lit("64494"))
    install(store, "ncci_pair", FIRST, pair)
    names = {"10001": "64493", "10002": "64494"}
    for kind in ("opps", "asc"):
        table = store.read(f"{kind.upper()}-20263", kind)
        install(store, kind, FIRST, table.with_columns(pl.col("hcpcs").replace(names)))
    case, physician = case_lines(["64493", "64494"]), open_schedule("2026C").schedule
    facility, edits = open_facility(store, DAY), edits_of_case(case, DAY, tmp_path)
    alone = compare_sites(physician, facility, case[:1], day=DAY)
    both = compare_sites(physician, facility, case, day=DAY, denials=edits.denied)
    assert [site.total for site in both] == [site.total for site in alone]
    assert {line.physician_status for site in both for line in site.lines[1:]} == {"denied_by_edit"}
    assert both[1].lines[1].facility_status == "denied_by_edit"
    assert both[0].notes[0].startswith("64494: physician, 64494 is not paid beside 64493")
    assert both[1].notes[1].startswith("64494: facility, 64494 is not paid beside 64493")


def test_a_line_billed_twice_is_paid_once_as_a_check_denies_it(home, tmp_path):
    """One code, day and charge twice: the second is the repeat, 80.00 are paid; with two charges both are."""
    path = tmp_path / "claims.csv"
    rows = ["A,10002,200", "A,10002,200", "B,10002,200", "B,10002,190"]
    path.write_text("Claim ID,CPT,Charge,DOS,POS\n" + "".join(f"{each},2026-08-03,24\n" for each in rows))
    report = price_facility_file(read_facility_claims(open_facility_file(path), FacilityDefaults(), home))
    assert report.priced["facility_amount"].to_list() == [D("80.00"), None, D("80.00"), D("40.00")]
    assert report.priced["pricing_status"][1] == "denied_by_edit"
