"""What a facility's patient pays by code, modifier and the file's own mark. Rates made up; Town's index is 0.8.

An ASC gets 0.50 x 0.8 + 0.50 = 0.9 of a rate there, a hospital 0.60 x 0.8 + 0.40 = 0.88.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from facility.entries import ancillary, asc, install, install_all, opps

from feecalc.facility import open_facility
from feecalc.facility.case import CaseLine
from feecalc.facility.schedule import price_facility_claims
from feecalc.facility.sites import compare_sites
from feecalc.ingest.store import Store
from feecalc.installed import open_schedule

DAY = date(2026, 8, 3)
TOWN = "11111"
NAMES = {"10001": "45385", "10002": "45380", "10003": "G0105", "10005": "G0102"}
MARKED = {"70001": "**", "J0001": "***"}


@pytest.fixture(scope="module")
def facility(tmp_path_factory):
    """45385 at 100, 45380 at 80, G0105 at 50; the ancillary 70001 is marked as preventive."""
    store = Store(tmp_path_factory.mktemp("shares"))
    install_all(store, date(2026, 7, 1))
    marks = pl.col("hcpcs").replace_strict(MARKED, default="").alias("mark")
    tables = {"opps": opps(), "asc": asc(), "asc_ancillary": ancillary().with_columns(marks)}
    for kind, table in tables.items():
        install(store, kind, date(2026, 7, 1), table.with_columns(pl.col("hcpcs").replace(NAMES)))
    return open_facility(store, DAY)


def shares(facility, setting, *codes, cbsa=TOWN):
    case = [CaseLine(code.split("-")[0], tuple(code.split("-")[1:])) for code in codes]
    return [str(line.copayment) for line in facility.price(case, setting, cbsa=cbsa, day=DAY).lines]


def test_facility_5_a_screening_turned_into_treatment(facility):
    # 90.00 x 15 percent; the other procedure of the day 36.00 (80 x 0.9 x 0.5) x 15 percent; hospital 88.00 and 35.20
    assert shares(facility, "asc", "45385-PT", "45380") == ["13.50", "5.40"]
    assert shares(facility, "opps", "45385-PT", "45380") == ["13.20", "5.28"]


def test_33_beside_pt_is_pt_s(facility):
    assert shares(facility, "asc", "45385-33-PT") == shares(facility, "asc", "45385-PT-33") == ["13.50"]


def test_pt_on_a_screening_s_own_code_reaches_no_other_line(facility):
    # 80 x 0.9 = 72.00 of 45380 is the higher, and a fifth of it the patient's; G0105 is free by its code
    assert shares(facility, "asc", "G0105-PT", "45380") == ["0.00", "14.40"]
    screening, _ = facility.price([CaseLine("G0105", ("PT",)), CaseLine("45380")], "asc", cbsa=TOWN, day=DAY).lines
    assert "modifier PT is not for this code: it changed nothing" in str(screening)


def test_without_pt_it_is_a_fifth(facility):
    assert shares(facility, "asc", "45385", "45380") == ["18.00", "7.20"]
    assert shares(facility, "opps", "45385", "45380") == ["17.60", "7.04"]


def test_facility_5a_a_screening_colonoscopy_is_free(facility):
    # by its code; in the hospital Addendum B prints a fifth here, and the code decides
    assert shares(facility, "asc", "G0105") == ["0.00"]
    assert shares(facility, "opps", "G0105") == ["0.00"]


def test_what_applies_stays_as_the_file_prints_it(facility):
    # 100 x 0.88 = 88.00; the file prints 30 of 100
    assert shares(facility, "opps", "G0102-33") == ["26.40"]


def test_the_files_own_mark_is_obeyed(facility):
    # ancillary 40 x 0.9, marked **; the drug's *** says something else: a fifth of 10.00
    case = [CaseLine("45385"), CaseLine("70001"), CaseLine("J0001")]
    lines = facility.price(case, "asc", cbsa=TOWN, day=DAY).lines
    assert [str(line.copayment) for line in lines] == ["18.00", "0.00", "2.00"]
    (step,) = (step for step in lines[1].steps if step.name == "patient pays")
    assert ("mark **" in step.detail, "note 3" in step.source) == (True, True)
    assert "no Part B deductible" in step.detail


def test_a_receipt_names_the_term_and_its_source(facility):
    lines = facility.price([CaseLine("45385", ("PT",)), CaseLine("45380")], "asc", cbsa=TOWN, day=DAY).lines
    own, beside = (next(step for step in line.steps if step.name == "patient pays") for line in lines)
    assert own.detail.startswith("15 percent (modifier PT)")
    assert "a line of the claim and day has modifier PT" in beside.detail
    assert "sec. 60.1.1" in beside.source
    assert all("no Part B deductible is taken" in step.detail for step in (own, beside))


def test_claims_of_a_file_are_apart(facility):
    rows = [("A", "45385", "PT"), ("A", "45380", ""), ("B", "45380", "")]
    frame = pl.DataFrame(
        [
            {"claim_id": claim, "line": at, "date_of_service": DAY, "hcpcs": code, "setting": "asc", "units": 1,
             "modifier_1": modifier, "cbsa": TOWN}
            for at, (claim, code, modifier) in enumerate(rows, 1)
        ],
        schema_overrides={"line": pl.Int32, "units": pl.Int32},
    )  # fmt: skip
    found = price_facility_claims(frame, [facility])["copayment"].to_list()
    assert found == [Decimal("13.50"), Decimal("5.40"), Decimal("14.40")]  # 72.00 x 20 percent


def test_sites_take_it_on_both_bills(facility):
    """Nation and locality alike: the physician's 15 percent and the facility's."""
    schedule = open_schedule("2026C").schedule
    case = [CaseLine("45385", ("PT",))]
    for locality in (None, schedule.find_locality("09102-04")):
        sites = compare_sites(schedule, facility, case, locality=locality, cbsa=TOWN, day=DAY)
        for site, own in zip(sites, ("0.00", "13.50", "13.20"), strict=True):
            physician = (site.physician_amount * 15 / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")
            assert site.patient_share == physician + Decimal(own), (site.site, locality)

