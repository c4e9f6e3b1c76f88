"""NCCI pairs, caught and not caught. Source of the rules: NCCI Policy Manual for Medicare Services, ch. 1."""

from datetime import date

import polars as pl
import pytest
from edits.made_up import checked, lines, rules


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
        (("PRIM1-RT", "IMAGE-RT"), [(1, "ncci_pair_same_site")]),
        (("PRIM1-50", "IMAGE-RT"), [(1, "ncci_pair_same_site")]),  # both sides, and one of them
        (("PRIM1-50", "IMAGE"), [(1, "ncci_pair")]),  # 50 is no modifier that lifts a pair
        (("PRIM1", "IMAGE-KX"), [(1, "ncci_pair")]),
        (("PRIM1-RT", "IMAGE-RT-59"), []),
        (("PRIM1", "TESTS"), [(1, "ncci_pair_never")]),  # indicator 0
        (("PRIM1", "TESTS-59"), [(1, "ncci_pair_never")]),
        (("OTHER", "TESTS"), []),  # indicator 9: no edit
        (("PRIM1", "IMAGE", "IMAGE-59"), [(1, "ncci_pair")]),
        (("PRIM2", "IMAGE"), [(1, "ncci_pair")]),  # no first day, and the quarter of the file has begun
        (("PRIM1-59", "PRIM2", "IMAGE"), [(2, "ncci_pair")]),  # lifted for PRIM1, not for PRIM2
    ],
)
def test_pair(given, found):
    assert rules(*given) == found


def test_column_1_lifted_only_since_mid_2019():
    """CR 11168: before July 1, 2019 the modifier stood on the column 2 line. The schedule is of 2025, so unpriced."""
    before, since = (
        [rule for _, rule in rules(lines("PRIM1-59", "IMAGE", date_of_service=day))]
        for day in (date(2019, 6, 30), date(2019, 7, 1))
    )
    assert (before, since) == (["ncci_pair"], [])


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
        "IMAGE is not paid beside PRIM1: NCCI column 2, modifier indicator 1, and no modifier that lifts the pair "
        "(in words)"
    ]
    assert found.select("carc", "severity").row(0) == ("236", "denies")


def test_a_long_claim():
    """A group of more lines than are paired one by one: 100 of each code, and each column 2 line found once."""
    assert rules(*["PRIM1"] * 100, *["IMAGE"] * 100) == [
        *((row, "mue_day") for row in range(100)),
        *((row, rule) for row in range(100, 200) for rule in ("mue_day_evidence", "ncci_pair")),
    ]
