"""Amounts, days, and text from files, as a report writes them."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal

from feecalc.money import rounded_to, usd
from feecalc.scenarios.forecast.alternatives import RATES, SHARE, VOLUME, BreakEven

_LONGEST = 600  # characters of a text in a report
_UNSAFE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # controls, bidirectional marks, surrogates, separators
_WHOLE_DOLLARS = 0  # decimals


def clean(text: object) -> str:
    """Return a text as one line without control characters, cut at 600 characters."""
    words = " ".join(str(text)[: 2 * _LONGEST].split())
    shown = "".join("?" if unicodedata.category(character) in _UNSAFE else character for character in words)
    shortened = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
    return shortened.replace(" %", "\N{NO-BREAK SPACE}%")


def dollars(amount: Decimal | None) -> str:
    """Return an amount in whole dollars, ``$1,190``, half away from zero; a dash for None."""
    return "–" if amount is None else with_minus_sign(usd(amount, _WHOLE_DOLLARS))


def signed_dollars(amount: Decimal) -> str:
    """Return an amount in whole dollars with its sign, ``+$1,190``."""
    return ("+" if rounded_to(amount, _WHOLE_DOLLARS) > 0 else "") + dollars(amount)


def cents(amount: Decimal | None) -> str:
    """Return an amount in dollars and cents, ``$1,190.39``; a dash for None."""
    return "–" if amount is None else with_minus_sign(usd(amount))


def signed_cents(amount: Decimal | None) -> str:
    """Return an amount in dollars and cents with its sign, ``+$1,190.39``; a dash for None."""
    return ("+" if amount is not None and amount > 0 else "") + cents(amount)


def percent(value: Decimal | None) -> str:
    """Return a percent, ``4.5 %``; a dash for None."""
    return "–" if value is None else with_minus_sign(f"{plain(value)} %")


def plain(number: Decimal) -> str:
    """Return a number as text without trailing zeros."""
    return f"{number.normalize():f}"


def long_day(day: date) -> str:
    """Return a day in words, ``July 1, 2026``."""
    return f"{day:%B} {day.day}, {day.year}"


def break_even_cells(break_even: BreakEven) -> tuple[str, str, str, str]:
    """Return a break-even as four texts: what varies, its value now, the break-even, and where it pays or why never."""
    what = {VOLUME: "volume, all of it", SHARE: f"share of {break_even.payer}", RATES: f"rates of {break_even.payer}"}[
        break_even.what
    ]
    now = f"{plain(break_even.now)} %" if break_even.what == SHARE else ""
    if break_even.at is None:
        return what, now, "none", break_even.reason
    where = f"{break_even.at} %" if break_even.what == SHARE else f"{break_even.at:+} %"
    if break_even.percent is not None:
        where += f" ({break_even.percent} % of Medicare)"
    return what, now, where, break_even.pays


def with_minus_sign(words: str) -> str:
    """Return a number with its unit and a minus sign in place of a hyphen: ``−4 %``."""
    return "−" + words[1:] if words.startswith("-") else words
