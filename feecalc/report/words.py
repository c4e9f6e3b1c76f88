"""How a report writes amounts, days, and text that came from a file."""

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
    """Return one line without control characters, cut where it is longer than anybody reads."""
    words = " ".join(str(text)[: 2 * _LONGEST].split())
    shown = "".join("?" if unicodedata.category(c) in _UNSAFE else c for c in words)
    kept = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
    return kept.replace(" %", "\N{NO-BREAK SPACE}%")


def dollars(amount: Decimal | None) -> str:
    """Return ``$1,190``, halves away from zero; a dash where there is no amount."""
    return "–" if amount is None else signed(usd(amount, _WHOLE_DOLLARS))


def more_dollars(amount: Decimal) -> str:
    """Return ``+$1,190``."""
    return ("+" if rounded_to(amount, _WHOLE_DOLLARS) > 0 else "") + dollars(amount)


def cents(amount: Decimal | None) -> str:
    """Return ``$1,190.39``."""
    return "–" if amount is None else signed(usd(amount))


def more_cents(amount: Decimal | None) -> str:
    """Return ``+$1,190.39``."""
    return ("+" if amount is not None and amount > 0 else "") + cents(amount)


def percent(value: Decimal | None) -> str:
    """Return ``4.5 %``."""
    return "–" if value is None else signed(f"{plain(value)} %")


def plain(number: Decimal) -> str:
    """Without zeros at its end."""
    return f"{number.normalize():f}"


def long_day(day: date) -> str:
    """Return ``July 1, 2026``."""
    return f"{day:%B} {day.day}, {day.year}"


def even_words(found: BreakEven) -> tuple[str, str, str, str]:
    """Return a break-even as four cells: what moves, what it is now, where it pays, on which side or why nowhere."""
    what = {VOLUME: "volume, all of it", SHARE: f"share of {found.payer}", RATES: f"rates of {found.payer}"}[found.what]
    now = f"{plain(found.now)} %" if found.what == SHARE else ""
    if found.at is None:
        return what, now, "none", found.reason
    at = f"{found.at} %" if found.what == SHARE else f"{found.at:+} %"
    if found.percent is not None:
        at += f" ({found.percent} % of Medicare)"
    return what, now, at, found.pays


def signed(words: str) -> str:
    """Return a number and its unit with a minus in place of a hyphen: ``−4 %``."""
    return "−" + words[1:] if words.startswith("-") else words
