"""A modifier that does not apply is named, with the indicator of the code's row that says so.

Indicators are those of RVU26C's rows; what they mean: RVU25D.pdf, Attachment A.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

NO_ROW = "the release has no row of it with this modifier"


NOT_PAID = "cosurgery_not_paid"  # indicator 0: Pub. 100-04 ch. 12 sec. 40.8.D denies what is no surgery


def reason(c26, code, modifiers, place="11", status="modifier_does_not_apply"):
    price = c26.price(code, modifiers, place_of_service=place)
    assert (price.pricing_status, price.allowed_amount) == (status, None)
    return price.reason


@pytest.mark.parametrize(
    ("code", "modifiers", "reason_given"),
    [
        ("99213", "62", "modifier 62 does not apply to 99213: its co-surgeon indicator is 0"),
        ("99213", "66", "modifier 66 does not apply to 99213: its team indicator is 0"),
        ("99213", "54", "modifier 54 does not apply to 99213: its global days are XXX"),
        ("99213", "FX", "modifier FX does not apply to 99213: it has no technical part"),
        ("64493", "73", "modifier 73 does not apply to 64493: only a facility bills it"),
        ("64493", "26,59", f"modifier 26 does not apply to 64493: {NO_ROW}"),
        ("64493", "59,TC", f"modifier TC does not apply to 64493: {NO_ROW}"),
    ],
)
def test_the_modifier_and_the_indicator_are_named(c26, code, modifiers, reason_given):
    """In a price with the code; in a claim's column, beside the code, the same words of "this code"."""
    status = NOT_PAID if modifiers in ("62", "66") else "modifier_does_not_apply"
    assert reason(c26, code, modifiers, status=status) == reason_given
    named = dict(zip(("modifier_1", "modifier_2"), modifiers.split(","), strict=False))
    line = {"claim_id": "A", "line": 1, "date_of_service": date(2026, 8, 3), "hcpcs": code, **named,
            "place_of_service": "11", "mac": "09102", "locality": "04", "units": 1}  # fmt: skip
    (found,) = c26.price_claims(pl.LazyFrame([line])).collect().to_dicts()
    assert (found["pricing_status"], found["reason"]) == (status, reason_given.replace(f"to {code}:", "to this code:"))
    assert found["carc"] == ("54" if status == NOT_PAID else "4")


def test_an_indicator_that_knows_no_such_surgeons_is_a_wrong_modifier(c26):
    """Indicator 9 of 01992 is no denial of a second surgeon: there is no surgery."""
    price = c26.price("01992", "62", minutes=30)
    assert price.pricing_status == "modifier_does_not_apply"
    assert price.reason == "modifier 62 does not apply to 01992: its co-surgeon indicator is 9"


def test_two_are_named_in_the_order_of_the_rules(c26):
    first, second = reason(c26, "99213", "62,FX", status=NOT_PAID).split("; ")
    assert first.startswith("modifier 62 does not apply to 99213: ")
    assert second.startswith("modifier FX does not apply to 99213: ")


def test_beside_one_without_a_row_another_is_judged_by_the_row_of_the_code(c26):
    """Where another code's row stands before it too."""
    schedule = replace(c26)
    assert reason(schedule, "64493", "26,73") == (
        f"modifier 26 does not apply to 64493: {NO_ROW}; modifier 73 does not apply to 64493: only a facility bills it"
    )
    assert reason(schedule, "99213", "26,FX") == (
        f"modifier 26 does not apply to 99213: {NO_ROW}; modifier FX does not apply to 99213: it has no technical part"
    )


def test_a_modifier_that_applies_is_not_named(c26):
    assert "59" not in reason(c26, "99213", "59,62", status=NOT_PAID).split("62", 1)[0]
    assert "modifier 50" not in reason(c26, "72148", "50,62", status=NOT_PAID)


@pytest.mark.parametrize(("code", "modifiers"), [("77003", "26,TC"), ("27447", "54,55")])
def test_two_that_apply_alone_and_not_together(c26, code, modifiers):
    one, other = modifiers.split(",")
    assert all(c26.price(code, alone).pricing_status == "priced" for alone in (one, other))
    assert reason(c26, code, modifiers).startswith(f"{one} and {other} contradict each other on one line: ")


def test_the_component_s_row_is_named(c26):
    assert reason(c26, "77003", "26,FX") == "modifier FX does not apply to 77003-26: it has no technical part"
