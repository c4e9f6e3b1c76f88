"""A facility's claim file priced, on made-up rates: what the lines come to, and why some have no amount."""

from datetime import date
from decimal import Decimal

import pytest
from facility.entries import install_all

from feecalc.errors import InvalidValue, NotInstalled, UnknownLocality
from feecalc.files.facility_lines import FacilityDefaults, open_facility_file
from feecalc.ingest.store import Store
from feecalc.runs import facility_claims
from feecalc.runs.facility_claims import price_facility_file, read_facility_claims

FILE = "CPT,DOS,POS,note\n10001,2026-08-03,24,a\n10001,2026-08-03,22,b\n10001,2026-08-03,11,c\n10001,2025-08-03,24,d\n"


@pytest.fixture
def home(tmp_path):
    install_all(Store(tmp_path / "home"), date(2026, 7, 1))
    return tmp_path / "home"


def priced(path, home, **defaults):
    return price_facility_file(read_facility_claims(open_facility_file(path), FacilityDefaults(**defaults), home))


def test_lines_are_priced_and_summed(write, home):
    report = priced(write(FILE), home, cbsa="11111")
    # The wage index of 11111 is 0.8: 50 percent of the center's 100.00 by it, so 90.00, and 60 percent of the
    # hospital's 100.00, so 88.00. The patient owes 20 percent: 18.00 and 17.60.
    assert report.priced["facility_amount"].to_list() == [Decimal("90.00"), Decimal("88.00"), None, None]
    assert report.amounts == {
        "facility_amount": Decimal("178.00"),
        "medicare_amount": Decimal("142.40"),
        "copayment": Decimal("35.60"),
    }
    assert report.statuses == {"priced": 2, "not_installed": 1, "unknown_setting": 1}
    assert (report.lines, report.priced_lines, report.unknown_setting, report.at_national_rate) == (4, 2, 1, 0)
    assert report.priced.columns[:5] == ["CPT", "DOS", "POS", "input:note", "indicator"]  # a result is called note
    assert [text.split(",")[0].split(": ")[1] for text in report.not_modeled] == ["outlier payments"]


def test_without_an_area_rates_are_national(write, home):
    report = priced(write(FILE), home)
    assert (report.amounts["facility_amount"], report.at_national_rate) == (Decimal("200.00"), 2)


def test_nothing_priced_has_no_sum(write, home):
    report = priced(write("CPT,DOS,POS\n10001,2026-08-03,11\n"), home)
    assert set(report.amounts.values()) == {None}
    assert report.not_modeled == ()


def test_what_stops_all_lines(write, home, tmp_path, monkeypatch):
    with pytest.raises(UnknownLocality, match="no area named 'Nowhere'"):
        priced(write(FILE), home, cbsa="Nowhere")
    with pytest.raises(NotInstalled):
        priced(write(FILE), tmp_path / "empty")
    monkeypatch.setattr(facility_claims, "MOST_LINES", 3)
    with pytest.raises(InvalidValue, match="4 lines; at most 3 at once"):
        priced(write(FILE), home)


def test_two_patients_of_one_account_number_are_two_bills(write, home):
    """10001 pays 100.00 and 10002 half of 80.00 beside it; under the same number, of another patient, 80.00."""
    rows = ["P1,7,10001", "P1,7,10002", "P2,8,10001", "P3,8,10002"]
    text = "Patient ID,Acct,CPT,DOS,POS\n" + "".join(f"{each},2026-08-03,24\n" for each in rows)
    report = priced(write(text.replace("Acct", "Claim #")), home)
    assert [str(each) for each in report.priced["facility_amount"]] == ["100.00", "40.00", "100.00", "80.00"]
    assert report.priced.columns[:5] == ["Patient ID", "Claim #", "CPT", "DOS", "POS"]
    claims = read_facility_claims(open_facility_file(write("Claim #,CPT,DOS,POS\n7,10001,2026-08-03,24\n")), home=home)
    assert "no column beneficiary_id: the lines of one claim number are taken as one patient's" in claims.notices


def test_a_line_with_a_charge_that_cannot_be_read_is_not_priced_and_is_named(write, home):
    report = priced(write("CPT,DOS,POS,Qty,Charge\n10001,2026-08-03,24,,abc\n10003,2026-08-03,22,,$7\n"), home)
    first, second = report.priced.rows(named=True)
    assert (first["pricing_status"], first["facility_amount"]) == ("invalid_billed_amount", None)
    assert first["reason"] == "row 1: the charge 'abc' cannot be read as an amount"
    assert str(second["facility_amount"]) == "50.00"  # a blank is one unit
    assert report.unread == ("row 1: the charge 'abc' cannot be read as an amount",)


def test_a_charge_below_nothing_and_a_line_without_a_code(write, home):
    report = priced(write("CPT,DOS,POS,Charge\n10001,2026-08-03,24,(5.00)\n,2026-08-03,22,9\n,2026-08-03,24,9\n"), home)
    assert report.priced["pricing_status"].to_list() == ["invalid_billed_amount", "no_code", "no_code"]
    assert report.priced["reason"][1].startswith("the line has no procedure code: a charge by revenue code alone")
