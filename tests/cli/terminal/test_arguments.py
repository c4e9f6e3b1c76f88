"""What a person may type, and the bounds of it."""

from datetime import date
from decimal import Decimal

import pytest

from feecalc.cli.terminal import arguments
from feecalc.errors import InvalidValue


@pytest.mark.parametrize(("text", "code"), [(" 64493 ", "64493"), ("g0105", "G0105"), ("0213t", "0213T")])
def test_a_code_is_trimmed_and_in_capitals(text, code):
    assert arguments.code_argument(text) == code


@pytest.mark.parametrize("text", ["", "6449", "644933", "64-93", "٦٤٤٩٣", "64493\x1b", "x" * 100_000])
def test_what_is_no_code(text):
    with pytest.raises(InvalidValue, match="procedure code") as raised:
        arguments.code_argument(text)
    assert len(str(raised.value)) < 250
    assert "\x1b" not in str(raised.value)


def test_codes_come_once_in_their_order():
    assert arguments.code_arguments(["64493", "99213", "64493"]) == ["64493", "99213"]


def test_a_list_is_bounded():
    with pytest.raises(InvalidValue, match="1,001 procedure codes"):
        arguments.code_arguments(["64493"] * 1001)


def test_an_iso_date():
    assert arguments.day_option(" 2026-08-03 ") == date(2026, 8, 3)
    assert arguments.day_option(None) is None


@pytest.mark.parametrize("text", ["", "20260803", "2026-W32-1", "08/03/2026", "2026-02-30", "2026-8-3", "٢٠٢٦-08-03"])
def test_what_is_no_date(text):
    with pytest.raises(InvalidValue, match="YYYY-MM-DD"):
        arguments.day_option(text)


@pytest.mark.parametrize(("text", "modifier"), [("", ""), (" ", ""), ("tc", "TC"), ("26", "26")])
def test_a_modifier(text, modifier):
    assert arguments.modifier_option(text) == modifier


@pytest.mark.parametrize("text", ["2", "262", "2-", "\x1b6"])
def test_what_is_no_modifier(text):
    with pytest.raises(InvalidValue, match="modifier"):
        arguments.modifier_option(text)


def test_words_are_bounded():
    assert arguments.words_option("  Miami,   FL ", "locality") == "Miami, FL"
    for text in ("", "   ", "x" * 201):
        with pytest.raises(InvalidValue, match="locality"):
            arguments.words_option(text, "locality")


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1200000", "1200000"), (" $1,200,000 ", "1200000"), ("1,234.56", "1234.56"), ("0", "0"), (None, None)],
)
def test_an_amount(text, amount):
    assert arguments.target_option(text) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize("text", ["1,2", "0,01", "12,34,567", "1.200.000", "", "$", "nan", "inf", "١٢", "-1", "1 000"])
def test_what_is_no_amount(text):
    with pytest.raises(InvalidValue, match="is not an amount"):
        arguments.target_option(text)


def test_a_comma_is_never_taken_for_a_decimal_point():
    with pytest.raises(InvalidValue, match=r"for example 0\.01"):
        arguments.least_option("0,05")
    with pytest.raises(InvalidValue, match="dollars per RVU"):
        arguments.factor_option("33,5")


@pytest.mark.parametrize(("text", "factor"), [("$33.4", "33.4000"), (" 32.3465 ", "32.3465"), (None, None)])
def test_a_conversion_factor(text, factor):
    assert str(arguments.factor_option(text)) == str(factor)


@pytest.mark.parametrize("text", ["0", "-1", "1000", "33.12345", "33%"])
def test_what_is_no_conversion_factor(text):
    with pytest.raises(InvalidValue, match="conversion factor"):
        arguments.factor_option(text)


@pytest.mark.parametrize(("text", "cents"), [("0", 0), ("0.01", 1), ("$1", 100), ("1.00", 100)])
def test_a_tolerance_is_in_whole_cents(text, cents):
    assert arguments.tolerance_option(text) == cents


@pytest.mark.parametrize("text", ["1.01", "-0.01", "0.005", "5%"])
def test_what_is_no_tolerance(text):
    with pytest.raises(InvalidValue, match="--tolerance"):
        arguments.tolerance_option(text)


@pytest.mark.parametrize(
    ("text", "signed", "number"), [("3%", False, "3"), ("-2.5", True, "-2.5"), ("$5.10", True, "5.1")]
)
def test_a_number_of_two_decimals(text, signed, number):
    assert arguments.two_decimals(text, "a percent", signed=signed) == Decimal(number)


@pytest.mark.parametrize("text", ["-1", "1.005", "much"])
def test_what_has_more_decimals_or_is_below_0(text):
    with pytest.raises(InvalidValue, match="is not a percent of at most two decimals, 0 or more"):
        arguments.two_decimals(text, "a percent")
