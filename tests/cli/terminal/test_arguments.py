"""What a person may type, and the bounds of it."""

from datetime import date

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
