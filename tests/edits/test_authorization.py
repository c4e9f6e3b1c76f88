"""Services that Medicare authorizes beforehand or reviews: asked where no number is shown, and never denied."""

from datetime import date

import polars as pl
import pytest
from edits.policies.claim_lines import frame, line
from edits.test_precedence import facet_tables, pricer

from feecalc.edits.checking import check
from feecalc.edits.coding.authorization import RULES
from feecalc.edits.denials import Denials
from feecalc.edits.edit import findings
from feecalc.reference import rows

DAY = date(2026, 8, 3)


def found(*lines, bill="professional", **more):
    claims = frame(*lines).with_columns(**{name: pl.lit(value) for name, value in more.items()})
    given = Denials(pricer(), facet_tables(), (), None, bill).denied(claims, denials_only=False)
    return findings([each for each in given.found if each.rule in RULES], claims)


def asked(*lines, **more):
    return sorted(found(*lines, **more).select("row", "rule").rows())


def at(code, *modifiers, place="22", day=DAY, mac="09102", **more):
    return line(code, *modifiers, place_of_service=place, date_of_service=day, mac=mac, **more)


CODES = [
    # a code of each category, its first day in hospital outpatient departments (42 CFR 419.83(a))
    ("15823", date(2020, 7, 1)), ("15830", date(2020, 7, 1)), ("30400", date(2020, 7, 1)), ("36475", date(2020, 7, 1)),
    ("63650", date(2021, 7, 1)), ("22551", date(2021, 7, 1)), ("22552", date(2021, 7, 1)),
    ("64493", date(2023, 7, 1)), ("64635", date(2023, 7, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "first"), CODES)
def test_hospital_outpatient_departments(code, first):
    for place in ("19", "22"):
        assert asked(at(code, place=place, day=first)) == [(0, "authorization_missing")]
    for place in ("11", "21", "23", "24"):
        assert asked(at(code, place=place, day=first)) == []
    assert asked(at(code, day=date.fromordinal(first.toordinal() - 1))) == []


def test_it_is_a_question_with_its_codes():
    told = found(at("63650"))
    assert told["severity"].to_list() == ["warns"]  # a hospital can be exempt
    assert told["carc"].to_list() == ["197"]
    assert "exempted" in told["remedy"][0]
    assert "419.83(a)(2)" in told["source"][0]


def test_a_number_is_enough():
    assert asked(at("63650"), prior_authorization="A12") == []
    assert asked(at("63650"), prior_authorization=" ") == [(0, "authorization_missing")]


@pytest.mark.parametrize("code", ["63685", "63688", "21235", "99213"])
def test_codes_that_are_not_on_the_list(code):
    assert asked(at(code)) == []


def test_codes_taken_off_the_list():
    assert asked(at("64492", day=date(2024, 8, 4))) == [(0, "authorization_missing")]
    assert asked(at("64492", day=date(2024, 8, 5))) == []
    assert asked(at("67911", day=date(2022, 1, 6))) == [(0, "authorization_missing")]
    assert asked(at("67911", day=date(2022, 1, 7))) == []


def test_botulinum_toxin_only_paired_with_64612_or_64615():
    both = [at("64615"), at("J0585", units=155)]
    assert asked(*both) == [(0, "authorization_missing"), (1, "authorization_missing")]
    # A physician's claim has no drug: the hospital's may have one.
    assert asked(at("64615")) == [(0, "authorization_if_paired")]
    assert asked(at("64616"), at("J0585")) == []
    assert asked(at("J0585")) == []
    assert asked(at("64615"), at("J0585", beneficiary_id="Q")) == [(0, "authorization_if_paired")]


def test_a_surgical_centers_own_bill_needs_none():
    assert asked(at("63650", place="24"), bill="asc") == []


STATES = {"AZ": "03102", "NJ": "12402", "OH": "15202", "OK": "04312", "TX": "04412", "WA": "02402"}


@pytest.mark.parametrize("mac", STATES.values(), ids=list(STATES))
@pytest.mark.parametrize("place", ["11", "22", "24"])
def test_services_of_the_wiser_model(mac, place):
    assert asked(at("62323", place=place, mac=mac)) == [(0, "review_without_authorization")]
    assert asked(at("62323", place=place, mac=mac), prior_authorization="U1") == []


def test_the_model_is_a_question_in_its_states_and_days_alone():
    told = found(at("62323", place="11", mac="15202"))
    assert told["severity"].to_list() == ["warns"]
    assert told["carc"].to_list() == [""]
    assert "reviewed before it is paid" in told["detail"][0]
    assert "not for an intrathecal pump" in told["detail"][0]
    assert asked(at("62323", place="11", mac="09102")) == []
    assert asked(at("62323", place="21", mac="15202")) == []
    for day, rule in ((date(2026, 1, 14), []), (date(2026, 1, 15), [(0, "review_without_authorization")])):
        assert asked(at("62323", place="11", mac="15202", day=day)) == rule


def test_sacral_stimulation_only_with_its_generator():
    assert asked(at("64561", place="11", mac="15202")) == []
    assert asked(at("64561", place="11", mac="15202"), at("64590", place="11", mac="15202")) == [
        (0, "review_without_authorization")
    ]


def test_it_never_denies():
    given = Denials(pricer(), facet_tables(), ()).denied(frame(at("63650"), at("62323", mac="15202")))
    assert not [each for each in given.found if each.rule in RULES]


def test_no_code_stands_twice_for_one_program_place_and_day():
    seen = {}
    for row in rows("edit_authorization"):
        for code in row["codes"]:
            for first, last in seen.get((row["rule"], code), []):
                assert last < row["effective_from"] or row["effective_to"] < first
            seen.setdefault((row["rule"], code), []).append((row["effective_from"], row.get("effective_to", date.max)))
        assert ("not confirmed" in row["source"]) == (row.get("basis") == "assumed")


@pytest.mark.parametrize("bill", ["hospital", "asc"])
@pytest.mark.parametrize(("code", "mac", "gaps"), [("62323", "", 1), ("62323", "15202", 0), ("99213", "", 0)])
def test_a_service_of_the_model_without_a_contractor_was_not_looked_at(bill, code, mac, gaps):
    claims = frame(at(code, mac=mac, day=date(2026, 2, 3)))
    told = check(claims, pricer(), facet_tables(), (), bill=bill).answers.gaps
    ours = told.filter(pl.col("why").str.contains("WISeR"))
    assert ours.height == gaps
    assert all("(mac)" in text for text in ours["remedy"])


@pytest.mark.parametrize(("day", "number"), [(date(2026, 1, 14), ""), (date(2026, 2, 3), "A1")])
def test_nothing_lacks_before_the_model_or_beside_a_number(day, number):
    claims = frame(at("62323", mac="", day=day)).with_columns(prior_authorization=pl.lit(number))
    told = check(claims, pricer(), facet_tables(), (), bill="hospital").answers.gaps
    assert not told["why"].str.contains("WISeR").any()
