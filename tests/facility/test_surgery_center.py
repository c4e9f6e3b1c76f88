"""Ambulatory surgical center cases, worked by hand from the made-up rates in entries.py."""

from decimal import Decimal

import pytest

# Town's wage index is 0.8: 0.50 x 0.8 + 0.50 = 0.9 of the rate.


def test_a_procedure_at_the_national_rate_and_in_an_area(case):
    assert case("asc", "10001").facility_amount == Decimal("100.00")
    priced = case("asc", "10001", cbsa="11111")
    assert (priced.facility_amount, priced.copayment, priced.medicare_amount) == (
        Decimal("90.00"),
        Decimal("18.00"),
        Decimal("72.00"),
    )


def test_the_highest_in_full_each_other_at_half(amounts):
    # ch. 14 sec. 40.5: 100 in full, 80 at half; 10003 is not subject to it
    assert amounts("asc", "10002", "10001", "10003") == ["40.00", "100.00", "50.00"]


@pytest.mark.parametrize("both", [("10001-RT", "10001-LT"), ("10001 x2",)])
def test_both_sides_on_two_lines_or_as_two_units(case, both):
    assert case("asc", *both).facility_amount == Decimal("150.00")


def test_two_units_of_what_is_not_the_highest_are_each_at_half(amounts):
    assert amounts("asc", "10001", "10002 x2") == ["100.00", "80.00"]


def test_modifier_50_pays_one_side_and_says_so(case):
    line = case("asc", "10001-50").lines[0]
    assert line.facility_amount == Decimal("100.00")
    assert "RT and LT" in line.note


def test_packaged_wins_over_the_mark_for_several_procedures(amounts, statuses):
    assert amounts("asc", "10001", "10004", "10005") == ["100.00", None, None]
    assert statuses("asc", "10004", "10005") == ["packaged", "packaged"]


def test_reduced_and_ended_early_pay_half_and_do_not_rank(amounts):
    assert amounts("asc", "10001-73", "10002") == ["50.00", "80.00"]
    assert amounts("asc", "10001-52", "10002") == ["50.00", "80.00"]
    assert amounts("asc", "10001-74", "10002") == ["100.00", "40.00"]


def test_the_wage_index_leaves_the_device_alone(amounts):
    # (1000 - 600) x 0.9 + 600
    assert amounts("asc", "20001", cbsa="11111") == ["960.00"]


def test_credit_for_the_device(amounts):
    assert amounts("asc", "20001-FB", cbsa="11111") == ["360.00"]  # 400 x 0.9
    assert amounts("asc", "20001-FC", cbsa="11111") == ["660.00"]  # (700 - 300) x 0.9 + 300
    assert amounts("asc", "20001-73", cbsa="11111") == ["180.00"]  # 400 x 0.9 x 0.5: no device was used


def test_an_ancillary_service_needs_a_procedure(amounts, statuses):
    assert amounts("asc", "10001", "70001", "J0001", cbsa="11111") == ["90.00", "36.00", "10.00"]
    assert statuses("asc", "70001", "J0001") == ["no_procedure"] * 2
    assert statuses("asc", "70001", "10004") == ["no_procedure", "packaged"]


def test_a_drug_with_a_lower_copayment(case):
    assert case("asc", "10001", "J0002 x2").lines[1].copayment == Decimal("3.00")


def test_a_pass_through_device_is_offset_in_its_procedure(amounts, statuses):
    # a quarter of 100 less; the device is the contractor's to price; one device offsets one procedure
    assert amounts("asc", "10001", "C0001") == ["75.00", None]
    assert statuses("asc", "10001", "C0001") == ["priced", "contractor_priced"]
    assert amounts("asc", "10001", "10001", "C0001") == ["75.00", "50.00", None]
    assert amounts("asc", "10001", "10001", "C0001 x2") == ["75.00", "37.50", None]


def test_what_an_asc_is_not_paid_says_why(case):
    def told(code):
        line = case("asc", code).lines[0]
        return line.pricing_status, line.facility_amount

    assert told("60001") == ("excluded", None)
    assert told("99999") == ("unknown_code", None)


@pytest.mark.parametrize("setting", ["asc", "opps"])
def test_a_charge_below_0_is_no_price(claims, setting):
    found = claims({"hcpcs": "10001", "setting": setting, "billed_amount": Decimal("-5.00")})
    assert found["pricing_status"].to_list() == ["invalid_billed_amount"]
    assert found["facility_amount"].to_list() == [None]


def test_the_lower_billed_amount_is_allowed(claims):
    rows = [{"hcpcs": "10001", "setting": "asc", "billed_amount": Decimal(billed)} for billed in ("60.00", "160.00")]
    priced = claims({**rows[0], "claim_id": "1"}, {**rows[1], "claim_id": "2"})
    assert priced["facility_amount"].to_list() == [Decimal("60.00"), Decimal("100.00")]


def test_steps_end_in_the_amount(case):
    steps = {step.name: step for step in case("asc", "20001", cbsa="11111").lines[0].steps}
    assert steps["adjusted rate"].detail == "(1,000.00 - 600.00) x (0.50 x 0.8000 + 0.50) + 600.00"
    assert steps["facility amount"].value == "960.00"
    assert all(step.source for step in steps.values())
