"""Hospital outpatient cases, worked by hand from the made-up rates in entries.py."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from feecalc.facility.case import CaseLine

# Town's wage index is 0.8: 0.60 x 0.8 + 0.40 = 0.88 of the rate.


def test_a_procedure_at_the_national_rate_and_in_an_area(amounts):
    assert amounts("opps", "10001") == ["100.00"]
    assert amounts("opps", "10001", cbsa="11111") == ["88.00"]


def test_the_highest_in_full_each_other_at_half(amounts):
    # Addendum D1, status T: 100 in full, 80 at half; status S is not discounted
    assert amounts("opps", "10002", "10001", "10003") == ["40.00", "100.00", "50.00"]


def test_further_units_are_further_procedures(amounts):
    # formula 2: 100 x (1 + 0.5 x 2) = 200; formula 5: 80 x 0.5 x 2 = 80
    assert amounts("opps", "10001 x3", "10002 x2") == ["200.00", "80.00"]
    assert amounts("opps", "10003 x3") == ["150.00"]


def test_both_sides(amounts):
    # formula 4: 100 x 1.5; formula 9: 80 x 2 x 0.5 = 80 (7 is discontinued since 2008); others twice, formula 8
    assert amounts("opps", "10001-50", "10002-50", "10003-50") == ["150.00", "80.00", "100.00"]


def test_ended_before_anesthesia_after_it_and_reduced(amounts):
    # formula 3: 100 x 0.5; 74 pays in full
    assert amounts("opps", "10001-73") == ["50.00"]
    assert amounts("opps", "10001-52") == ["50.00"]
    assert amounts("opps", "10001-74") == ["100.00"]


def test_what_was_ended_early_ranks_by_what_it_would_still_pay(amounts):
    # 100 at 50 percent ranks below 80: 80 in full, 100 x 0.5, not halved again (formula 3; 6 ended in 2008)
    assert amounts("opps", "10001-73", "10002") == ["50.00", "80.00"]


def test_equal_procedures_are_discounted_but_one(amounts):
    assert amounts("opps", "10001", "10001") == ["100.00", "50.00"]


def test_another_day_is_another_discount(claims):
    rows = [
        {"hcpcs": "10001", "setting": "opps", "date_of_service": day} for day in (date(2026, 4, 1), date(2026, 4, 2))
    ]
    assert claims(*rows)["facility_amount"].to_list() == [Decimal("100.00")] * 2


def test_packaged_is_null_and_never_zero(case):
    priced = case("opps", "10001", "10004")
    packaged = priced.lines[1]
    assert (packaged.pricing_status, packaged.facility_amount) == ("packaged", None)
    assert "payment for the other services" in packaged.reason
    assert priced.facility_amount == Decimal("100.00")


def test_packaged_alone_pays_nothing_to_the_facility(case):
    assert case("opps", "10004").facility_amount is None


def test_the_comprehensive_service_takes_the_claim(amounts, statuses):
    codes = ("10001", "10003", "10004", "20001", "P0001", "J0001")
    assert amounts("opps", *codes) == [None, None, None, "1000.00", None, None]
    assert statuses("opps", *codes) == ["packaged"] * 3 + ["priced"] + ["packaged"] * 2


def test_of_several_comprehensive_services_the_best_rank_is_paid(case):
    # Addendum J: 20002 has rank 1 and the lower rate
    first, second = case("opps", "20001", "20002").lines
    assert (first.pricing_status, first.reason) == ("packaged", "packaged into the comprehensive payment for 20002")
    assert second.facility_amount == Decimal("900.00")


def test_units_and_sides_of_a_comprehensive_service_are_one_payment(amounts):
    assert amounts("opps", "20002 x3") == ["900.00"]
    assert amounts("opps", "20002-50") == ["900.00"]
    assert amounts("opps", "20002-73") == ["450.00"]


def test_a_listed_pair_raises_the_primary_service(case):
    # Addendum J: 20001 with 20003 goes to APC 5020, 1,500.00
    raised = case("opps", "20001", "20003").lines[0]
    assert (raised.apc, raised.facility_amount, raised.copayment) == ("5020", Decimal("1500.00"), Decimal("300.00"))
    assert "complexity adjustment with 20003" in raised.note


@pytest.mark.parametrize("twice", [("20001 x2",), ("20001-50",), ("20001", "20001")])
def test_a_code_listed_with_itself_is_raised_by_its_second(amounts, twice):
    assert amounts("opps", *twice)[0] == "1500.00"


def test_a_primary_service_ended_early_is_not_raised(amounts):
    # 600 of 1,000 are its device (60 percent, Addendum FF): 400 x 0.5; 52 leaves the device
    assert amounts("opps", "20001-73", "20003") == ["200.00", None]
    assert amounts("opps", "20001-52", "20003") == ["500.00", None]


def test_what_a_comprehensive_payment_leaves_out_by_status(amounts, statuses):
    # pass-through drugs (G) are paid beside it; a device (H) is paid at cost; another system's service is not modeled
    codes = ("20002", "J0002", "H0001", "60002")
    assert amounts("opps", *codes) == ["900.00", "10.00", None, None]
    assert statuses("opps", *codes)[2:] == ["cost_based", "not_modeled"]


def test_another_claim_has_its_own_comprehensive_service(claims):
    rows = [{"claim_id": name, "hcpcs": code, "setting": "opps"} for name, code in (("1", "20001"), ("2", "10001"))]
    assert claims(*rows)["facility_amount"].to_list() == [Decimal("1000.00"), Decimal("100.00")]


def test_conditionally_packaged_services(amounts, statuses):
    assert amounts("opps", "30001") == ["50.00"]
    assert statuses("opps", "30001", "10003") == ["packaged", "priced"]  # Q1 beside S
    assert amounts("opps", "30002", "10003") == ["50.00", "50.00"]  # Q2 beside S is paid
    assert statuses("opps", "30002", "10001") == ["packaged", "priced"]  # Q2 beside T
    assert statuses("opps", "30001", "J0001") == ["priced"] * 2  # a drug packages nothing


def test_of_several_conditionally_packaged_services_the_highest_is_paid(amounts, case):
    # Q1 at 50 and at 80: 80 is paid; Q2 at 100 goes before both; equal rates, the Q2
    assert amounts("opps", "30001", "30005") == [None, "80.00"]
    assert amounts("opps", "30001", "30005", "30006") == [None, None, "100.00"]
    assert amounts("opps", "30001", "30002") == [None, "50.00"]
    packaged = case("opps", "30001", "30005").lines[0]
    assert (packaged.pricing_status, packaged.reason) == (
        "packaged", "packaged beside 30005, conditionally packaged too, of the highest rate"
    )  # fmt: skip


def test_of_several_conditionally_packaged_services_one_unit_is_paid(amounts, case):
    assert amounts("opps", "30001 x2", "30005 x3") == [None, "80.00"]
    assert amounts("opps", "30005", "30005") == ["80.00", None]
    assert amounts("opps", "30005 x3") == ["80.00"]  # IOCE: its units are reduced to 1, alone as well
    assert "one unit is paid" in case("opps", "30001", "30005 x3").lines[1].note


def test_of_a_higher_q1_and_a_lower_q2_the_higher_is_paid(amounts):
    # IOCE user guide: of several Q1 or Q2 the one of the APC with the highest rate, the others are packaged
    assert amounts("opps", "30005", "30002") == ["80.00", None]


def test_what_packages_one_kind_leaves_the_other(amounts):
    # beside S the Q1 are packaged, and of the Q2 the highest is paid; beside T all of them are packaged
    assert amounts("opps", "10003", "30001", "30005", "30002", "30006") == ["50.00", None, None, None, "100.00"]
    assert amounts("opps", "10001", "30001", "30005", "30002", "30006") == ["100.00", None, None, None, None]


def test_conditionally_packaged_services_beside_a_comprehensive_one(amounts):
    assert amounts("opps", "20001", "30001", "30005") == ["1000.00", None, None]


def test_composites_are_not_modeled_and_one_alone_is_paid(amounts, statuses):
    assert amounts("opps", "30003") == ["50.00"]
    assert statuses("opps", "30003", "30004") == ["not_modeled"] * 2


def test_laboratory_tests(statuses):
    assert statuses("opps", "40001") == ["other_schedule"]
    assert statuses("opps", "40001", "10003") == ["packaged", "priced"]
    assert statuses("opps", "40001", "30001") == ["packaged", "priced"]  # Q1 as well, Addendum D1


def test_long_observation_beside_a_visit_takes_the_claim(case, amounts):
    # APC 8011 at 2,600.00 from eight hours on, in place of the visit's 200; 20 percent is the patient's
    assert amounts("opps", "50001") == ["200.00"]
    assert amounts("opps", "50001", "G0378 x7", "10003") == ["200.00", None, "50.00"]
    assert amounts("opps", "50001", "G0378 x8", "10003", "30001") == ["2600.00", None, None, None]
    visit, hours, test, _ = case("opps", "50001", "G0378 x8", "10003", "30001").lines
    assert (visit.apc, visit.copayment) == ("8011", Decimal("520.00"))
    assert "comprehensive observation" in visit.note
    assert test.reason == "packaged into the comprehensive payment for 50001"
    assert hours.pricing_status == "packaged"


def test_two_visits_with_long_observation_are_one_payment(amounts):
    assert amounts("opps", "50001", "50001", "G0378 x20") == ["2600.00", None, None]


def test_surgery_rules_comprehensive_observation_out(amounts):
    # beside T the visit is paid as ever; beside J1 it is packaged into that
    assert amounts("opps", "50001", "G0378 x8", "10001") == ["200.00", None, "100.00"]
    assert amounts("opps", "20001", "50001", "G0378 x8") == ["1000.00", None, None]


def test_the_visit_is_of_the_day_of_observation_or_the_day_before(claims):
    def paid(visit, surgery=None):
        rows = [
            {"hcpcs": "50001", "setting": "opps", "date_of_service": date(2026, 4, visit)},
            {"hcpcs": "G0378", "units": 9, "setting": "opps", "date_of_service": date(2026, 4, 10)},
        ]
        if surgery:
            rows.append({"hcpcs": "10001", "setting": "opps", "date_of_service": date(2026, 4, surgery)})
        return claims(*rows)["pricing_status"][0], claims(*rows)["facility_amount"][0]

    assert paid(10) == paid(9) == ("priced", Decimal("2600.00"))
    assert paid(8) == paid(11) == ("priced", Decimal("200.00"))  # outside of it: by its own APC (IOCE user guide)
    assert paid(10, surgery=9) == paid(10, surgery=11) == ("priced", Decimal("200.00"))  # T anywhere on the claim


def test_observation_on_two_lines_counts_by_its_first(case, amounts):
    """IOCE user guide: all hours stand on one line; a claim with more is returned (edit 51)."""
    assert amounts("opps", "50001", "G0378 x4", "G0378 x4") == ["200.00", None, None]
    assert amounts("opps", "50001", "G0378 x8", "G0378 x1") == ["2600.00", None, None]
    assert "more than one line" in case("opps", "50001", "G0378 x8", "G0378 x1").lines[0].note
    assert "more than one line" not in case("opps", "50001", "G0378 x8").lines[0].note


def test_a_direct_referral_to_observation(amounts, claims):
    """G0379, made to pay 300.00: with long observation of its day 2,600.00; beside a visit packaged; once a claim."""
    assert amounts("opps", "G0379", "G0378 x8") == ["2600.00", None]
    assert amounts("opps", "G0379", "G0378 x7") == ["300.00", None]
    assert amounts("opps", "G0379", "50001", "G0378 x7") == [None, "200.00", None]
    assert amounts("opps", "G0379", "G0379", "G0378 x7") == ["300.00", None, None]
    rows = [("G0379", 9, 1), ("G0378", 10, 8)]
    lines = [{"hcpcs": code, "units": units, "setting": "opps", "date_of_service": date(2026, 4, day)}
             for code, day, units in rows]  # fmt: skip
    assert claims(*lines)["facility_amount"].to_list() == [Decimal("300.00"), None]


def test_without_a_rate_of_the_apc_comprehensive_observation_is_not_modeled(schedule):
    tables = schedule.hospital
    bare = replace(schedule, hospital=replace(tables, apcs=tables.apcs.filter(pl.col("apc") != "8011")))
    lines = bare.price([CaseLine("50001"), CaseLine("G0378", units=8)], "opps").lines
    assert [each.pricing_status for each in lines] == ["not_modeled", "packaged"]


def test_drugs_and_blood_are_not_wage_adjusted(amounts):
    # 1.005 x 3 = 3.015, half up
    assert amounts("opps", "J0001 x3", "P0001", cbsa="11111") == ["3.02", "100.00"]


def test_an_off_campus_department_gets_forty_percent(case):
    # 40 percent of 100.00, then 0.88 of it; drugs as elsewhere
    line, drug = case("opps", "10001-PN", "J0002-PN", cbsa="11111").lines
    assert (line.facility_amount, line.copayment) == (Decimal("35.20"), Decimal("7.04"))
    assert drug.facility_amount == Decimal("10.00")


def test_the_copayment_is_the_rest_of_the_program_part(case):
    def copayment(code, **where):
        return case("opps", code, **where).copayment

    assert copayment("10001", cbsa="11111") == Decimal("17.60")  # 88.00 - 0.8 x 88.00
    assert copayment("10005") == Decimal("30.00")  # printed above the minimum: 30 percent
    assert copayment("10005", cbsa="11111") == Decimal("26.40")  # 30 percent of 88.00
    assert copayment("10006") == Decimal("0.00")  # waived
    assert copayment("J0002") == Decimal("1.50")  # 15 percent, as printed


def test_the_copayment_is_at_most_the_inpatient_deductible(case):
    # 20 percent of 30,000 is 6,000; 2026: 1,736 (42 CFR 419.41(c)(4)(i)), half of it for half a procedure
    assert case("opps", "20004").copayment == Decimal("1736.00")
    assert case("opps", "20004-73").copayment == Decimal("868.00")


def test_what_opps_does_not_pay_says_why(case):
    def told(code):
        line = case("opps", code).lines[0]
        return line.pricing_status, line.facility_amount

    assert told("60001") == ("inpatient_only", None)
    assert told("60002") == ("other_schedule", None)
    assert told("99999") == ("unknown_code", None)


def test_steps_end_in_the_amount(case):
    steps = {step.name: step for step in case("opps", "10001-50", cbsa="11111").lines[0].steps}
    assert steps["adjusted rate"].detail == "100.00 x (0.60 x 0.8000 + 0.40)"
    assert (steps["adjusted rate"].value, steps["times paid"].value) == ("88.0000", "1.5")
    assert steps["facility amount"].value == "132.00"
    assert all(step.source for step in steps.values())
