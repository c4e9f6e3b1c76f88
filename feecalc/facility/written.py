"""A case and a wage index as a person writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from feecalc.errors import InvalidValue
from feecalc.facility.amounts import INDEX_PLACES
from feecalc.facility.result import CaseLine
from feecalc.money import fewest, whole

_LINE = re.compile(r"([0-9A-Z]{5})((?:[-:][0-9A-Z]{2})*)(?:\s*[X*](\d{1,4}))?")
_SHOWN = 40
_HIGHEST_INDEX = 10
_LEAST_PLACES = 4  # shown, as CMS prints it


def case_lines(texts: Iterable[str], for_all: Iterable[str] = ()) -> list[CaseLine]:
    """The lines of a case: 64493, 64493-50, 64493-RT-59, 64636x2. ``for_all``: modifiers of every line.

    Raises InvalidValue.
    """
    return [_line(text, tuple(for_all)) for text in texts]


def wage_index(text: str) -> Decimal:
    """A wage index, to eight decimals. Raises InvalidValue unless above 0 and below 10."""
    try:
        if text.isascii() and 0 < (index := Decimal(text.strip())) < _HIGHEST_INDEX:
            whole(index, INDEX_PLACES)
            return fewest(index, _LEAST_PLACES)
    except (InvalidOperation, ValueError):
        pass
    raise InvalidValue(f"{text[:_SHOWN]!r} is not a wage index; write it with up to eight decimals, as 0.9488")


def _line(text: str, for_all: tuple[str, ...]) -> CaseLine:
    match = _LINE.fullmatch(text.strip().upper())
    if match is None:
        raise InvalidValue(
            f"{text[:_SHOWN]!r} is not a procedure code with its modifiers and units: 64493, 64493-50, 64493-RT-59 or "
            "64636x2"
        )
    own = re.findall(r"[0-9A-Z]{2}", match[2])
    return CaseLine(match[1], tuple(dict.fromkeys([*own, *for_all])), int(match[3] or 1))
