"""Duplicates, modifiers that a code needs, codes of another bill, and notices: what is found, and what saves a line.

The case: facility and edits, "Clean must mean looked at": 0.1.0 said nothing of any of these.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from edits.made_up import checked, found_by, lines, pricer, rules, tables

from feecalc.edits.coding import other_bill
from feecalc.edits.denials import Denials
from feecalc.edits.edit import findings
from feecalc.edits.lines.codes import Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.pricing import price_with_edits
from feecalc.reference import facility_codes

OURS = ("duplicate", "therapy", "manipulation", "notice", "facility_code", "visit_on")


def found(*given, **more):
    return [each for each in rules(lines(*given, **more)) if each[1].startswith(OURS)]


def test_a_duplicate_names_the_line_it_is_of():
    charges = pl.Series([Decimal("100.00"), Decimal("200.00"), Decimal("200.00")])
    three = checked(lines("TESTS", "TESTS", "TESTS").with_columns(billed_amount=charges)).found
    told = three.filter(pl.col("rule").str.starts_with("duplicate")).select("row", "rule", "detail").rows()
    assert [(row, rule) for row, rule, _ in told] == [(1, "duplicate_suspect"), (2, "duplicate_line")]
    assert "line 1" in told[0][2]
    assert "on line 2 too" in told[1][2]


def test_a_co_surgeon_who_bills_his_part_twice():
    twice = lines("MAJOR-62", "MAJOR-62")
    named = twice.with_columns(rendering_npi=pl.Series(["11", "11"]))
    apart = twice.with_columns(rendering_npi=pl.Series(["11", "12"]))
    for claims, wanted in ((named, [(1, "duplicate_line")]), (apart, [])):
        assert [each for each in rules(claims) if each[1].startswith("duplicate")] == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (("TESTS", "TESTS"), [(1, "duplicate_line")]),
        (("TESTS", "TESTS", "TESTS"), [(1, "duplicate_line"), (2, "duplicate_line")]),
        (("OTHER-RT", "OTHER-LT"), []),  # the other side
        (("OTHER-RT", "OTHER-RT"), [(1, "duplicate_line")]),
        (("OTHER-KX", "OTHER"), [(1, "duplicate_line")]),  # KX tells no two services apart
        (("97110-GP", "97110-GP-CQ"), []),  # the therapist's unit, and the assistant's
        (("97110-GO", "97110-GO-CO"), []),
        (("97110-GP-CQ", "97110-GP-CQ"), [(1, "duplicate_line")]),
        (("TESTS", "TESTS-76"), []),  # done again, and said so
        (("TESTS", "TESTS-91"), []),
        (("TESTS", "TESTS-77"), []),
        (("TESTS", "TESTS-59"), []),
        (("TESTS-76", "TESTS-76"), [(1, "duplicate_suspect")]),
        (("IMAGE-26", "IMAGE-TC"), []),  # two parts of one service
        (("MAJOR", "MAJOR-80"), []),  # the assistant's line
        (("MAJOR-62", "MAJOR-62"), []),  # two surgeons
        (("TESTS", "TESTS x2"), [(1, "duplicate_suspect")]),
        (("NOSUC", "NOSUC"), [(1, "duplicate_line")]),  # a code that no edit knows
        (("TESTS", "IMAGE"), []),
    ],
)
def test_duplicates(given, wanted):
    assert found(*given) == wanted


def test_a_charge_that_differs_leaves_a_question():
    two = lines("TESTS", "TESTS").with_columns(billed_amount=pl.Series([Decimal("20.00"), Decimal("25.00")]))
    asked = checked(two).found.filter(pl.col("rule").str.starts_with("duplicate"))
    assert asked.select("row", "rule", "severity", "carc").rows() == [(1, "duplicate_suspect", "warns", "18")]
    same = two.with_columns(billed_amount=pl.lit(Decimal("20.00")))
    denied = checked(same).found.filter(pl.col("rule").str.starts_with("duplicate"))
    assert denied.select("row", "rule", "severity", "carc").rows() == [(1, "duplicate_line", "denies", "18")]
    assert "on line 1 too" in denied["detail"].item()
    assert "the charge is the same too" in denied["detail"].item()
    assert denied["amount_at_stake"].item() == Decimal("10.00")  # one TESTS


@pytest.mark.parametrize(
    ("charges", "denied"),
    [(("20.00", "20.00"), [1]), (("20.00", "25.00"), []), ((None, None), [1]), (("20.00", None), [])],
)
def test_a_claim_run_denies_the_exact_duplicate_alone(charges, denied):
    amounts = pl.Series([each and Decimal(each) for each in charges], dtype=pl.Decimal(12, 2))
    two = lines("OTHER", "OTHER").with_columns(billed_amount=amounts)
    _, _, found = price_with_edits(two, pricer(), tables(), ())
    assert found.select("row", "rule", "carc").rows() == [(row, "duplicate_line", "18") for row in denied]
    assert checked(two).found.filter(pl.col("severity") == "denies")["row"].to_list() == denied


def test_a_duplicate_among_many_lines_of_a_day():
    many = lines(*["IMAGE-59"] * 20, *["OTHER"] * 2, *["NOSUC"] * 20)
    found = checked(many).found.filter(pl.col("rule") == "duplicate_line")["row"].to_list()
    assert found == [21, *range(23, 42)]


@pytest.mark.parametrize(
    ("second", "wanted"),
    [
        ({"beneficiary_id": "B2"}, []),
        ({"date_of_service": date(2025, 7, 2)}, []),
        ({"billing_npi": "N2"}, []),
        ({"place_of_service": "22"}, []),
        ({"claim_id": "C2"}, [(1, "duplicate_line")]),
        ({"billing_npi": ""}, []),
    ],
)
def test_another_patient_day_provider_or_place_is_no_duplicate(second, wanted):
    two = pl.concat([lines("TESTS"), lines("TESTS", **{"claim_id": "C2", **second})], how="diagonal_relaxed")
    assert [each for each in rules(two) if each[1].startswith("duplicate")] == wanted


def test_two_claims_that_name_no_provider_are_a_question():
    two = pl.concat([lines("TESTS", billing_npi=""), lines("TESTS", billing_npi="", claim_id="C2")])
    asked = checked(two).found.filter(pl.col("rule").str.starts_with("duplicate"))
    assert asked.select("row", "rule").rows() == [(1, "duplicate_suspect")]
    assert "line 1 of claim C1" in asked["detail"].item()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("97110", "therapy_plan_missing"),
        ("97110-59", "therapy_plan_missing"),
        ("97110-GP", None),
        ("97110-GO", None),
        ("97110-GP-CQ", None),
        ("97110-GO-CO", None),
        ("97110-GO-CQ", "therapy_assistant_plan"),
        ("97110-GP-CO", "therapy_assistant_plan"),
        ("97165-GO", None),
        ("97165-GP", "therapy_plan_of_another"),
        ("97110-GY", None),  # pricing refuses it
        ("95860-GP", "therapy_plan_on_other_code"),
        ("G0237-GO", "therapy_plan_on_other_code"),
        ("95860", None),
        ("G0237-59", None),
        ("98940-AT", None),
        ("98940", "manipulation_as_maintenance"),
        ("98940-GA", "manipulation_with_notice"),
        ("98940-AT-GA", "manipulation_active_with_notice"),
        ("98940-GZ", None),  # pricing refuses it
        ("99213-GA", "notice_on_file"),
        ("G0463", "facility_code_on_professional_bill"),
        ("G0260", "facility_code_on_professional_bill"),
        ("99213", None),
    ],
)
def test_modifiers_that_a_code_needs(given, wanted):
    assert found(given) == ([(0, wanted)] if wanted else [])


@pytest.mark.parametrize(
    ("given", "day", "wanted"),
    [
        ("97110", date(2017, 12, 31), []),
        ("97110", date(2018, 1, 1), [(0, "therapy_plan_missing")]),
        ("97110-GO-CQ", date(2019, 12, 31), []),
        ("97110-GO-CQ", date(2020, 1, 1), [(0, "therapy_assistant_plan")]),
        ("98940-AT-GA", date(2015, 10, 31), []),
        ("98940-AT-GA", date(2015, 11, 1), [(0, "manipulation_active_with_notice")]),
    ],
)
def test_the_first_day_of_each(given, day, wanted):
    from feecalc.edits.coding import required_modifiers

    made = found_by(required_modifiers.RULES, lines(given, date_of_service=day), tables())
    assert made.select("row", "rule").rows() == wanted


def test_a_denial_carries_its_code_and_the_remedy_names_the_line_s_own_code():
    denied = checked("98940").found
    assert denied.select("severity", "carc").rows() == [("denies", "50")]
    assert "bill 98940 with GA" in denied["remedy"].item()
    assert "97110 was given under" in checked("97110").found["remedy"].item()


def other_bills(bill, *codes, day=date(2025, 7, 1)):
    """The lines whose codes belong on another bill: row, rule, detail and remedy."""
    sources = Denials(pricer(), tables(), ()).sources
    of_bill = Sources(sources.tables, sources.releases, bill=bill)
    numbered = EditLines.of(lines(*codes, date_of_service=day), of_bill.codes, pricer().eras)
    found = other_bill.find(numbered, other_bill.prepare(of_bill), frozenset(other_bill.RULES))
    return findings(found, numbered.frame).select("row", "rule", "detail", "remedy").rows()


def test_a_facility_s_code_on_a_physician_s_bill_names_the_physician_s_code():
    """Facility 2 and 11. G0463 is a hospital's alone; an ASC bills G0260 too."""
    (_, visit, whose, remedy), (_, injection, both, own) = other_bills("professional", "G0463", "G0260", "99213")
    assert visit == injection == "facility_code_on_professional_bill"
    assert ("a code of a hospital," in whose, "99202 to 99215" in remedy) == (True, True)
    assert ("a code of an ASC or a hospital," in both, "27096" in own) == (True, True)


@pytest.mark.parametrize(
    ("code", "day", "is_found"),
    [
        ("G0260", date(2003, 6, 30), False), ("G0260", date(2003, 7, 1), True),
        ("G0463", date(2013, 12, 31), False), ("G0463", date(2014, 1, 1), True),
    ],
)  # fmt: skip
def test_the_first_day_of_a_facility_s_code(code, day, is_found):
    assert bool(other_bills("professional", code, day=day)) is is_found
    assert bool(facility_codes.is_facility_code(code, day)) is is_found
    physician = {"G0260": "27096", "G0463": "99215"}[code]
    assert facility_codes.facility_code(physician, "hospital", day) == (code if is_found else None)
    claims = pl.DataFrame({"hcpcs": [physician, "9921"], "date_of_service": [day, day]})
    said = claims.select(facility_codes.said_of_lines("hospital")).to_series().to_list()
    assert said == [f"a hospital bills {code} for it" if is_found else "", ""]


def test_an_asc_has_no_code_for_a_visit():
    assert facility_codes.facility_code("99213", "asc", date(2026, 1, 1)) is None
    assert other_bills("asc", "99213", "G0463", "27096") == []  # its own lists say that they are not paid there


def test_a_hospital_bills_its_clinic_visit_as_g0463():
    """Facility 11, the same pair of codes: on a hospital's bill 99213 is the wrong one, G0463 the right one."""
    ((row, rule, _, remedy),) = other_bills("hospital", "99213", "G0463")
    assert (row, rule) == (0, "visit_on_hospital_bill")
    assert "G0463" in remedy


@pytest.mark.parametrize("given", [("TESTS-GA x3",), ("PRIM2-GA x2",), ("PRIM1", "IMAGE-GA"), ("PRIM1", "TESTS-GA-59")])
def test_a_notice_shifts_nothing_that_ncci_denies(given):
    """Pub. 100-04 ch. 23 sec. 20.9.3.1, 20.9.3.2: the patient owes nothing of what a pair or unlikely units deny."""
    told = checked(*given).found
    assert told["severity"].to_list() == ["denies"]
    assert not told["rule"].str.starts_with("notice").any()


def test_a_notice_speaks_where_ncci_denies_nothing():
    assert found("TESTS-GA x2") == [(0, "notice_on_file")]


@pytest.mark.parametrize(
    ("given", "charges", "wanted"),
    [
        (("PRIM2", "PRIM2"), (), [(1, "duplicate_line")]),  # 1 unit a day, by evidence (MAI 3)
        (("PRIM1", "PRIM1", "PRIM1"), (), [(1, "duplicate_line"), (2, "duplicate_line")]),  # 1 unit a day (MAI 2)
        (("TESTS x3", "TESTS x3"), (), [(0, "mue_line"), (1, "duplicate_line")]),  # 2 a line: the first has 3 itself
        (("PRIM1", "IMAGE", "IMAGE"), (), [(1, "ncci_pair"), (2, "duplicate_line")]),  # column 2 of a pair, twice
        (  # not the same charge: the two are counted, and pass 1 a day
            ("PRIM2", "PRIM2", "PRIM2"), ("100", "100", "90"),
            [(0, "mue_day_evidence"), (1, "duplicate_line"), (2, "duplicate_suspect"), (2, "mue_day_evidence")],
        ),
    ],
)  # fmt: skip
def test_what_is_denied_as_a_duplicate_counts_nowhere(given, charges, wanted):
    claims = lines(*given)
    charge = pl.Series([Decimal(each) for each in charges or ["100"] * len(given)], dtype=pl.Decimal(12, 2))
    assert rules(claims.with_columns(billed_amount=charge)) == wanted


def test_the_one_of_two_is_paid_whatever_the_claims():
    """PRIM2 of 150.00 on two claims: the second is the duplicate, and the first is 150.00 as if it stood alone."""
    claims = pl.concat([lines("PRIM2"), lines("PRIM2", claim_id="C2")])
    _, with_, found = price_with_edits(claims, pricer(), tables(), ())
    assert found.select("row", "rule").rows() == [(1, "duplicate_line")]
    assert with_["allowed_amount"].to_list() == [150, 0]
    left_out = replace(tables(), left_out=frozenset({"duplicate_line"}))
    _, _, found = price_with_edits(claims, pricer(), left_out, ())  # two services then, of 1 a day
    assert found.select("row", "rule").rows() == [(0, "mue_day_evidence"), (1, "mue_day_evidence")]


@pytest.mark.parametrize(
    ("given", "rule", "words"),
    [
        ("99213-25-GZ-GX", "modifiers_contradict", "carries GX and GZ,"),
        ("MAJOR-EY-RT-GX", "modifiers_contradict", "carries GX and EY,"),
        ("MAJOR-GZ-59-GA", "modifiers_contradict", "carries GA and GZ,"),
        ("ADDN1-59-51", "several_on_add_on", "carries 51,"),
        ("PRIM1-RT-25", "visit_modifier_on_procedure", "carries 25,"),
        ("PRIM1-57-24", "visit_modifier_on_procedure", "carries 57 and 24,"),
        ("99213-25-79", "procedure_modifier_on_visit", "carries 79,"),
    ],
)
def test_the_modifiers_that_do_not_fit_are_named(given, rule, words):
    (told,) = found_by((rule,), lines(given), tables())["detail"]
    assert words in told
