"""Which keys a policy file has, and the plain checks that name the key that is wrong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from feecalc.errors import InvalidValue

TEXT, CODES, DAY, COUNT, FLAG, WORDS = "text", "list of codes", "date", "whole number above 0", "true or false", "list"
_CODE = re.compile(r"[A-Z0-9]+(\.[A-Z0-9]+)?")


@dataclass(frozen=True)
class Field:
    """What stands under one key."""

    kind: str
    required: bool = False


_ON_EVERY_ROW = {
    "effective_from": Field(DAY),
    "effective_to": Field(DAY),
    "macs": Field(CODES),
    "not_macs": Field(CODES),
    "source": Field(TEXT),
    "basis": Field(TEXT),
    "note": Field(TEXT),
}
_CODES = Field(CODES, required=True)
_TEXT = Field(TEXT, required=True)
_COUNT = Field(COUNT, required=True)
SECTIONS: dict[str, dict[str, Field]] = {
    "policy": {"key": _TEXT, "name": _TEXT},
    "region": {"key": _TEXT, "name": _TEXT},
    "kind": {
        "key": _TEXT,
        "purpose": Field(TEXT),
        "modifier": Field(TEXT),
        "purpose_with_modifier": Field(TEXT),
        "purpose_without_modifier": Field(TEXT),
    },
    "code": {
        "codes": _CODES,
        "region": _TEXT,
        "kind": _TEXT,
        "level": _COUNT,
        "each_further": Field(FLAG),
    },
    "coverage": {"codes": _CODES, "rule": _TEXT},
    "included": {"codes": _CODES, "passing_modifiers": Field(CODES)},
    "levels": {"most": _COUNT, "kinds": Field(WORDS)},
    "regions": {"most": _COUNT},
    "sessions": {"purpose": _TEXT, "most": _COUNT, "months": _COUNT},
    "per_day": {"codes": _CODES, "most": _COUNT},
    "required_modifier": {"modifier": _TEXT, "purpose": _TEXT},
    "prior_authorization": {"codes": _CODES, "places": _CODES},
    "diagnosis_list": {"key": _TEXT, "name": _TEXT, "complete": Field(FLAG, required=True)},
    "diagnosis": {
        "list": _TEXT,
        "codes": _CODES,
        "supports": Field(FLAG, required=True),
        "regions": Field(WORDS),
        "and_below": Field(FLAG),
    },
    "documentation": {
        "key": _TEXT,
        "text": _TEXT,
        "purposes": Field(WORDS),
        "places": Field(CODES),
        "shows_prior_dates": Field(FLAG),
    },
    "rule": {
        "rule": _TEXT,
        "severity": _TEXT,
        "carc": Field(TEXT),
        "rarc": Field(TEXT),
        "detail": _TEXT,
        "remedy": _TEXT,
    },
    "side": {"modifier": _TEXT, "sides": Field(WORDS, required=True)},
}


def checked(where: str, section: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its keys and the kinds of their values checked, codes in capitals. Raises InvalidValue."""
    if not isinstance(row, Mapping):
        raise InvalidValue(f"{where}: write it as a table of keys, [{section}] or [[{section}]]")
    fields = SECTIONS[section] | _ON_EVERY_ROW
    for key in row:
        if key not in fields:
            raise InvalidValue(f"{where}: no key {key!r} here{_meant(key, fields)}; it knows {', '.join(fields)}")
    missing = [key for key, field in fields.items() if field.required and key not in row]
    if missing:
        raise InvalidValue(f"{where}: the key {missing[0]!r} is missing; give it a {fields[missing[0]].kind}")
    found = {key: _value(f"{where}, key {key!r}", fields[key], value) for key, value in row.items()}
    if "effective_to" in found and found["effective_to"] < found.get("effective_from", date.min):
        raise InvalidValue(f"{where}, key 'effective_to': {found['effective_to']} is before effective_from")
    if "macs" in found and "not_macs" in found:
        raise InvalidValue(f"{where}, key 'not_macs': give macs or not_macs, not both")
    return found


def one_of(where: str, key: str, value: str, known: Mapping[str, Any] | set[str] | tuple[str, ...]) -> None:
    """Raises InvalidValue where ``value`` is none of ``known``."""
    if value not in known:
        names = ", ".join(sorted(known)) or "none"
        raise InvalidValue(f"{where}, key {key!r}: no {value!r}{_meant(value, known)}; known: {names}")


def _value(where: str, field: Field, value: Any) -> Any:
    good = {
        TEXT: lambda: isinstance(value, str),
        DAY: lambda: type(value) is date,
        COUNT: lambda: type(value) is int and value > 0,
        FLAG: lambda: isinstance(value, bool),
        WORDS: lambda: isinstance(value, list) and all(isinstance(each, str) and each for each in value),
        CODES: lambda: isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value),
    }
    if not good[field.kind]():
        raise InvalidValue(f"{where}: {value!r} is no {field.kind}{_how(field.kind)}")
    if field.kind != CODES:
        return value
    codes = [each.strip().upper() for each in value]
    wrong = [each for each in codes if not _CODE.fullmatch(each)]
    if wrong:
        raise InvalidValue(f"{where}: {wrong[0]!r} is no code; write letters and digits, such as M51 or M51.26")
    return codes


def _how(kind: str) -> str:
    example = {CODES: ' (["A", "B"], not empty)', DAY: " (2026-01-01, without quotation marks)", WORDS: ' (["a", "b"])'}
    return example.get(kind, "")


def _meant(word: str, known: Mapping[str, Any] | set[str] | tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
