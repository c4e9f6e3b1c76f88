"""Percents of amounts: each rounded once, halves of a cent up, nothing where there is no amount."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feecalc.runs.percents import at_percent, percent_name, with_percents

MONEY = pl.Decimal(18, 2)


def amounts(*texts):
    return pl.DataFrame({"allowed_amount": [None if each is None else Decimal(each) for each in texts]}, {
        "allowed_amount": MONEY
    })  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "percent", "expected"),
    [
        ("190.39", "150", "285.59"),  # 285.585
        ("190.39", "137.5", "261.79"),  # 261.78625
        ("0.01", "50", "0.01"),  # half a cent
        ("0.01", "49.99", "0.00"),
        ("123456789.99", "999.99", "1234555554.22"),  # 1,234,567,899.90 less a ten-thousandth, 12,345.678999
        (None, "150", None),
    ],
)
def test_by_hand(amount, percent, expected):
    found = at_percent(amounts(amount), "allowed_amount", Decimal(percent))
    assert found.to_list() == [None if expected is None else Decimal(expected)]
    assert found.dtype == MONEY


@given(st.integers(0, 10**9), st.integers(1, 100_000))
def test_any_percent_is_the_exact_product_rounded_once(cents, hundredths):
    percent = Decimal(hundredths) / 100
    found = at_percent(amounts(str(Decimal(cents) / 100)), "allowed_amount", percent)[0]
    assert found == (Decimal(cents) / 100 * percent / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")


def test_columns_are_named_plainly():
    found = with_percents(amounts("100.00"), [Decimal("120"), Decimal("137.50")])
    assert found.columns == ["allowed_amount", "allowed_at_120_percent", "allowed_at_137.5_percent"]
    assert percent_name("nonfacility_amount", Decimal(200)) == "nonfacility_at_200_percent"
