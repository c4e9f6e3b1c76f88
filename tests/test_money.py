"""The one rounding and the one way an amount is written, and that nothing beside ``feecalc.money`` does either."""

import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feecalc.money import percent_of, rounded, rounded_to, signed_usd, usd

REPOSITORY = Path(__file__).parents[1]

# number, divisor, the nearest whole, halves up
HALVES = [(0, 2, 0), (1, 2, 1), (3, 2, 2), (5, 2, 3), (4, 10, 0), (5, 10, 1), (14, 10, 1), (15, 10, 2), (25, 10, 3),
          (2_499, 1_000, 2), (2_500, 1_000, 3), (1, 3, 0), (2, 3, 1), (7, 1, 7)]  # fmt: skip


@pytest.mark.parametrize(("number", "divisor", "nearest"), HALVES)
def test_halves_go_up_in_integers_arrays_and_expressions(number, divisor, nearest):
    assert rounded(number, divisor) == nearest
    assert rounded(np.array([number, number]), divisor).tolist() == [nearest, nearest]
    assert rounded(np.array([number]), np.array([divisor])).tolist() == [nearest]
    columns = pl.DataFrame({"number": [number], "divisor": [divisor]})
    assert columns.select(rounded(pl.col("number"), pl.col("divisor"))).item() == nearest
    assert columns.select(rounded(pl.col("number"), divisor)).item() == nearest


@given(st.integers(0, 2**50), st.integers(1, 2**50))
def test_every_form_gives_the_decimal_rounded_half_away_from_zero(number, divisor):
    nearest = rounded(number, divisor)
    assert -divisor <= 2 * (number - nearest * divisor) < divisor  # at most half a divisor away, and a half goes up
    assert rounded(np.array([number], np.int64), divisor).tolist() == [nearest]
    assert pl.DataFrame({"n": [number]}).select(rounded(pl.col("n"), divisor)).item() == nearest


@given(st.decimals(0, 10**9, places=4, allow_nan=False, allow_infinity=False))
def test_a_decimal_rounds_as_its_units_do(amount):
    assert rounded_to(amount, 2) == Decimal(rounded(int(amount.scaleb(4)), 100)).scaleb(-2)


@pytest.mark.parametrize(
    ("amount", "places", "shown"),
    [
        ("0.005", 2, "0.01"), ("0.015", 2, "0.02"), ("0.025", 2, "0.03"), ("0.0249", 2, "0.02"),
        ("-0.005", 2, "-0.01"), ("-0.025", 2, "-0.03"), ("-0.0249", 2, "-0.02"),
        ("2.5", 0, "3"), ("-2.5", 0, "-3"), ("33.40085", 4, "33.4009"), ("7", 2, "7.00"),
    ],
)  # fmt: skip
def test_a_decimal_goes_away_from_zero_at_a_half_and_keeps_its_zeros(amount, places, shown):
    assert str(rounded_to(Decimal(amount), places)) == shown


@pytest.mark.parametrize(
    ("amount", "places", "shown"),
    [
        ("630037.3", 2, "+$630,037.30"), ("-5.07", 2, "-$5.07"), ("0.005", 2, "+$0.01"), ("-1234.5", 0, "-$1,235"),
        ("0", 2, "$0.00"), ("0.004", 2, "$0.00"), ("-0.004", 2, "$0.00"),
    ],
)  # fmt: skip
def test_a_change_has_its_sign_before_the_dollars(amount, places, shown):
    assert signed_usd(Decimal(amount), places) == shown


def test_a_wide_product_is_not_cut_where_twice_it_fits_64_bits():
    wide = 2**61
    assert rounded(np.array([wide]), 10**9).tolist() == [2_305_843_009]  # 2305843009.21...
    assert rounded(wide * 10**9, 10**18) == 2_305_843_009  # a Python integer has no end


def test_a_percent_of_an_amount_is_rounded_once():
    assert percent_of(10_001, "50") == 5_001  # 50.005
    assert percent_of(333, "33.33") == 111  # 1.109889
    assert percent_of(100, "0.5") == 1  # 0.005


@pytest.mark.parametrize(
    ("amount", "places", "shown"),
    [
        ("1234.5", 2, "$1,234.50"), ("-1234.5", 2, "-$1,234.50"), ("0", 2, "$0.00"), ("-0.004", 2, "$0.00"),
        ("0.005", 2, "$0.01"), ("-0.005", 2, "-$0.01"), ("1234567.5", 0, "$1,234,568"), ("-0.4", 0, "$0"),
        ("-0.5", 0, "-$1"), ("22.55", 1, "$22.6"),
    ],
)  # fmt: skip
def test_an_amount_is_written_one_way(amount, places, shown):
    assert usd(Decimal(amount), places) == shown


# numpy rounds binary estimates, which are no money
ROUNDS_BY_HAND = re.compile(r"// \(2 \*|\.quantize\(|ROUND_|(?<![\w.])round\(|(?<!\bnp)\.round\(")
WRITES_DOLLARS_BY_HAND = re.compile(r"\$\{[^{}]*:[^{}]*\.\d+f\}|\$\{[^{}]*:,\}")
BY_HAND = {
    "feecalc/money.py": "the one rounding",
    "feecalc/files/cells.py": "a binary number of a file is held against its cents, to see whether it is exact",
    "feecalc/scenarios/forecast/alternatives.py": "a break-even is rounded to the side that pays, up or down",
}


def by_hand(pattern):
    return [
        f"{path.relative_to(REPOSITORY).as_posix()}:{number}: {line.strip()}"
        for path in sorted((REPOSITORY / "feecalc").rglob("*.py"))
        if path.relative_to(REPOSITORY).as_posix() not in BY_HAND
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("pattern", [ROUNDS_BY_HAND, WRITES_DOLLARS_BY_HAND], ids=["roundings", "dollars"])
def test_nothing_but_money_rounds_or_writes_an_amount(pattern):
    found = by_hand(pattern)
    assert not found, "\n  ".join(["take rounded, rounded_to, percent_of or usd of feecalc.money:", *found])


def test_the_search_sees_what_it_looks_for():
    for line in ("(2 * a + b) // (2 * b)", "x.quantize(CENT)", "round(x, 2)", 'pl.col("a").round(2)', "ROUND_DOWN"):
        assert ROUNDS_BY_HAND.search(line)
    assert not ROUNDS_BY_HAND.search("np.round(ratios, 9)")
    assert not ROUNDS_BY_HAND.search("rounded(x, 2) + found(x)")
    assert WRITES_DOLLARS_BY_HAND.search('f"${amount:,.2f}"')
    assert not WRITES_DOLLARS_BY_HAND.search('f"{usd(amount)} {rows:,} rows"')
