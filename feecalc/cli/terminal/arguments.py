"""Check what a person types: codes, modifiers, days, places, amounts, percents. A refusal says how to write it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from feecalc.cli.terminal.output import quoted
from feecalc.errors import InvalidValue
from feecalc.money import rounded_to

MAX_LISTED = 1000  # codes, localities or releases in one command
MOST_PERCENT = 1000
_MOST_FACTOR = 1000  # dollars per RVU
_FACTOR_PLACES = 4
_MOST_MIPS = 100
_MOST_TOLERANCE = 1  # dollar
_MAX_WORDS = 200  # characters of a locality's or county's name
_Listed = TypeVar("_Listed")
_CODE = re.compile(r"[0-9A-Z]{5}")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")
_PERCENT = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)\s*%?(?:\s*\.\.\s*(\d{1,4}(?:\.\d{1,2})?)\s*%?)?")


def day_option(text: str | None) -> date | None:
    """Return the date of ``--date``. Raises InvalidValue unless it is written YYYY-MM-DD and exists."""
    if text is None:
        return None
    try:
        if _ISO_DATE.fullmatch(text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise InvalidValue(f"{quoted(text)} is not a date; write it as YYYY-MM-DD, for example 2026-08-03")


def code_argument(text: str) -> str:
    """Return a HCPCS or CPT code, trimmed and in capitals. Raises InvalidValue unless five letters and digits."""
    code = text.strip().upper()
    if _CODE.fullmatch(code) is None:
        raise InvalidValue(f"{quoted(text)} is not a procedure code: it has five digits and letters, as 64493 or G0105")
    return code


def code_arguments(texts: Sequence[str]) -> list[str]:
    """Return the codes without repeats, in the order given; at most 1000. Raises InvalidValue."""
    return list(dict.fromkeys(code_argument(text) for text in bounded(texts, "procedure codes")))


def modifier_option(text: str) -> str:
    """Return a modifier, trimmed and in capitals; "" is the global service. Raises InvalidValue."""
    modifier = text.strip().upper()
    if modifier and _MODIFIER.fullmatch(modifier) is None:
        raise InvalidValue(f"{quoted(text)} is not a modifier: two digits or letters, for example 26 or TC")
    return modifier


def modifiers_option(texts: Sequence[str]) -> list[str]:
    """Return the modifiers of ``--modifier``, with commas between more than one. Raises InvalidValue."""
    return [modifier_option(part) for text in bounded(texts, "modifiers") for part in text.split(",") if part.strip()]


def words_option(text: str, what: str) -> str:
    """Return a name a person typed, trimmed. Raises InvalidValue where empty or longer than any name CMS prints."""
    words = " ".join(text.split())
    if not words or len(words) > _MAX_WORDS:
        raise InvalidValue(f"{quoted(text)} is not a {what}")
    return words


def place_option(text: str | None) -> str | None:
    """Return the place of ``--locality``, trimmed; None where none was given. Raises InvalidValue."""
    return None if text is None else words_option(text, "locality")


def bounded(texts: Sequence[_Listed], what: str) -> Sequence[_Listed]:
    """Return ``texts`` where a command line could mean them. Raises InvalidValue for more than 1000."""
    if len(texts) > MAX_LISTED:
        raise InvalidValue(f"{len(texts):,} {what} given; one command takes at most {MAX_LISTED:,}")
    return texts


# Numbers -----------------------------------------------------------------------------------------------------------


def factor_option(text: str | None) -> Decimal | None:
    """Return a conversion factor, of at most four decimals. [USD per RVU] Raises InvalidValue."""
    if text is None:
        return None
    factor = _number(text)
    if factor is not None and 0 < factor < _MOST_FACTOR and _has_places(factor, _FACTOR_PLACES):
        return rounded_to(factor, _FACTOR_PLACES)
    raise InvalidValue(f"{quoted(text)} is not a conversion factor; write dollars per RVU, for example 32.84")


def mips_percent_option(text: str) -> str:
    """Return the MIPS adjustment, a number from -100 to 100. [%] Raises InvalidValue."""
    percent = _number(text)
    if percent is None or abs(percent) > _MOST_MIPS:
        raise InvalidValue(f"{quoted(text)} is not a percent; write it as 1.25 or -9")
    return f"{percent:f}"


def least_option(text: str) -> Decimal:
    """Return the smallest change that counts. [USD] Raises InvalidValue unless above 0."""
    least = _number(text)
    if least is None or least <= 0:
        raise InvalidValue(f"--least {quoted(text)}: write dollars above 0, for example 0.01")
    return least


def tolerance_option(text: str) -> int:
    """Return what a paid line may be off. [cents] Raises InvalidValue unless from 0 to a dollar, in whole cents."""
    dollars = _number(text)
    if dollars is None or not 0 <= dollars <= _MOST_TOLERANCE or not _has_places(dollars, 2):
        raise InvalidValue(f"--tolerance {quoted(text)}: an amount from 0 to 1.00 dollars")
    return int(100 * dollars)


def target_option(text: str | None) -> Decimal | None:
    """Return the net a year of ``--target``, 0 or more. [USD] Raises InvalidValue."""
    if text is None:
        return None
    amount = _number(text)
    if amount is None or amount < 0:
        raise InvalidValue(f"{quoted(text)} is not an amount; write --target 1200000")
    return amount


def two_decimals(text: str, what: str, *, signed: bool = False) -> Decimal:
    """Return an amount or a percent (``what``) of at most two decimals, 0 or more unless ``signed``.

    Raises InvalidValue.
    """
    found = _number(text.strip().removesuffix("%"))
    if found is not None and _has_places(found, 2) and (signed or found >= 0):
        return found
    raise InvalidValue(f"{quoted(text)} is not {what} of at most two decimals" + ("" if signed else ", 0 or more"))


def percents_option(text: str | None) -> tuple[Decimal, ...]:
    """Return the percent of Medicare of ``--percent``, or the two ends of a range, the lower first. [%]

    Empty where none was given. Raises InvalidValue.
    """
    if text is None:
        return ()
    match = _PERCENT.fullmatch(text.strip()) if text.isascii() else None
    found = tuple(Decimal(part) for part in match.groups() if part) if match else ()
    if not found or not all(0 < percent <= MOST_PERCENT for percent in found):
        raise InvalidValue(f"{quoted(text)} is not a percent of Medicare; write 150, 137.5, or a range as 120..200")
    if found[-1] < found[0]:
        raise InvalidValue(f"{quoted(text)}: the range runs backwards; write the lower percent first")
    return tuple(dict.fromkeys(found))


def _number(text: str) -> Decimal | None:
    """Return the number a person typed, with or without $ and commas between thousands; None for anything else."""
    plain = text.strip().removeprefix("$").strip()
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    try:
        found = Decimal(plain) if plain.isascii() else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _has_places(number: Decimal, places: int) -> bool:
    """Return whether a number has at most that many decimals."""
    scaled = number.scaleb(places)
    return scaled == scaled.to_integral_value()
