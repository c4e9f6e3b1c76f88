"""The written form of a contract's keys: a cell in the workbook, a box in the app's form, a value as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

Reader = Callable[[str], Any]  # of a cell's text, without spaces around it


def as_is(text: str) -> str:
    """Return the text of a cell unchanged."""
    return text


def as_list(text: str) -> list[str]:
    """Return the items of a list written with commas or semicolons."""
    return [part.strip() for part in re.split(r"[,;]", text) if part.strip()]


def day(text: str) -> str:
    """Return a day without the time of day that a spreadsheet may add."""
    return re.sub(r"[T ]\d\d:\d\d.*$", "", text)


def digits(text: str) -> str:
    """Return a text of digits that a spreadsheet may have turned into a number."""
    return re.sub(r"^(\d+)\.0$", r"\1", text)


def code(text: str) -> str:
    """Return a procedure code with the leading zeros that a spreadsheet may have dropped."""
    text_digits = digits(text)
    return text_digits.zfill(5) if text_digits.isdigit() else text_digits


def count(text: str) -> str:
    """Return a whole number without the decimal that a spreadsheet may add."""
    return re.sub(r"\.0$", "", text)


def text_of(value: Any) -> str:
    """Return the value of a key as text for a cell or a box; "" for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(text_of, value))
    return f"{value:f}" if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else str(value)


class FormPart(Enum):
    """A part of the app's form, in order; the second value is the number of boxes in a row, 0 for all in one row."""

    HEAD = "head", 0
    BASIS = "basis", 0
    LIMITS = "limits", 0
    RULES = "rules", 3
    FACTOR = "factor", 3


class InputKind(Enum):
    """The kind of input in a box of the app's form."""

    TEXT = "text"
    DAY = "day"
    YES_OR_NO = "yes or no"
    CHOICE = "one of the box's choices"
    YEAR = "current, or a year that is installed"
    CHOICE_OR_PERCENT = "one of the box's choices, the last of which is a table with a percent"


@dataclass(frozen=True)
class FormBox:
    """A key's box in the app's form; boxes are in the order of the workbook's first sheet."""

    label: str
    part: FormPart
    help: str = ""
    kind: InputKind = InputKind.TEXT
    choices: Mapping[str, str] = field(default_factory=dict)  # by value, in words
    empty: str = "not said"
    longest: int = 12  # characters
    width: int = 1


@dataclass(frozen=True)
class Cell:
    """A key's row on the workbook's first sheet: its explanation, and how the cell is read and written."""

    what: str
    read: Reader = as_is
    write: Callable[[Any], str] = text_of
    box: FormBox | None = None


@dataclass(frozen=True)
class Column:
    """A column of a term's own sheet: its heading and help in the app's form, and how it is read."""

    heading: str
    help: str = ""
    read: Reader = as_is


# Columns of rows that are in force on some days only.
FROM_AND_TO = {
    "effective_from": Column("From", "YYYY-MM-DD", day),
    "effective_to": Column("To", "YYYY-MM-DD", day),
}
