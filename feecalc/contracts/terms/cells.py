"""How a key of a contract is written: its cell in the workbook, its box in the app's form, its value as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

Reader = Callable[[str], Any]  # of a cell's text, without spaces around it


def plain(text: str) -> str:
    """Return the cell as it is."""
    return text


def listed(text: str) -> list[str]:
    """Return a list written with commas or semicolons."""
    return [part.strip() for part in re.split(r"[,;]", text) if part.strip()]


def day(text: str) -> str:
    """Return a day without the time of day that a spreadsheet may add."""
    return re.sub(r"[T ]\d\d:\d\d.*$", "", text)


def digits(text: str) -> str:
    """Return a text of digits that a spreadsheet may have made a number of."""
    return re.sub(r"^(\d+)\.0$", r"\1", text)


def code(text: str) -> str:
    """Return a procedure code, with the zeros in front that a spreadsheet may have taken."""
    bare = digits(text)
    return bare.zfill(5) if bare.isdigit() else bare


def count(text: str) -> str:
    """Return a whole number without the decimal that a spreadsheet may add."""
    return re.sub(r"\.0$", "", text)


def text_of(value: Any) -> str:
    """Return the value of a key as it is typed in a cell or a box; "" for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(text_of, value))
    return f"{value:f}" if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else str(value)


class Part(Enum):
    """The parts of the app's form, in their order; the value is how many boxes stand beside each other, 0 for all."""

    HEAD = "head", 0
    BASIS = "basis", 0
    LIMITS = "limits", 0
    RULES = "rules", 3
    FACTOR = "factor", 3


class Kind(Enum):
    """What is typed or chosen in a box."""

    TEXT = "text"
    DAY = "day"
    YES_OR_NO = "yes or no"
    CHOICE = "one of the box's choices"
    YEAR = "current, or a year that is installed"
    CHOICE_OR_PERCENT = "one of the box's choices, the last of which is a table with a percent"


@dataclass(frozen=True)
class Box:
    """A key's box in the app's form; it stands in the order of the workbook's first sheet."""

    label: str
    part: Part
    help: str = ""
    kind: Kind = Kind.TEXT
    choices: Mapping[str, str] = field(default_factory=dict)  # by value, in words
    empty: str = "not said"
    longest: int = 12  # characters
    width: int = 1


@dataclass(frozen=True)
class Cell:
    """A key's row on the workbook's first sheet: what may stand there, and how the cell is read and written."""

    what: str
    read: Reader = plain
    write: Callable[[Any], str] = text_of
    box: Box | None = None


@dataclass(frozen=True)
class Column:
    """A column of a term's own sheet: how it is read, and its heading and help in the app's form."""

    heading: str
    help: str = ""
    read: Reader = plain


# Of rows that hold on some days only.
FROM_AND_TO = {
    "effective_from": Column("From", "YYYY-MM-DD", day),
    "effective_to": Column("To", "YYYY-MM-DD", day),
}
