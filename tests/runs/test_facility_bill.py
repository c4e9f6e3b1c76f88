"""A facility's own bill checked: its lists decide what is paid, its rates what is at stake. Codes and rates made up.

As ``facility.entries`` has them: 10001 100.00 and 10002 80.00, which are discounted beside each other; 10004 N1; 60001
excluded (Addendum EE); 70001 ancillary 40.00; in a hospital 20001 and 20002 comprehensive at 1,000.00 and 900.00.
"""

from dataclasses import replace

import polars as pl
import pytest
from edits.made_up import lines, pricer, tables
from facility.entries import DAY, install_all

from feecalc.edits.checking import check, denied, denied_rows
from feecalc.facility import open_facility
from feecalc.ingest.store import Store
from feecalc.runs.facility_bill import FacilityBillPricer, bill_pricer, open_rates


@pytest.fixture(scope="module")
def schedules(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("rates"))
    install_all(store)
    return (open_facility(store, DAY),)


@pytest.fixture
def found(schedules):
    def checked(*given, bill="asc", pairs=(), day=DAY):
        made = tables()
        if pairs:
            row = {"effective_from": DAY, "deleted_on": None, "modifier_indicator": "1", "rationale": "in words"}
            listed = [{"column_1": one, "column_2": two, **row} for one, two in pairs]
            made = replace(made, pairs=pl.DataFrame(listed, schema=made.pairs.schema))
        claims = lines(*given, date_of_service=day)
        by = FacilityBillPricer(pricer(), bill, schedules)
        findings = check(claims, by, made, policies=(), bill=bill)
        assert denied(claims, by, made, policies=(), bill=bill).equals(denied_rows(findings))
        return findings

    return checked


def told(findings):
    return findings.found.select("row", "rule", "severity", pl.col("amount_at_stake").cast(pl.String)).rows()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("10001-RT", "10002-LT"), []),
        (("10001-73",), []),  # a facility's modifier; a physician's line is refused with it
        (("10001", "10004"), [(1, "asc_packaged", "warns", "0.00")]),
        (("10001", "60001"), [(1, "asc_excluded", "denies", None)]),
        (("10001", "99999"), [(1, "asc_not_listed", "denies", None)]),
        (("70001",), [(0, "asc_ancillary_alone", "warns", None)]),
        (("10001", "70001"), []),
        (("10001-50",), [(0, "both_sides_in_asc", "warns", "100.00")]),
        (("10001-26",), [(0, "physician_modifier_on_facility", "warns", "100.00")]),
    ],
)
def test_an_asc(found, given, expected):
    assert told(found(*given)) == expected


def test_the_dollars_are_the_centers(found):
    """10002, ranked second, is paid half of 80.00; stopped before anesthesia 10001 is paid half of 100.00."""
    pair = found("10001", "10002", pairs=[("10001", "10002")])
    assert told(pair) == [(1, "ncci_pair", "denies", "40.00")]
    assert pair.priced["allowed_amount"].cast(pl.String).to_list() == ["100.00", "40.00"]
    assert found("10001-73").priced["allowed_amount"].cast(pl.String).to_list() == ["50.00"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("10001", "10004"), []),  # packaged lines belong on a hospital's bill
        (("10001", "60001"), [(1, "opps_inpatient_only", "denies", None)]),
        (("99999",), [(0, "opps_not_listed", "denies", None)]),
        (("60002",), []),  # another fee schedule's
        (("10001-50",), [(0, "hospital_sides_unknown", "warns", "150.00")]),  # no physician file is installed
    ],
)
def test_a_hospital(found, given, expected):
    assert told(found(*given, bill="hospital")) == expected


def test_a_comprehensive_payment(found):
    """20002 ranks first, and its 900.00 are the claim's. Without 20001 it is paid the same; without 20002 the other's
    1,000.00 are: neither denial takes anything. Beside a mere 10004 all 900.00 are at stake."""
    for pair, row in ((("20002", "20001"), 1), (("20001", "20002"), 0)):
        findings = found("20002", "20001", bill="hospital", pairs=[pair])
        assert told(findings) == [(row, "ncci_pair", "denies", "0.00")]
    alone = found("20002", "10004", bill="hospital", pairs=[("10004", "20002")])
    assert told(alone) == [(0, "ncci_pair", "denies", "900.00")]


def test_a_claim_of_very_many_lines_is_not_priced_for_each_of_them(found):
    """20002 beside 300 lines of 20001, any of which would be paid in its place: its own 900.00 are said."""
    for many, stake in ((1, "0.00"), (300, "900.00")):
        findings = found("20002", *["20001"] * many, bill="hospital", pairs=[("20001", "20002")])
        assert (0, "ncci_pair", "denies", stake) in told(findings)


def test_a_quarter_without_rates(found):
    """Nothing is judged by lists that are not there, and the line says why it has no amount."""
    findings = found("10001", "60001", day=DAY.replace(month=7))
    assert told(findings) == []
    assert set(findings.priced["pricing_status"].cast(pl.String)) == {"not_installed"}


def test_whose_bill_is_priced_by_what(schedules, tmp_path):
    assert bill_pricer(pricer(), "professional", ()) is pricer()
    assert isinstance(bill_pricer(pricer(), "hospital", schedules), FacilityBillPricer)
    store = Store(tmp_path / "home")
    install_all(store)
    assert open_rates("professional", [DAY], tmp_path / "home") == ()
    opened = open_rates("asc", [DAY.replace(month=3), DAY, DAY.replace(month=7)], tmp_path / "home")
    assert DAY in [each.first_day for each in opened]
