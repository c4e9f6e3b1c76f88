"""The tables of what a claim line is allowed: look-ups by day, arithmetic shown, and that the tables agree.

Expected values are those of the rows' sources (RVU25D.pdf, the claims manual, statutes).
"""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from feecalc.errors import MissingRule
from feecalc.reference import row_on, rows, rows_on

DAY = date(2025, 7, 1)
CENT = Decimal("0.01")
INDICATORS = ("0", "1", "2", "9")
KINDS = """
component discontinued bilateral side multiple reduced increased split_care cosurgery team facility_discontinued
return_to_surgery assistant practitioner_assistant therapy_assistant film separate not_covered not_necessary preventive
screening_turned_diagnostic anesthesia bonus informational
"""


def percent(row):
    return Decimal(row["value"]) / 100


def cents(amount):
    return amount.quantize(CENT, ROUND_HALF_UP)


def by_rank(day, indicator, part="fee"):
    found = rows_on("multiple_procedure", day, mppr_indicator=indicator, part=part)
    return [row["value"] for row in sorted(found, key=lambda row: row["rank"])]


# Modifiers


@pytest.mark.parametrize(
    ("modifier", "day", "value"),
    [
        ("FX", date(2017, 1, 1), "80"),
        ("FY", date(2018, 1, 1), "93"),
        ("FY", date(2022, 12, 31), "93"),
        ("FY", date(2023, 1, 1), "90"),
        ("CT", date(2016, 12, 31), "95"),
        ("CT", date(2017, 1, 1), "85"),
        ("CQ", date(2021, 12, 31), "100"),
        ("CO", date(2022, 1, 1), "85"),
    ],
)
def test_a_modifier_s_own_percent(modifier, day, value):
    assert row_on("modifier", day, modifier=modifier)["value"] == value


@pytest.mark.parametrize(
    ("modifier", "day"),
    [("FX", date(2016, 12, 31)), ("FY", date(2017, 12, 31)), ("CT", date(2015, 12, 31)), ("XS", date(2014, 12, 31))],
)
def test_a_modifier_is_unknown_before_its_first_day(modifier, day):
    with pytest.raises(MissingRule):
        row_on("modifier", day, modifier=modifier)


def test_gz_is_denied_from_july_2011():
    assert row_on("modifier", date(2011, 6, 30), modifier="GZ").get("does") is None
    assert row_on("modifier", date(2011, 7, 1), modifier="GZ")["does"] == "not_necessary"


def test_modifiers_are_two_characters_of_known_kinds():
    kinds = set(KINDS.split())
    for row in rows("modifier"):
        assert re.fullmatch(r"[0-9A-Z]{2}", row["modifier"]), row
        assert row["kind"] in kinds, row
    assert {row["kind"] for row in rows("modifier")} == kinds


def test_a_percent_says_what_it_is_of():
    for row in rows("modifier"):
        if "part" in row:
            assert row["part"] in {"technical", "medicare"}
            assert "value" in row, row


def test_percents_of_a_modifier_are_in_the_table_it_names():
    for row in rows("modifier"):
        if "table" in row:
            assert "value" not in row, row
            if row["table"] != "bilateral":
                assert row["modifier"] in {each.get("modifier") for each in rows(row["table"])}, row


@pytest.mark.parametrize(
    "modifier", ["25", "59", "76", "91", "95", "99", "E1", "F9", "TA", "KX", "JZ", "QW", "GC", "PN", "Q6", "XE", "ZA"]
)
def test_a_modifier_on_claims_is_known(modifier):
    assert row_on("modifier", DAY, modifier=modifier)


# Both sides


@pytest.mark.parametrize(("indicator", "value"), [("0", "100"), ("1", "150"), ("2", "100"), ("3", "200")])
def test_both_sides(indicator, value):
    assert row_on("bilateral", DAY, bilateral_indicator=indicator)["value"] == value


def test_both_sides_of_125_dollars_pay_125_where_the_indicator_is_0_or_2():
    for indicator in ("0", "2"):  # the example of RVU25D.pdf
        fee = percent(row_on("bilateral", DAY, bilateral_indicator=indicator)) * 125
        assert min(fee, Decimal(100) + 100) == 125


def test_indicator_9_has_no_percent():
    row = row_on("bilateral", DAY, bilateral_indicator="9")
    assert not row["applies"]
    assert "value" not in row


# Several procedures


def test_surgery_by_rank():
    assert by_rank(DAY, "2") == ["100", "50", "50", "50", "50", "50"]
    last = row_on("multiple_procedure", DAY, mppr_indicator="2", part="fee", rank=6)
    assert last["by_report"]


def test_the_manual_s_three_surgeries():
    amounts = [Decimal("1043.48"), Decimal("1010.60"), Decimal("922.90")]
    paid = [cents(amount * Decimal(p) / 100) for amount, p in zip(amounts, by_rank(DAY, "2"), strict=False)]
    assert paid == [Decimal("1043.48"), Decimal("505.30"), Decimal("461.45")]


@pytest.mark.parametrize(
    ("indicator", "part", "day", "further"),
    [
        ("4", "technical", date(2010, 6, 30), "75"),
        ("4", "technical", date(2010, 7, 1), "50"),
        ("4", "technical", DAY, "50"),
        ("4", "professional", date(2011, 12, 31), "100"),
        ("4", "professional", date(2012, 1, 1), "75"),
        ("4", "professional", date(2016, 12, 31), "75"),
        ("4", "professional", date(2017, 1, 1), "95"),
        ("5", "practice_expense", date(2010, 12, 31), "100"),
        ("5", "practice_expense", date(2013, 3, 31), "80"),
        ("5", "practice_expense", date(2013, 4, 1), "50"),
        ("6", "technical", date(2012, 12, 31), "100"),
        ("6", "technical", date(2013, 1, 1), "75"),
        ("7", "technical", date(2012, 12, 31), "100"),
        ("7", "technical", date(2013, 1, 1), "80"),
    ],
)
def test_further_procedures(indicator, part, day, further):
    assert by_rank(day, indicator, part) == ["100", further]


def test_imaging_of_2012_at_25_percent_off_the_reading():
    day = date(2012, 7, 1)
    professional, technical = (
        percent(row_on("multiple_procedure", day, mppr_indicator="4", part=part, rank=2))
        for part in ("professional", "technical")
    )
    # readings of 68 and 102, scans of 476 and 340: the higher of each in full
    assert 102 + 68 * professional + 476 + 340 * technical == 799


@pytest.mark.parametrize(("day", "reading", "whole"), [(date(2016, 12, 31), 160, 860), (date(2017, 1, 1), 176, 876)])
def test_imaging_before_and_from_2017(day, reading, whole):
    """MLN Matters MM9647 (August 5, 2016), Table 1, as AAPC prints it: readings of 100 and 80, scans of 500 and 400."""
    professional, technical = (
        percent(row_on("multiple_procedure", day, mppr_indicator="4", part=part, rank=2))
        for part in ("professional", "technical")
    )
    assert 100 + 80 * professional == reading
    assert 500 + 400 * technical == 700
    assert 100 + 80 * professional + 500 + 400 * technical == whole


def test_cardiovascular_and_ophthalmology_examples():
    heart = percent(row_on("multiple_procedure", DAY, mppr_indicator="6", part="technical", rank=2))
    assert 77 + 427 + 65 + 148 * heart == 680
    eye = percent(row_on("multiple_procedure", DAY, mppr_indicator="7", part="technical", rank=2))
    assert 46 + 92 + 23 + 53 * eye == Decimal("203.4")


def test_imaging_is_reduced_within_family_88_since_2011():
    assert row_on("multiple_procedure", DAY, mppr_indicator="4", part="technical", rank=2)["imaging_families"] == ["88"]


def test_no_rank_before_the_last_is_left_out():
    for indicator in {row["mppr_indicator"] for row in rows("multiple_procedure")} - {"3"}:
        for part in {row["part"] for row in rows_on("multiple_procedure", DAY, mppr_indicator=indicator)}:
            found = rows_on("multiple_procedure", DAY, mppr_indicator=indicator, part=part)
            ranks = sorted(row["rank"] for row in found)
            assert ranks == list(range(1, len(ranks) + 1))


# Several surgeons, parts of a package


def test_an_assisting_practitioner_is_paid_85_percent_of_16():
    physician, practitioner = (row_on("assistant", DAY, kind="modifier", modifier=m) for m in ("80", "AS"))
    assert Decimal(physician["value"]) * Decimal(practitioner["of_assistant"]) / 100 == Decimal("13.6")
    assert Decimal(practitioner["value"]) == Decimal("13.6")
    assert {row_on("assistant", DAY, kind="modifier", modifier=m)["value"] for m in ("80", "81", "82")} == {"16"}


@pytest.mark.parametrize(
    ("indicator", "payment"), [("0", "with_documentation"), ("1", "never"), ("2", "paid"), ("9", "does_not_apply")]
)
def test_assistant_indicator(indicator, payment):
    assert row_on("assistant", DAY, kind="indicator", assistant_indicator=indicator)["payment"] == payment


def test_two_surgeons_share_125_percent():
    assert 2 * Decimal(row_on("cosurgery", DAY, kind="percent", modifier="62")["value"]) == 125


@pytest.mark.parametrize(
    ("field", "payments"),
    [
        ("cosurgeon_indicator", ["first_bill", "with_documentation", "paid", "does_not_apply"]),
        ("team_indicator", ["first_bill", "by_report", "by_report", "does_not_apply"]),
    ],
)
def test_surgeons_by_indicator(field, payments):
    found = [row_on("cosurgery", DAY, kind="indicator", **{field: indicator}) for indicator in INDICATORS]
    assert [row["payment"] for row in found] == payments


def test_split_care_is_of_010_and_090_and_54_with_55_is_the_whole():
    shares = {row["modifier"]: row["shares"] for row in rows("split_care")}
    assert sorted(shares["54"] + shares["55"]) == ["intraoperative", "postoperative", "preoperative"]
    assert set(shares["56"]) < set(shares["54"])  # so 56 beside 54 would be paid twice
    assert all(row["global_days"] == ["010", "090"] for row in rows("split_care"))
    assert [row["modifier"] for row in rows("split_care") if row["by_days"]] == ["55"]


@pytest.mark.parametrize(("days", "shares"), [("010", ["intraoperative"]), ("090", ["intraoperative"]), ("000", [])])
def test_return_to_surgery(days, shares):
    assert row_on("return_to_surgery", DAY, modifier="78", global_days=days)["shares"] == shares


def test_the_percent_of_a_reduced_service_is_assumed():
    row = row_on("reduced_service", DAY, modifier="52")
    assert (row["value"], row["basis"]) == ("50", "assumed")
