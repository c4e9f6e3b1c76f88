"""Codes as a contract's file writes them: single codes and ranges, modifiers, places of service."""

from __future__ import annotations

import re
from typing import Annotated

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict

_CODE = re.compile(r"[0-9]{5}|[0-9]{4}[A-Z]|[A-Z][0-9]{4}")
_RANGE = re.compile(r"([0-9A-Z]{5})(?:\s*(?:-|–|to)\s*([0-9A-Z]{5}))?", re.IGNORECASE)
_CLASS = 100_000  # room for the digits of one kind of code
_SUFFIX = 128  # codes that end in a letter come after those that begin with one


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{value!r} is not text; write codes in quotation marks")
    return str(value).strip().upper()


def _code(value: object) -> str:
    text = _text(value)
    text = text.zfill(5) if text.isdigit() and isinstance(value, int) else text
    if not _CODE.fullmatch(text):
        raise ValueError(f"{text!r} is not a procedure code, which has five digits and letters")
    return text


def _modifier(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"([0-9A-Z]{2})?", text):
        raise ValueError(f'{text!r} is not a modifier, which has two digits or letters, as "26"')
    return text


def _place(value: object) -> str:
    text = _text(value).zfill(2)
    if not re.fullmatch(r"[0-9]{2}", text):
        raise ValueError(f'{text!r} is not a place of service, which has two digits, as "11"')
    return text


def _listed(value: object) -> object:
    return [part for part in re.split(r"[,;]", value) if part.strip()] if isinstance(value, str) else value


HcpcsCode = Annotated[str, BeforeValidator(_code)]
Modifier = Annotated[str, BeforeValidator(_modifier)]
PlaceOfService = Annotated[str, BeforeValidator(_place)]


def code_key(code: str) -> int:
    """Return a number that sorts codes by kind (digits; a letter first; a letter last) and then by their digits."""
    if code[0].isalpha():
        return ord(code[0]) * _CLASS + int(code[1:])
    if code[-1].isalpha():
        return (_SUFFIX + ord(code[-1])) * _CLASS + int(code[:-1])
    return int(code)


def code_keys(column: str) -> pl.Expr:
    """Return ``code_key`` of a column as an expression; null for what is not a code. [Int64]"""
    code = pl.col(column).cast(pl.String)
    first, last = code.str.extract(r"^([A-Z])\d{4}$"), code.str.extract(r"^\d{4}([A-Z])$")
    letter_key = pl.coalesce(_ordinal(first), _ordinal(last) + _SUFFIX)
    digits = code.str.extract(r"^[A-Z]?(\d{4,5})[A-Z]?$").cast(pl.Int64)
    return pl.when(code.str.contains(r"^\d{5}$")).then(digits).otherwise(letter_key * _CLASS + digits)


def _ordinal(letter: pl.Expr) -> pl.Expr:
    return letter.cast(pl.Binary).bin.reinterpret(dtype=pl.UInt8).cast(pl.Int64)


def _range(value: object) -> str:
    """Return a code, or a range of codes of one kind written in order: 99202-99215."""
    text = _text(value)
    match = _RANGE.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is neither a code nor a range of codes; write 99213, or 99202-99215")
    first, last = _code(match[1]), _code(match[2] or match[1])
    span = code_key(first), code_key(last)
    if span[0] // _CLASS != span[1] // _CLASS:
        raise ValueError(f"{text!r} goes from one kind of code to another; write a range for each kind")
    if span[1] < span[0]:
        raise ValueError(f"{text!r} runs backwards")
    return first if first == last else f"{first}-{last}"


CodeRange = Annotated[str, BeforeValidator(_range)]
CodeRanges = Annotated[tuple[CodeRange, ...], BeforeValidator(_listed)]


def span_of(text: str) -> tuple[int, int]:
    """Return the first and the last key of a code or range, inclusive."""
    first, _, last = text.partition("-")
    return code_key(first), code_key(last or first)


class CodeSelection(BaseModel):
    """A selection of codes: codes and ranges, RBCS categories, or, if neither is given, the known category so named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codes: CodeRanges = ()
    rbcs: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()  # categories, subcategories or families
    without: CodeRanges = ()  # excluded
