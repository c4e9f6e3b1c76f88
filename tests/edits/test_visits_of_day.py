"""Visits of one day by one physician, and a line without its NPI (Pub. 100-04 ch. 12 sec. 30.6.5, 30.6.7.B, 30.6.9).

Fees: 99214 90.00, 99213 120.00, 99232 80.00, 99238 85.00, 99304 95.00; lines are of billing provider N1, July 1, 2025.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from edits.made_up import checked, lines, pricer, tables
from pricing.claims import made_up as priced
from pricing.claims.cases.form import line
from pricing.claims.random_claims import claims_frame

from feecalc.edits.checking import check, denied
from feecalc.edits.tables import EditTables

AGAIN, QUESTION = "visit_again", "physicians_may_be_one"


def by(npi, specialty="", **more):
    return {"rendering_npi": npi, "specialty": specialty, **more}


def of_claim(*frames):
    claims = pl.concat(frames, how="diagonal_relaxed")
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int32)
    return claims.with_columns(pl.col("^(modifier|diagnosis)_.$").fill_null(""), line=number)


def found(*frames, **more):
    said = checked(of_claim(*frames), **more).found
    return said.select("row", "rule", "amount_at_stake").rows(), said


class TestOneVisitIsPaid:
    def test_two_codes_of_one_specialty_under_two_npis(self):
        rows, said = found(lines("99214", **by("11", "06")), lines("99213", **by("12", "06")))
        assert rows == [(1, AGAIN, Decimal("90.00"))]
        assert said.select("severity", "carc", "rarc").row(0) == ("denies", "B14", "M86")
        assert "99214 is on line 1;" in said["detail"][0]

    def test_a_claim_run_denies_it_too(self):
        claims = of_claim(lines("99214", **by("11", "06")), lines("99213", **by("12", "06")))
        assert denied(claims, pricer(), tables(), policies=()).to_list() == [1]

    @pytest.mark.parametrize(
        ("one", "two", "rules"),
        [
            (by("11"), by("11"), [(1, AGAIN)]),  # one physician, whatever the specialty
            (by("11", "06"), by("12", "10"), []),
            (by("11", "06"), by("12", "06", billing_npi="N2"), []),  # two groups
            (by("", "06"), by("", "06"), [(1, AGAIN)]),
            (by("11"), by("12"), [(1, QUESTION)]),
            (by("11", "207RC0000X"), by("12", "207R00000X"), [(1, QUESTION)]),  # no code of Medicare's
            (by(""), by(""), [(1, "visit_again_of_group")]),
        ],
    )
    def test_by_who_they_are(self, one, two, rules):
        rows, said = found(lines("99214", **one), lines("99213", **two))
        assert [row[:2] for row in rows] == rules
        assert set(said["severity"]) <= {"denies" if rules == [(1, AGAIN)] else "warns"}

    def test_of_unknown_specialty_the_dollars_are_the_second_visits(self):
        rows, said = found(lines("99214", **by("11")), lines("99213", **by("12")))
        assert rows == [(1, QUESTION, Decimal("90.00"))]
        assert "denied (CARC B14)" in said["detail"][0]

    @pytest.mark.parametrize(
        ("one", "two", "rows"),
        [
            ("99214", "99213-25", [1]),  # sec. 30.6.6.B: 25 pays no second visit
            ("99214-25", "99213-25", [1]),
            ("99214", "99213-FT", []),  # sec. 40.3.B: unrelated
            ("99213", "99214", [0]),  # the one of more value units is paid, whichever comes first
            ("99214", "99214", [1]),
            ("99232", "99238", [0]),  # sec. 30.6.9.2.C: of a visit and the discharge
            ("99232", "99238-FT", [0]),  # one hospital visit a day, related or not
            ("99238", "99304", []),  # sec. 30.6.9.2.D: discharge and admission elsewhere
            ("99214", "99304", [1]),  # sec. 30.6.7.C
            ("99214", "99291", []),  # critical care has rules of its own
            ("99214", "G0439", []),
        ],
    )
    def test_by_what_they_are(self, one, two, rows):
        said, _ = found(lines(one, **by("11", "06")), lines(two, **by("12", "06")))
        assert [row for row, rule, _ in said if rule == AGAIN] == rows
        assert {rule for _, rule, _ in said} <= {AGAIN}

    def test_beside_a_procedure_the_visit_with_25_is_the_one(self):
        """PRIM2's fee takes up the visit without a modifier, so that the other one is the day's only visit."""
        rows, _ = found(lines("99214", "99213-25", "PRIM2", **by("11")))
        assert rows == [(0, "visit_with_minor", Decimal("120.00"))]

    def test_ft_is_of_2022(self):
        day = {"date_of_service": date(2021, 12, 31)}
        said, _ = found(lines("99214", **day, **by("11")), lines("99213-FT", **day, **by("11")))
        assert (1, AGAIN) in [row[:2] for row in said]

    @pytest.mark.parametrize(("code", "rule"), [("99213", "visit_again_other_problem"), ("99232", AGAIN)])
    def test_other_diagnoses_are_a_question_but_not_in_a_hospital(self, code, rule):
        one = lines("99214" if code == "99213" else "99238", **by("11", "06", diagnosis_1="I10", diagnosis_2=""))
        two = lines(code, **by("12", "06", diagnosis_1="M25.561", diagnosis_2="M25.562"))
        assert [row[:2] for row in found(one, two)[0]] == [(1, rule)]
        same = two.with_columns(diagnosis_2=pl.lit("I10"))
        assert [row[:2] for row in found(one, same)[0]] == [(1, AGAIN)]

    def test_without_any_npi_both_are_asked_about(self):
        rows, said = found(lines("99214", "99213", billing_npi=""))
        assert [row[:2] for row in rows] == [(0, "visits_without_npi"), (1, "visits_without_npi")]
        assert "(99213, 99214)" in said["detail"][0]

    def test_three_visits(self):
        rows, _ = found(lines("99214", **by("11")), lines("99213", **by("11")), lines("99232", **by("11")))
        assert rows == [(1, AGAIN, Decimal("90.00")), (2, AGAIN, Decimal("80.00"))]

    def test_of_two_days_nothing(self):
        rows, _ = found(lines("99214", **by("11")), lines("99213", date_of_service=date(2025, 7, 2), **by("11")))
        assert rows == []

    def test_no_facilitys_bill(self):
        rows, _ = found(lines("99214", **by("11")), lines("99213", **by("11")), bill="hospital")
        assert AGAIN not in [row[1] for row in rows]


class TestNpiOfTheClaim:
    """A line without an NPI has the only one that its claim names; of two it is asked about."""

    @pytest.mark.parametrize("blank", [by(""), by("", billing_npi=""), by("11", billing_npi="")])
    def test_a_pair(self, blank):
        rows, _ = found(lines("PRIM1", **by("11", "20")), lines("IMAGE", **blank))
        assert rows == [(1, "ncci_pair", Decimal("100.00"))]

    @pytest.mark.parametrize("blank", [by(""), by("", billing_npi="")])
    def test_units_of_a_day(self, blank):
        rows, _ = found(lines("PRIM1", **by("11")), lines("PRIM1-76", **blank))
        assert {row[:2] for row in rows} == {(0, "mue_day"), (1, "mue_day")}

    def test_an_add_on_has_its_primary(self):
        assert found(lines("PRIM1", **by("11")), lines("ADDN1", **by("", billing_npi="")))[0] == []

    def test_global_days(self):
        done = lines("MAJOR", **by("12"))
        visit = lines("99214", date_of_service=date(2025, 7, 31), **by("", billing_npi=""))
        assert [row[:2] for row in found(done, visit)[0]] == [(1, "visit_after_surgery")]

    def test_a_visit_beside_a_procedure(self):
        rows, _ = found(lines("99214", **by("")), lines("PRIM2", **by("12")))
        assert rows == [(0, "visit_with_minor", Decimal("120.00"))]

    def test_a_second_visit(self):
        assert [row[:2] for row in found(lines("99214", **by("11")), lines("99213", **by("")))[0]] == [(1, AGAIN)]

    def test_of_two_npis_a_question_stands_on_the_line(self):
        claim = lines("PRIM1", **by("11", "20")), lines("OTHER", **by("12", "14")), lines("IMAGE", **by(""))
        rows, said = found(*claim)
        assert (2, "npi_not_known", Decimal("100.00")) in rows
        assert said.filter(pl.col("rule") == "npi_not_known")["detail"].item().startswith(
            "IMAGE has no rendering NPI, and its claim names more than one (11, 12)"
        )
        assert "ncci_pair" not in {row[1] for row in rows}

    def test_of_two_billing_npis(self):
        claim = lines("PRIM1"), lines("OTHER", billing_npi="N2"), lines("IMAGE", billing_npi="")
        assert [row[:2] for row in found(*claim)[0]] == [(2, "npi_not_known")]

    def test_another_claims_npi_says_nothing(self):
        rows, _ = found(lines("PRIM1", **by("11", "20")), lines("IMAGE", claim_id="C2", **by("", "")))
        assert "ncci_pair" not in {row[1] for row in rows}


class TestColleaguesGlobalDays:
    """A visit in the days of a colleague's surgery, specialties not given: a question with the visit's dollars."""

    @pytest.mark.parametrize(
        ("day", "surgery", "is_asked"),
        [
            (date(2025, 7, 31), "MAJOR", True), (date(2025, 9, 29), "MAJOR", True), (date(2025, 9, 30), "MAJOR", False),
            (date(2025, 7, 11), "PRIM2", True), (date(2025, 7, 12), "PRIM2", False),
            (date(2025, 6, 30), "MAJOR", True), (date(2025, 6, 30), "PRIM2", False),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("known", ["", "20"])
    def test_the_days(self, day, surgery, is_asked, known):
        done, visit = lines(surgery, **by("12", known)), lines("99214", date_of_service=day, **by("11"))
        rows, said = found(done, visit)
        assert rows == ([(1, "visit_around_colleagues_surgery", Decimal("120.00"))] if is_asked else [])
        assert said.height == 0 or (said["severity"].item() == "warns" and surgery in said["detail"].item())

    @pytest.mark.parametrize("modifier", ["24", "FT"])
    def test_an_unrelated_visit_is_not_asked_about(self, modifier):
        done = lines("MAJOR", **by("12"))
        assert found(done, lines(f"99214-{modifier}", date_of_service=date(2025, 7, 31), **by("11")))[0] == []

    def test_nor_one_of_another_specialty(self):
        done = lines("MAJOR", **by("12", "20"))
        assert found(done, lines("99214", date_of_service=date(2025, 7, 31), **by("11", "06")))[0] == []

    def test_his_own_is_found_as_ever(self):
        done, colleague = lines("MAJOR", **by("12")), lines("PRIM2", date_of_service=date(2025, 7, 30), **by("11"))
        visit = lines("99214", date_of_service=date(2025, 7, 31), **by("12"))
        assert [row[:2] for row in found(done, colleague, visit)[0]] == [(2, "visit_after_surgery")]


class TestUnitsOfAShare:
    def test_the_line_asks(self):
        """1,000.00 x (10 + 70 percent) = 800.00, once."""
        claims = claims_frame([line("SURG4", "54", line=1, units=70), line("SURG5", "56", line=2)])
        said = check(claims, priced.schedule(), EditTables(), policies=()).found
        assert (0, "units_of_a_share", Decimal("800.00")) in said.select("row", "rule", "amount_at_stake").rows()
        assert said.filter(pl.col("rule") == "units_of_a_share")["row"].to_list() == [0]
