"""A case in an office, an ASC and a hospital: starter data's physician amounts beside made-up facility rates."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from facility.entries import asc, install, install_all, opps

from feecalc.errors import InvalidValue, UnknownCode, UnknownLocality
from feecalc.facility import open_facility
from feecalc.facility.case import CaseLine, case_lines
from feecalc.facility.sites import compare_sites
from feecalc.ingest.store import Store
from feecalc.installed import open_schedule

DAY = date(2026, 8, 3)
CASE = [CaseLine("64493"), CaseLine("64494")]


@pytest.fixture(scope="module")
def physician():
    return open_schedule("2026C").schedule


@pytest.fixture(scope="module")
def facility(tmp_path_factory):
    """64493 is 10001 of the made-up tables, 64494 is packaged."""
    store = Store(tmp_path_factory.mktemp("sites"))
    install_all(store, date(2026, 7, 1))
    names = {"10001": "64493", "10004": "64494"}
    for kind, table in (("opps", opps()), ("asc", asc())):
        install(store, kind, date(2026, 7, 1), table.with_columns(pl.col("hcpcs").replace(names)))
    return open_facility(store, DAY)


def test_the_add_on_pays_the_physician_everywhere_and_the_facility_nowhere(physician, facility):
    miami = physician.find_locality("09102-04")
    office, center, hospital = compare_sites(physician, facility, CASE, locality=miami, cbsa="11111", day=DAY)
    assert [site.site for site in (office, center, hospital)] == ["office", "asc", "opps"]
    add_on = [site.lines[1] for site in (office, center, hospital)]
    assert all(line.physician_amount > 0 for line in add_on)
    assert [line.facility_amount for line in add_on] == [None, None, None]
    assert [line.facility_status for line in add_on] == ["", "packaged", "packaged"]


def test_totals_are_the_parts(physician, facility):
    # 203.12 and 102.42 are CMS's amounts in Miami in an office; 90.00 and 88.00 the facility's (0.9 and 0.88 of 100)
    miami = physician.find_locality("09102-04")
    office, center, hospital = compare_sites(physician, facility, CASE, locality=miami, cbsa="11111", day=DAY)
    assert (office.physician_amount, office.facility_amount, office.total) == (
        Decimal("305.54"),
        Decimal("0.00"),
        Decimal("305.54"),
    )
    assert (center.facility_amount, hospital.facility_amount) == (Decimal("90.00"), Decimal("88.00"))
    for site in (office, center, hospital):
        assert site.total == site.physician_amount + site.facility_amount
    assert center.patient_share - Decimal("18.00") == hospital.patient_share - Decimal("17.60")


def test_both_sides_are_two_lines_in_an_asc(physician, facility):
    case = [CaseLine("64493", ("50",))]
    _, center, hospital = compare_sites(
        physician, facility, case, locality=physician.find_locality("09102-04"), day=DAY
    )
    assert (center.facility_amount, hospital.facility_amount) == (Decimal("150.00"), Decimal("150.00"))
    assert "RT and LT" in center.notes[0]
    assert center.lines[0].facility_amount == Decimal("150.00")


def test_national_without_a_locality(physician, facility):
    office, *_ = compare_sites(physician, facility, [CaseLine("64493")], day=DAY)
    assert office.physician_amount == Decimal("190.39")  # CMS's national amount
    assert office.patient_share == Decimal("38.08")


def test_a_part_without_a_price_leaves_no_total(physician, tmp_path):
    store = Store(tmp_path)
    install(store, "asc", date(2026, 7, 1))
    _, center, hospital = compare_sites(physician, open_facility(store, DAY), CASE, day=DAY)
    assert (center.total, hospital.total) == (None, None)
    assert "64493: facility, in none of the ASC addenda" in center.reason
    assert "no OPPS Addendum B" in hospital.reason
    assert hospital.lines[0].facility_status == "not_installed"


def test_an_area_that_no_wage_index_has_is_refused_and_one_that_only_one_has_is_said(physician, facility):
    with pytest.raises(UnknownLocality, match="no area 99999"):
        compare_sites(physician, facility, CASE, cbsa="99999", day=DAY)
    areas = facility.center.areas.filter(pl.col("cbsa") != "11111")
    without = replace(facility, center=replace(facility.center, areas=areas))
    _, center, hospital = compare_sites(physician, without, CASE, cbsa="11111", day=DAY)
    assert center.facility_amount is None
    assert "no area 11111" in center.reason
    assert hospital.facility_amount == Decimal("88.00")


def test_what_cannot_be_asked(physician, facility):
    with pytest.raises(UnknownCode):
        compare_sites(physician, facility, [CaseLine("99999")], day=DAY)
    with pytest.raises(InvalidValue, match="the day is"):
        compare_sites(physician, facility, CASE, day=date(2026, 12, 1))


def replaced(table, **names):
    return table.with_columns(pl.col("hcpcs").replace({old: new for new, old in names.items()}))


@pytest.fixture(scope="module")
def own_codes(tmp_path_factory):
    """G0463 at 200.00 (50001) and G0260 at 100.00 (10001) in a hospital; G0260 at 100.00 in an ASC; no 99213, 27096."""
    store = Store(tmp_path_factory.mktemp("codes"))
    install_all(store, date(2026, 7, 1))
    install(store, "opps", date(2026, 7, 1), replaced(opps(), G0463="50001", G0260="10001"))
    install(store, "asc", date(2026, 7, 1), replaced(asc(), G0260="10001"))
    return open_facility(store, DAY)


@pytest.mark.parametrize("codes", [("99213",), ("99213", "G0463"), ("G0463", "99213")])
def test_a_visit_is_the_hospitals_own_code_and_is_billed_once(physician, own_codes, codes):
    """Facility 11: the physician's 99213 and the hospital's G0463; an ASC is not paid a visit."""
    office, center, hospital = compare_sites(physician, own_codes, [CaseLine(code) for code in codes], day=DAY)
    assert hospital.facility_amount == Decimal("200.00")
    assert hospital.total == hospital.physician_amount + Decimal("200.00")
    assert office.total == office.physician_amount
    assert (center.total, center.facility_amount) == (None, None)
    assert "for 99213 a hospital bills G0463" in hospital.notes


@pytest.mark.parametrize(
    ("codes", "amount"), [(("27096",), "100.00"), (("27096", "G0260"), "100.00"), (("27096-50",), "150.00")]
)
def test_an_injection_of_the_sacroiliac_joint_is_g0260_on_a_facilitys_bill(physician, own_codes, codes, amount):
    """Facility 11: in an ASC and in a hospital; both sides 1.5 times."""
    _, center, hospital = compare_sites(physician, own_codes, case_lines(codes), day=DAY)
    for site in (center, hospital):
        assert site.facility_amount == Decimal(amount)
        assert site.total == site.physician_amount + Decimal(amount)


def test_a_code_of_the_facility_alone_is_no_case(physician, own_codes):
    _, _, hospital = compare_sites(physician, own_codes, [CaseLine("G0463")], day=DAY)
    assert hospital.total is None
    assert "no code of the physician's bill" in hospital.reason
