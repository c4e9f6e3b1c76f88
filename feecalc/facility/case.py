"""A facility case as typed: codes with modifiers and units, and a wage index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from feecalc.errors import InvalidValue
from feecalc.facility.amounts import INDEX_PLACES
from feecalc.facility.lines import MODIFIERS
from feecalc.money import fewest, whole

MOST_MODIFIERS = 4
MOST_UNITS = 9999
_LINE = re.compile(r"([0-9A-Z]{5})((?:[-:][0-9A-Z]{2})*)(?:\s*[X*](\d{1,4}))?")
_SHOWN = 40
_HIGHEST_INDEX = 10
_LEAST_PLACES = 4  # shown, as CMS prints it


@dataclass(frozen=True)
class CaseLine:
    """A code of a case with its modifiers and units. Raises InvalidValue out of their bounds."""

    hcpcs: str
    modifiers: tuple[str, ...] = ()
    units: int = 1

    def __post_init__(self) -> None:
        if len(self.modifiers) > MOST_MODIFIERS:
            raise InvalidValue(f"{self.hcpcs}: {len(self.modifiers)} modifiers; a line has at most {MOST_MODIFIERS}")
        if not 1 <= self.units <= MOST_UNITS:
            raise InvalidValue(f"{self.hcpcs}: {self.units} units; a line has from 1 to {MOST_UNITS:,}")

    @property
    def label(self) -> str:
        many = f" x {self.units}" if self.units > 1 else ""
        return "-".join((self.hcpcs, *self.modifiers)) + many


def case_lines(texts: Iterable[str], for_all: Iterable[str] = ()) -> list[CaseLine]:
    """Return the lines of a case from texts such as 64493, 64493-50, 64493-RT-59 or 64636x2.

    ``for_all``: modifiers added to every line. Raises InvalidValue.
    """
    return [_line(text, tuple(for_all)) for text in texts]


def wage_index(text: str) -> Decimal:
    """Return a wage index from text, with up to eight decimals. Raises InvalidValue unless above 0 and below 10."""
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
    modifiers = re.findall(r"[0-9A-Z]{2}", match[2])
    return CaseLine(match[1], tuple(dict.fromkeys([*modifiers, *for_all])), int(match[3] or 1))


def as_claim(case: Sequence[CaseLine], **cells: Any) -> list[dict[str, Any]]:
    """Return the lines of a case as rows of a claim; ``cells`` are added to every row."""
    return [
        {
            "line": number,
            "hcpcs": line.hcpcs,
            "units": line.units,
            **dict(zip(MODIFIERS, [*line.modifiers, "", "", "", ""], strict=False)),
            **cells,
        }
        for number, line in enumerate(case, start=1)
    ]
