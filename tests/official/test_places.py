"""CMS's files against what the manual says of places: therapy has one practice expense; whole tests are their parts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from feecalc import reference
from feecalc.ingest.build import build
from feecalc.ingest.store import Store
from feecalc.installed import open_schedule

RELEASES = ("RVU20A", "RVU22B", "RVU24C", "RVU25D", "RVU26C")
MIAMI = "09102-04"


@pytest.fixture(scope="module", params=RELEASES)
def whole(request, cms, tmp_path_factory):
    home = tmp_path_factory.mktemp(request.param)
    build(cms / "zips" / f"{request.param.lower()}.zip", store=Store(home))
    return open_schedule(request.param, home=home).schedule


def test_codes_of_the_therapy_rule_have_one_practice_expense(whole):
    """Pub. 100-04 ch. 12 sec. 20.4.2: therapy at the nonfacility rate everywhere; the file prints that one itself."""
    therapy = whole.rvu.filter(pl.col("mppr_indicator") == "5")
    assert therapy.height > 50
    assert therapy.filter(pl.col("pe_rvu_facility") != pl.col("pe_rvu_nonfacility")).height == 0


def test_codes_that_are_sometimes_therapy_have_two(whole):
    """92610: so the modifier of a plan of care decides."""
    (row,) = whole.rvu.filter(pl.col("hcpcs") == "92610").iter_rows(named=True)
    assert row["pe_rvu_facility"] < row["pe_rvu_nonfacility"]


def test_the_professional_codes_of_whole_tests_are_the_file_s(whole):
    """Work is the reading's alone: a whole test has the work of its professional codes, all of PC/TC indicator 2."""
    day = whole.release.first_date_of_service
    priced = whole.rvu.filter(pl.col("status_indicator").is_in(["A", "R", "T"]), pl.col("modifier") == "")
    rows = {row["hcpcs"]: row for row in priced.iter_rows(named=True)}
    tests = [code for code, row in rows.items() if row["pctc_indicator"] == "4"]
    sisters = {row["hcpcs"]: row["professional"] for row in reference.rows_on("technical_sister", day)}
    assert len(tests) >= 10
    for code in tests:
        parts = [rows[each] for each in sisters[code]]
        assert {part["pctc_indicator"] for part in parts} == {"2"}
        assert sum(part["work_rvu"] for part in parts) == rows[code]["work_rvu"]


@pytest.fixture(scope="module")
def july(cms, tmp_path_factory):
    """Prices of Miami in July 2026."""
    home = tmp_path_factory.mktemp("july")
    build(cms / "zips" / "rvu26c.zip", store=Store(home))
    schedule = open_schedule("RVU26C", home=home).schedule
    return lambda code, *modifiers, place: schedule.price(
        code, list(modifiers), place_of_service=place, locality=MIAMI, day=date(2026, 8, 3)
    )


class TestMiamiIn2026:
    """RVU26C, 33.4009; Miami 1.000, 1.041, 2.529."""

    def test_a_whole_test_names_the_reading_and_its_amount(self, july):
        """Professional case 10. 93010: 0.17 + 0.07 x 1.041 + 0.01 x 2.529 = 0.26816; x 33.4009 = 8.9568."""
        found = july("93000", place="22")
        assert found.allowed_amount is None
        assert "Bill 93010 (fee schedule amount $8.96)" in found.reason
        assert july("93010", place="22").allowed_amount == Decimal("8.96")

    def test_a_stress_test_names_both(self, july):
        """93016: 0.44 + 0.17697 + 0.02529 = 0.64226; 21.4521. 93018: 0.29 + 0.11451 + 0.02529 = 0.4298; 14.3557."""
        reason = july("93015", place="31").reason
        assert "93016 (fee schedule amount $21.45) and 93018 (fee schedule amount $14.36)" in reason

    def test_a_swallowing_study_under_a_plan_of_care(self, july):
        """92610: 1.30 + 1.23 x 1.041 + 0.02529 = 2.60572; 87.0334. In a facility 1.30 + 0.43722 + 0.02529; 58.8694."""
        assert july("92610", "GN", place="24").allowed_amount == Decimal("87.03")
        assert july("92610", place="24").allowed_amount == Decimal("58.87")

    def test_therapy_in_a_nursing_facility_says_whose_bill_it_is(self, july):
        """Professional case 11. 97110: 0.45 + 0.41 x 1.041 + 0.02529 = 0.9021; 30.1309."""
        for place, words in (("31", "the facility bills it"), ("32", "where Medicare certified the bed")):
            found = july("97110", "GP", place=place)
            assert found.allowed_amount == Decimal("30.13")
            assert any(words in note for note in found.notes)
