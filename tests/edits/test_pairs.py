"""NCCI pairs, caught and not caught. Source of the rules: Pub. 100-04 ch. 23 sec. 20.9.1.1 (Rev. 13216)."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from edits.made_up import checked, found_by, lines, rules, tables

from feecalc.edits.ncci import pairs


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("PRIM1", "IMAGE"), [(1, "ncci_pair")]),  # indicator 1, no modifier
        (("IMAGE", "PRIM1"), [(0, "ncci_pair")]),  # the order of lines is nothing
        (("IMAGE",), []),
        (("PRIM1",), []),
        (("PRIM1", "IMAGE-59"), []),
        (("PRIM1", "IMAGE-XS"), []),
        (("PRIM1-59", "IMAGE"), []),  # either line, since July 1, 2019
        (("PRIM1-RT", "IMAGE-LT"), []),  # other sides
        (("PRIM1", "IMAGE-LT"), []),
        (("PRIM1-RT", "IMAGE-RT"), [(1, "ncci_pair_same_modifier")]),  # facility 4: the same on both, and no other
        (("PRIM1-F1", "IMAGE-F1"), [(1, "ncci_pair_same_modifier")]),
        (("PRIM1-F1", "IMAGE-F2"), []),
        (("PRIM1-RT-F5", "IMAGE-RT"), [(1, "ncci_pair_same_site")]),  # they only overlap: not said, passes
        (("PRIM1-RT", "IMAGE"), [(1, "ncci_pair_column_1")]),  # facility 3: passes by the letter, and is asked about
        (("PRIM1-58", "IMAGE"), []),  # any listed one, since June 3, 2025
        (("PRIM1-50", "IMAGE-RT-76"), [(1, "ncci_pair_same_site")]),
        *((("PRIM1", f"IMAGE-{each}"), [(1, "ncci_pair")]) for each in ("22", "50", "76", "77", "52", "62", "80")),
        (("TESTS", "99291-59"), [(1, "ncci_pair")]),  # 59 on evaluation and management is read as absent
        (("TESTS-59", "99291"), []),
        (("TESTS", "99291-25"), []),
        (("PRIM1-50", "IMAGE-RT"), [(1, "ncci_pair_same_site")]),  # both sides, and one of them
        (("PRIM1-50", "IMAGE"), [(1, "ncci_pair")]),  # 50 is no modifier that lifts a pair
        (("PRIM1", "IMAGE-KX"), [(1, "ncci_pair")]),
        (("PRIM1-RT", "IMAGE-RT-59"), [(1, "ncci_pair_same_site")]),  # passes; the record must show two sites
        (("PRIM1-RT-59", "IMAGE-RT-59"), [(1, "ncci_pair_same_site")]),
        (("PRIM1", "TESTS"), [(1, "ncci_pair_never")]),  # indicator 0
        (("PRIM1", "TESTS-59"), [(1, "ncci_pair_never")]),
        (("OTHER", "TESTS"), []),  # indicator 9: no edit
        (("PRIM1", "IMAGE", "IMAGE-59"), [(1, "ncci_pair")]),
        (("PRIM2", "IMAGE"), [(1, "ncci_pair")]),  # no first day, and the quarter of the file has begun
        (("PRIM1-59", "PRIM2", "IMAGE"), [(2, "ncci_pair")]),  # lifted for PRIM1, not for PRIM2
    ],
)
def test_pair(given, found):
    assert [each for each in rules(*given) if not each[1].startswith("both_sides")] == found


def test_column_1_lifted_only_since_mid_2019():
    """CR 11168: before July 1, 2019 the modifier stood on the column 2 line. The schedule is of 2025, so unpriced."""
    before, since = (
        [rule for _, rule in rules(lines("PRIM1-59", "IMAGE", date_of_service=day))]
        for day in (date(2019, 6, 30), date(2019, 7, 1))
    )
    assert (before, since) == (["ncci_pair"], [])


@pytest.mark.parametrize(
    ("given", "bill", "before_2019", "before_2025", "since"),
    [
        # column 1's line: none before July 1, 2019; then 59 and X, and, assumed, the others; all since June 3, 2025
        (("PRIM1-59", "IMAGE"), "professional", "ncci_pair", "", ""),
        (("PRIM1-58", "IMAGE"), "asc", "ncci_pair", "ncci_pair_column_1", ""),
        (("PRIM1-RT", "IMAGE"), "professional", "ncci_pair", "ncci_pair_column_1", "ncci_pair_column_1"),
        (("PRIM1", "IMAGE-RT"), "asc", "", "", ""),
        # the same side on both: denied by the text of June 3, 2025; before, as nothing is said, asked about
        (("PRIM1-RT", "IMAGE-RT"), "professional", *["ncci_pair_same_site"] * 2, "ncci_pair_same_modifier"),
        (("PRIM1-RT", "IMAGE-LT"), "professional", "", "", ""),
        # a hospital's claim: the guide does not say on which line, and compares no sides
        (("PRIM1-59", "IMAGE"), "hospital", *["ncci_pair_column_1"] * 3),
        (("PRIM1-25", "IMAGE"), "hospital", "", "", ""),  # where a visit is column 1, 25 belongs there
        (("PRIM1", "IMAGE-59"), "hospital", "", "", ""),
        (("PRIM1-RT", "IMAGE-RT"), "hospital", *["ncci_pair_same_site"] * 3),
    ],
)
def test_which_line_carries_the_modifier(given, bill, before_2019, before_2025, since):
    days = {date(2019, 6, 30): before_2019, date(2019, 7, 1): before_2025, date(2025, 6, 2): before_2025,
            date(2025, 6, 3): since}  # fmt: skip
    for day, rule in days.items():
        found = found_by(pairs.RULES, lines(*given, date_of_service=day), tables(), bill=bill)
        assert found["rule"].to_list() == [rule] * bool(rule), day


def test_what_is_assumed_can_be_left_out():
    """The stricter reading: a modifier on column 1 alone passes where a text says so, and a side never."""
    strict = replace(tables(), left_out=frozenset({"column_1_modifiers"}))
    since, before = date(2025, 6, 3), date(2025, 6, 2)
    for given, day, rule in (
        ("PRIM1-RT", since, "ncci_pair"), ("PRIM1-58", since, None), ("PRIM1-58", before, "ncci_pair"),
        ("PRIM1-59", before, None),
    ):  # fmt: skip
        found = found_by(pairs.RULES, lines(given, "IMAGE", date_of_service=day), strict)
        assert found["rule"].to_list() == [rule] * (rule is not None)


def test_a_question_has_its_dollars():
    """IMAGE pays 100.00: that is what the question is worth, and the line is not denied."""
    found = checked("PRIM1-RT", "IMAGE").found
    assert found.select("severity", pl.col("amount_at_stake").cast(pl.String)).row(0) == ("warns", "100.00")
    assert "by RT on PRIM1 alone" in found["detail"][0]


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2024, 12, 31), ["ncci_pair_never"]),  # the last day of the first span
        (date(2025, 1, 1), []),  # between the two
        (date(2025, 6, 30), []),
        (date(2025, 7, 1), ["ncci_pair"]),  # made again, with indicator 1
    ],
)
def test_days_of_a_pair(day, found):
    claims = lines("PRIM1-57", "PRIM2", date_of_service=day).with_columns(modifier_1=pl.lit(""))
    assert [rule for _, rule in rules(claims) if rule.startswith("ncci")] == found


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2025, 6, 30), ["ncci_pair_never"]),
        (date(2025, 7, 1), ["ncci_pair"]),
        (date(2024, 12, 31), ["ncci_pair_undated"]),
    ],
)
def test_pair_without_a_first_day(day, found):
    """The row that ends first holds until its last day; before the quarter of the file it is only a warning."""
    assert [rule for _, rule in rules(lines("IMAGE", "OTHER", date_of_service=day))] == found


@pytest.mark.parametrize(
    "other", [{"billing_npi": "N2"}, {"beneficiary_id": "B2"}, {"date_of_service": date(2025, 7, 2)}]
)
def test_another_provider_patient_or_day(other):
    assert rules(lines("PRIM1"), lines("IMAGE", **other)) == []


def test_two_claims_of_one_patient():
    assert rules(lines("PRIM1"), lines("IMAGE", claim_id="C2")) == [(1, "ncci_pair")]


def test_every_column_1_code_is_named():
    found = checked("PRIM1", "PRIM2-59", "IMAGE").found
    assert found["detail"].to_list() == [
        "IMAGE is not paid beside PRIM1: NCCI column 2, modifier indicator 1, and no modifier that passes the edit "
        "(in words)"
    ]
    assert found.select("carc", "severity").row(0) == ("236", "denies")


def test_a_long_claim():
    """A group of more lines than are paired one by one: 100 of each code, and each column 2 line found once."""
    claims = lines(*["PRIM1"] * 100, *["IMAGE"] * 100)
    charges = claims.with_columns(billed_amount=pl.int_range(pl.len()).cast(pl.Decimal(12, 2)))  # no duplicates
    assert rules(charges) == [
        (0, "mue_day"),
        *((row, rule) for row in range(1, 100) for rule in ("duplicate_suspect", "mue_day")),
        *((100, rule) for rule in ("mue_day_evidence", "ncci_pair")),
        *((row, rule) for row in range(101, 200) for rule in ("duplicate_suspect", "mue_day_evidence", "ncci_pair")),
    ]
    again = [(row, "duplicate_line") for row in (*range(1, 100), *range(101, 200))]
    assert rules(claims) == sorted([*again, (100, "ncci_pair")])
