"""Sides, modifiers, visits and what the core has found, caught and not caught; amounts at stake."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from edits.made_up import checked, lines, rules


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("PRIM1-50",), []),
        (("PRIM1-RT",), []),
        (("PRIM1-50-RT",), [(0, "both_sides_and_one")]),
        (("PRIM1-RT-LT",), [(0, "sides_on_one_line")]),
        (("ADDN1-50 x2", "PRIM1"), [(0, "both_sides_by_units")]),
        (("MAJOR-50",), [(0, "both_sides_pay_one")]),  # bilateral indicator 0
        (("MAJOR-50 x2",), [(0, "both_sides_by_units"), (0, "both_sides_pay_one")]),
        # with 55 the units are days of care; MAJOR is made up without shares of it
        (("MAJOR-55-50 x70",), [(0, "both_sides_pay_one"), (0, "modifier_does_not_apply")]),
        (("MAJOR-50-55 x2",), [(0, "both_sides_pay_one"), (0, "modifier_does_not_apply")]),
        (("ADDN1-RT", "ADDN1-LT", "PRIM1"), [(0, "sides_on_two_lines"), (1, "sides_on_two_lines")]),
        (("OTHER-RT", "OTHER-LT"), []),  # indicator 3: each side by itself
        (("PRIM1-F5-LT",), [(0, "digit_and_side")]),
        (("PRIM1-F5-RT",), []),
        (("OTHER-F5", "OTHER-F6"), []),
        (("OTHER-F5", "OTHER-F5"), [(0, "digit_twice"), (1, "duplicate_line")]),
        (("OTHER-F5", "OTHER-F5-76"), []),
        (("PRIM1", "ADDN1-51"), [(1, "several_on_add_on")]),
        (("PRIM1-51",), []),
        (("PRIM1-25",), [(0, "visit_modifier_on_procedure")]),
        (("99213-59",), [(0, "procedure_modifier_on_visit")]),
        (("99213-25",), []),
    ],
)
def test_sides_and_modifiers(given, found):
    assert rules(*given) == found


def test_sides_in_an_asc():
    assert rules("ADDN1-RT", "ADDN1-LT", "PRIM1", bill="asc") == []
    assert rules("PRIM1-50", bill="asc") == []  # what an ASC's rates say of 50: tests/runs/test_facility_bill.py


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("99213", "PRIM1"), [(0, "visit_with_minor")]),
        (("99213-25", "PRIM1"), []),
        (("99213", "PRIM2"), [(0, "visit_with_minor")]),
        (("99213-57", "PRIM1"), [(0, "visit_wrong_modifier_minor")]),
        (("99213", "MAJOR"), [(0, "visit_with_major")]),
        (("99213-57", "MAJOR"), []),
        (("99213-25", "MAJOR"), [(0, "visit_wrong_modifier_major")]),
        # 40.2.A.7-8: 24 is of the days after; on the day it is 25, or 57
        (("99213-24", "MAJOR"), [(0, "visit_modifier_of_later_days")]),
        (("99213-24", "PRIM1"), [(0, "visit_modifier_of_later_days")]),
        (("99213-24", "PRIM2"), [(0, "visit_modifier_of_later_days")]),
        (("99213-24-25", "PRIM2"), []),
        (("99213-24-57", "MAJOR"), []),
        (("99213-FT", "MAJOR"), []),  # 40.4.A: unrelated, on the day too
        (("99213", "IMAGE"), []),  # no global period
        (("99291", "MAJOR"), []),  # critical care has rules of its own
        (("99213", "MAJOR-80"), []),  # the assistant has no global period
    ],
)
def test_visits_on_the_day(given, found):
    assert rules(*given) == found


@pytest.mark.parametrize(
    ("day", "visit", "found"),
    [
        (date(2025, 6, 30), "99213", ["visit_before_surgery"]),
        (date(2025, 6, 30), "99213-57", []),
        (date(2025, 6, 30), "99213-24", ["visit_before_surgery"]),
        (date(2025, 7, 2), "99213-FT", []),
        (date(2025, 6, 29), "99213", []),
        (date(2025, 7, 2), "99213", ["visit_after_surgery"]),
        (date(2025, 7, 2), "99213-24", []),
        (date(2025, 9, 29), "99213", ["visit_after_surgery"]),  # July 1 and 90 days
        (date(2025, 9, 30), "99213", []),
    ],
)
def test_visits_around_a_major_surgery(day, visit, found):
    claims = [lines("MAJOR"), lines(visit, date_of_service=day, claim_id="C2")]
    assert [rule for _, rule in rules(*claims)] == found
    assert rules(claims[0], claims[1].with_columns(billing_npi=pl.lit("N2"))) == []
    assert rules(*(each.with_columns(billing_npi=pl.lit("")) for each in claims)) == []


@pytest.mark.parametrize(
    ("given", "day", "found"),
    [
        (("99213-25", "G2211"), date(2024, 12, 31), [1]),
        (("99213-25", "G2211"), date(2025, 7, 1), [1]),
        (("99213", "G2211"), date(2025, 7, 1), []),
        (("99213-25", "G2211", "G0439"), date(2025, 7, 1), []),  # the annual wellness visit, since 2025
        (("99213-25", "G2211", "G0439"), date(2024, 12, 31), [1]),
        (("99213-25", "G2211", "TESTS-33"), date(2025, 7, 1), []),
        (("99213-25", "99213", "G2211"), date(2025, 7, 1), []),  # it may belong to the other visit
    ],
)
def test_complexity_beside_25(given, day, found):
    rows = [row for row, rule in rules(lines(*given, date_of_service=day)) if rule == "complexity_beside_25"]
    assert rows == found


@pytest.mark.parametrize(
    ("given", "found"), [("PRIM1-GA-GZ", True), ("PRIM1-GZ-GA", True), ("PRIM1-78", False), ("PRIM1-79-59", False)]
)
def test_modifiers_that_contradict(given, found):
    assert ((0, "modifiers_contradict") in rules(given)) == found


def test_24_on_the_day_is_a_question_that_names_the_fitting_modifier():
    for surgery, fitting in (("PRIM2", "it is 25 that says"), ("MAJOR", "it is 57 that says")):
        found = checked("99213-24", surgery).found
        assert found["severity"].to_list() == ["warns"]
        assert fitting in found["detail"][0]


def test_57_beside_a_minor_procedure_is_not_paid():
    """Sec. 30.6.6.C: no visit with 57 is paid on the day of a procedure of 0 or 10 days."""
    found = checked("99213-57", "PRIM2").found
    assert found.select("severity", "amount_at_stake").row(0) == ("denies", Decimal("90.00"))


def test_visits_after_ten_days():
    for day, found in ((date(2025, 7, 11), ["visit_after_surgery"]), (date(2025, 7, 12), [])):
        assert [rule for _, rule in rules(lines("PRIM2"), lines("99213", date_of_service=day))] == found


@pytest.mark.parametrize(
    ("given", "rule", "severity", "carc"),
    [
        ("BUND1", "status_bundled", "denies", "97"),
        ("NONC1", "status_noncovered", "denies", "96"),
        ("NOT4M", "status_not_valid", "denies", "181"),
        ("NOSUC", "code_unknown", "denies", "181"),
        ("99213-50", "modifier_does_not_apply", "denies", "4"),
        ("99213-62", "cosurgery_not_paid", "denies", "54"),
        ("PRIM1-GZ", "status_not_necessary", "denies", "50"),
    ],
)
def test_what_the_core_found(given, rule, severity, carc):
    found = checked(given).found
    assert found.select("rule", "severity", "carc").rows() == [(rule, severity, carc)]
    assert found["amount_at_stake"][0] is None
    assert found["stake_reason"][0].startswith("not priced: ")


def test_what_another_schedule_pays_is_no_question():
    """Facility 15: drugs, contrast, vaccines and laboratory tests are not asked of (status X, E)."""
    assert rules("LABOR", "PRIM1") == []


def test_a_finding_names_the_modifier_and_the_indicator():
    found = checked("99213-LT-50").found
    assert found["detail"][0] == (
        "99213 with LT 50: modifier 50 does not apply to this code: its bilateral indicator is 9"
    )


def test_the_other_side_is_no_denial():
    """The second side of an indicator 1 code is paid with the first line: nothing is lost, and nothing denied."""
    assert [rule for _, rule in rules("ADDN1-RT", "ADDN1-LT", "PRIM1")] == ["sides_on_two_lines"] * 2


def test_amounts_at_stake():
    """IMAGE's 100.00 is at stake once, though two rules deny it: 5 units (500.00) and the pair."""
    findings = checked("PRIM1", "IMAGE x5")
    assert findings.found["amount_at_stake"].to_list() == [Decimal("500.00")] * 2
    assert findings.amount_denied().row(0) == (1, Decimal("500.00"), 0)
    assert not findings.clean
    assert checked("NOSUC").amount_denied().row(0) == (1, None, 1)  # no amount is known: not 0
    assert checked("NOSUC", "PRIM1", "IMAGE x5").amount_denied().row(0) == (2, Decimal("500.00"), 1)
    assert checked("PRIM1").amount_denied().row(0) == (0, Decimal("0.00"), 0)


def test_clean():
    assert checked("PRIM1-50", "99213-25").clean


def test_a_finding_has_the_codes_of_its_rule():
    """Not those of a paid line, which are blank: CARC 97 for a visit's complexity beside 25."""
    found = checked("99213-25", "G2211", "PRIM1").found.filter(pl.col("rule") == "complexity_beside_25")
    assert found.select("row", "carc").rows() == [(1, "97")]
