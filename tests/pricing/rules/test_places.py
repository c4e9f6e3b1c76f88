"""What is said of services by where they are given, and of the bonus of a shortage area.

Amounts are worked by hand in ``claims.cases.places``; here are the words of results, receipts and checks.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from edits.made_up import tables
from pricing.claims import made_up
from pricing.claims.cases.form import line
from pricing.claims.random_claims import claims_frame

from feecalc.edits.checking import check
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.outcomes import KIND, Outcomes
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.order import NOTES


def pricer(rules: ClaimRules | None = None) -> ClaimPricer:
    return ClaimPricer([ReleaseDays.of_year(made_up.schedule())], rules or ClaimRules())


def frame(*lines):
    return claims_frame([{**each, "claim_id": f"C{at}", "line": 1} for at, each in enumerate(lines)])


def findings(*lines):
    claims = frame(*lines)
    return check(claims, pricer(), tables(), policies=()).found.select("row", "rule", "severity").rows()


class TestWholeTests:
    """Professional case 10."""

    @pytest.mark.parametrize(
        ("code", "advice"),
        [
            ("93000", "Bill 93010 (fee schedule amount $8.00) for the interpretation."),
            ("93015", "Bill 93016 (fee schedule amount $22.00) and 93018 (fee schedule amount $15.00) for the "
                      "interpretation."),
            ("93224", "Bill the code of its interpretation."),  # the schedule has no row of 93227
        ],
    )  # fmt: skip
    def test_the_codes_to_bill_are_named(self, code, advice):
        places = ("21", "22", "31")
        found = pricer().price(frame(*(line(code, place=place) for place in places)))
        assert all(reason.endswith(advice) for reason in found["reason"])

    def test_each_line_has_the_codes_of_its_own(self):
        found = pricer().price(frame(line("93000", place="22"), line("93015", place="22"), line("93005", place="22")))
        assert ["93010" in reason for reason in found["reason"]] == [True, False, False]
        assert ["93018" in reason for reason in found["reason"]] == [False, True, False]

    def test_the_amount_is_that_of_the_line_s_own_place(self):
        made = made_up.schedule()
        other = made.localities.with_columns(locality=made.localities["locality"].replace("01", "02"),
                                             work_gpci=made.localities["work_gpci"] * 2)  # fmt: skip
        two = replace(made, localities=made.localities.vstack(other.cast(dict(made.localities.schema))))
        found = ClaimPricer([ReleaseDays.of_year(two)]).price(
            frame(line("93000", place="22"), line("93000", place="22", locality="02"), line("93010", locality="02"))
        )
        here, there = found["reason"][:2]
        assert "$8.00" in here
        assert f"${found['allowed_amount'][2]}" in there
        assert here != there

    def test_a_check_denies_it_with_the_codes(self):
        lines = frame(line("93000", place="22"), line("93010", place="22"))
        found = check(lines, pricer(), tables(), policies=()).found
        assert found.select("row", "rule", "severity").rows() == [(0, "technical_part_of_facility", "denies")]
        assert "93010" in found["detail"].item()

    @pytest.mark.parametrize(
        ("code", "modifier", "place", "rule"),
        [
            ("XRAY1", "TC", "22", "technical_part_of_facility"),
            ("93005", "", "31", "technical_part_of_facility"),
            ("THER1", "GP", "22", "therapy_of_hospital"),
        ],
    )
    def test_so_are_the_others_that_are_the_facility_s(self, code, modifier, place, rule):
        assert findings(line(code, modifier, place=place)) == [(0, rule, "denies")]
        assert findings(line(code, modifier)) == []


class TestTherapy:
    """Professional case 11."""

    @pytest.mark.parametrize(
        ("place", "rule"), [("31", "therapy_of_snf_resident"), ("32", "therapy_in_nursing_facility")]
    )
    @pytest.mark.parametrize(("code", "modifier"), [("THER1", "GP"), ("SWALL", "GN"), ("VISIT", "GO")])
    def test_whose_bill_it_is_is_asked(self, code, modifier, place, rule):
        # in 31, a facility, what is not always therapy has another amount than the place's: that is asked too
        by_modifier = [(0, "therapy_by_modifier", "warns")] if place == "31" and code != "THER1" else []
        assert findings(line(code, modifier, place=place)) == [*by_modifier, (0, rule, "warns")]

    @pytest.mark.parametrize("place", ["31", "32"])
    def test_a_line_without_its_plan_of_care_is_denied_first(self, place):
        assert findings(line("THER1", place=place)) == [(0, "therapy_plan_missing", "denies")]

    @pytest.mark.parametrize(
        ("code", "modifier", "place"),
        [("SWALL", "", "31"), ("THER1", "GP", "33"), ("THER1", "GP", "11"), ("VISIT", "", "32")],
    )
    def test_nothing_is_asked_of_what_is_no_therapy_or_of_another_place(self, code, modifier, place):
        assert findings(line(code, modifier, place=place)) == []

    def test_another_rate_than_the_place_s_is_said(self):
        center = {"place": "24"}
        lines = (line("SWALL", "GN", **center), line("SWALL", "GN"), line("SWALL", **center), line("THER9", **center))
        said = [NOTES[Note.THERAPY_RATE] in (reason or "") for reason in pricer().price(frame(*lines))["reason"]]
        assert said == [True, False, False, True]

    def test_the_rate_of_a_plan_of_care_hangs_on_no_other_code(self):
        """CMS's files have no code that is always therapy and pays less in a facility, as THER9 does here."""
        made = made_up.schedule()
        without = replace(made, rvu=made.rvu.filter(made.rvu["hcpcs"] != "THER9"))
        found = ClaimPricer([ReleaseDays.of_year(without)]).price(frame(line("SWALL", "GN", place="24")))
        assert found["allowed_amount"].item() == Decimal("85.00")

    def test_the_receipt_has_the_rate_that_is_paid(self):
        (told,) = explain(pricer(), frame(line("SWALL", "GN", place="24")))
        assert "practice expense, nonfacility" in [step.name for step in told.basis]


class TestBonus:
    """Professional case 14."""

    def test_it_is_a_step_that_changes_no_amount(self):
        (told,) = explain(pricer(), frame(line("VISIT", "AQ")))
        step = told.payment[-1]
        assert (step.name, step.before, step.after) == ("shortage area bonus", *[told.results["medicare_paid"]] * 2)
        assert "10 percent of $78.40 is $7.84" in step.detail
        assert "90.4.4" in step.source
        assert "assumed" in step.source

    def test_the_step_of_a_global_service_names_the_part(self):
        (told,) = explain(pricer(), frame(line("XRAY1", "AQ")))
        assert "the professional part ($10.00 of $50.00) of $39.20 is $0.78" in told.payment[-1].detail

    @pytest.mark.parametrize(
        ("code", "modifiers", "more"),
        [("XRAY1", ("TC",), {}), ("93005", (), {}), ("THER1", (), {}), ("VISIT", (), {"provider_type": "np"})],
    )
    def test_no_bonus_has_its_reason(self, code, modifiers, more):
        found = pricer().price(frame(line(code, "AQ", *modifiers, **more)), ("bonus", "reason"))
        assert found["bonus"].item() == 0
        assert NOTES[Note.NO_BONUS] in found["reason"].item()

    def test_anesthesia_has_one_by_its_modifier(self):
        """Sec. 90.4.5.B. 5 base units, 60 minutes, 9.0 x 20.00 = 180.00; 144.00 - 2.88 = 141.12; QK, QX and QY half."""
        made = made_up.schedule()
        row = pl.DataFrame([made_up.row("ANEST", "1.00", status_indicator="J")], schema=made.rvu.schema)
        place = {"mac": [made_up.MAC], "locality": [made_up.LOCALITY], "anesthesia_conversion_factor": ["20.0000"]}
        factor = pl.DataFrame(place).cast({"anesthesia_conversion_factor": pl.Decimal(12, 4)})
        units = pl.DataFrame({"hcpcs": ["ANEST"], "base_units": [5]})
        with_anesthesia = replace(made, rvu=pl.concat([made.rvu, row]), base_units=units, anesthesia=factor)
        modifiers = ("AA", "QK", "QY", "QZ", "QX")
        lines = frame(*(line("ANEST", modifier, "AQ", minutes=60) for modifier in modifiers))
        found = ClaimPricer([ReleaseDays.of_year(with_anesthesia)]).price(lines, ("medicare_paid", "bonus"))
        assert [str(paid) for paid in found["medicare_paid"]] == ["141.12", "70.56", "70.56", "141.12", "70.56"]
        assert [str(bonus) for bonus in found["bonus"]] == ["14.11", "7.06", "7.06", "0.00", "0.00"]

    def test_a_line_without_a_price_has_none(self):
        found = pricer().price(frame(line("BUND1", "AQ"), line("CONT1", "AQ"), line("VISIT", "AQ", "GY")), ("bonus",))
        assert found["bonus"].to_list() == [None] * 3

    def test_the_whole_test_with_two_parts_names_them(self):
        found = pricer().price(frame(line("93015", "AQ")), ("reason",))["reason"].item()
        assert "93016, 93017 and 93018" in found


def test_amounts_in_reasons_are_numbered_without_end():
    """A refused whole test names its interpretation's amount, another in each locality: more than 16 bits number."""
    met = Outcomes()
    first = [met.number("bundled", f"Bill 93010 (fee schedule amount ${cents / 100:.2f})") for cents in range(40_000)]
    assert [met.number(*met.pairs[number]) for number in (first[0], first[-1])] == [first[0], first[-1]]
    assert np.array(first, KIND).tolist() == first
    assert len(set(first)) == 40_000
