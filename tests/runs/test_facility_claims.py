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
