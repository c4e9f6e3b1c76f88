"""The technical part of imaging in an ambulatory surgical center: the center's, where Addendum BB lists the code."""

from dataclasses import replace
from datetime import date
from functools import cache

import polars as pl
import pytest
from edits.made_up import found_by, lines, schedule, tables
from pricing.claims import made_up as priced

from feecalc.edits.checking import check
from feecalc.edits.coding import technical
from feecalc.edits.tables import open_edit_tables
from feecalc.ingest.build import build
from feecalc.ingest.store import Store
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.tables import Rvu

# code, modifier, fee, PC/TC indicator. 100 = 30 + 70: what a physician gets whole, as 26, as TC
ROWS = [
    ("SCAN1", "", "100.00", "1"), ("SCAN1", "26", "30.00", "1"), ("SCAN1", "TC", "70.00", "1"),
    ("SCAN2", "", "100.00", "1"), ("SCAN2", "26", "30.00", "1"), ("SCAN2", "TC", "70.00", "1"),
    ("SCAN3", "", "100.00", "1"), ("SCAN3", "26", "30.00", "1"), ("SCAN3", "TC", "70.00", "1"),
    ("TRACE", "", "20.00", "3"), ("DRUG1", "", "5.00", "9"),
]  # fmt: skip
LISTS = {  # the list of each quarter, by payment indicator
    date(2025, 1, 1): {"SCAN1": "Z2", "SCAN2": "N1", "TRACE": "Z3", "DRUG1": "K2"},
    date(2025, 4, 1): {"SCAN1": "Z2", "SCAN3": "Z3", "TRACE": "N1", "DRUG1": "K2"},
}


@cache
def pricer():
    made = schedule()
    more = pl.DataFrame([priced.row(code, fee, modifier=modifier, pctc_indicator=sign) for code, modifier, fee, sign in
                         ROWS], infer_schema_length=None)  # fmt: skip
    rvu = pl.concat([made.rvu, Rvu.validate(more.select(Rvu.column_names()), cast=True)])
    return ClaimPricer([ReleaseDays.of_year(replace(made, rvu=rvu))])


@cache
def with_list():
    listed = pl.DataFrame(
        [{"hcpcs": code, "payment_indicator": sign, "effective_from": day} for day, codes in LISTS.items()
         for code, sign in codes.items()]
    )  # fmt: skip
    return replace(tables(), ancillary=listed)


def found(*given, day=date(2025, 4, 30), place="24", edit_tables=None, **more):
    claims = lines(*given, place_of_service=place, date_of_service=day)
    held = check(claims, pricer(), edit_tables or with_list(), policies=(), **more).found
    told = held.filter(pl.col("rule").is_in(["technical_part_in_asc", "technical_code_in_asc"]))
    return told.select("row", "rule", "severity", pl.col("amount_at_stake").cast(pl.String)).rows()


@pytest.mark.parametrize(("given", "stake"), [("SCAN1", "100.00"), ("SCAN1-TC", "70.00"), ("SCAN1-RT", "100.00")])
def test_whole_or_technical_in_a_center_is_denied(given, stake):
    assert found(given) == [(0, "technical_part_in_asc", "denies", stake)]


@pytest.mark.parametrize("given", ["SCAN1-26", "SCAN1-RT-26"])
def test_the_professional_part_is_not(given):
    assert found(given) == []


@pytest.mark.parametrize("place", ["11", "22", "21", "49", ""])
def test_nothing_is_said_of_other_places(place):
    assert found("SCAN1", "TRACE", place=place) == []


def test_nothing_is_said_of_codes_that_the_list_does_not_hold():
    """Nor of a listed drug, which has no technical part, nor of a listed procedure without one."""
    assert found("SCAN2", "IMAGE", "DRUG1", "PRIM1") == []


def test_the_list_of_the_quarter_holds():
    """SCAN2 is packaged on the January list and gone in April; SCAN3 the other way round."""
    last_of_march = date(2025, 3, 31)
    assert [row for row, *_ in found("SCAN2", "SCAN3", day=last_of_march)] == [0]
    assert [row for row, *_ in found("SCAN2", "SCAN3", day=date(2025, 4, 1))] == [1]


def test_before_the_oldest_list_nothing_is_said():
    made = replace(with_list(), ancillary=with_list().ancillary.filter(pl.col("effective_from") > date(2025, 1, 1)))
    assert found("SCAN1", day=date(2025, 3, 31), edit_tables=made) == []


def test_a_code_of_technical_work_only():
    assert found("TRACE", day=date(2025, 2, 1)) == [(0, "technical_code_in_asc", "denies", "20.00")]
    assert found("TRACE") == []  # packaged in the April list: not read as imaging


def test_the_center_itself_may_bill_it():
    assert found("SCAN1", "SCAN1-TC", bill="asc") == []


def test_without_the_list_nothing_is_found():
    assert found("SCAN1", edit_tables=tables()) == []


def test_raw_lines_as_a_claim_run_has_them():
    """Without row and release: what the run of denials hands over."""
    claims = lines("PRIM1", "SCAN1", place_of_service="24", date_of_service=date(2025, 4, 30))
    told = found_by(technical.RULES, claims, with_list(), pricer())
    assert told.select("row", "rule", "carc").rows() == [(1, "technical_part_in_asc", "4")]


@pytest.mark.parametrize(
    ("given", "carc"),
    [("SCAN1", "4"), ("SCAN1-RT", "4"), ("SCAN1-TC", "171"), ("SCAN1-RT-TC", "171"), ("TRACE", "171")],
)
def test_the_code_of_the_remittance(given, carc):
    """Pub. 100-04 ch. 14 sec. 60.2 (Rev. 3650): CO-171 of a technical component, CO-4 of a service billed whole."""
    claims = lines(given, place_of_service="24", date_of_service=date(2025, 2, 1))
    assert found_by(technical.RULES, claims, with_list(), pricer())["carc"].to_list() == [carc]


class TestTheStore:
    def test_lists_of_the_days_are_opened_and_their_lack_is_said(self, cms, tmp_path):
        store = Store(tmp_path)
        empty = open_edit_tables(store, date(2025, 4, 30))
        assert empty.ancillary is None
        assert "Addendum BB is not installed" in empty.missing_in_centers[0]
        assert "Addendum BB" not in " ".join(empty.missing)
        for quarter in ("20250101", "20250401"):
            build(cms / "asc" / f"asc_{quarter}_Addendum_BB.csv", store=store)
        opened = open_edit_tables(store, date(2025, 4, 30), date(2025, 1, 2))
        # 72148 is printed with Z3 on both, 77003 with N1
        own = opened.ancillary.filter(pl.col("hcpcs").is_in(["72148", "77003"])).sort("effective_from", "hcpcs")
        assert own["payment_indicator"].to_list() == ["Z3", "N1", "Z3", "N1"]
        assert opened.missing_in_centers == ()
        early = open_edit_tables(store, date(2025, 4, 30), date(2024, 12, 31)).missing_in_centers
        assert "begins with the file of 2025-01-01" in early[0]
        late = open_edit_tables(store, date(2026, 1, 1)).missing_in_centers
        assert "newer than those of 2025-04-01" in late[0]
