"""A scenario's tables as TOML, so that the command line reads what the page shows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(tables: Mapping[str, Any]) -> str:
    """The text of a file with these tables: plain keys first, then [tables], then [[tables]] in several."""
    parts = ["\n".join(_line(key, value) for key, value in tables.items() if not _is_table(value))]
    for key, value in tables.items():
        if isinstance(value, Mapping):
            parts += _table(key, value, "[", "]")
    for key, value in tables.items():
        if _is_table(value) and not isinstance(value, Mapping):
            for row in value:
                parts += _table(key, row, "[[", "]]")
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(name: str, row: Mapping[str, Any], before: str, after: str) -> list[str]:
    """A table; mappings in it stand on one line, tables of several after it."""
    lines = [_line(key, value) for key, value in row.items() if isinstance(value, Mapping) or not _is_table(value)]
    parts = ["\n".join([f"{before}{_dotted(name)}{after}", *lines])]
    for key, value in row.items():
        if _is_table(value) and not isinstance(value, Mapping):
            for inner in value:
                parts += _table(f"{name}.{key}", inner, "[[", "]]")
    return parts


def _is_table(value: Any) -> bool:
    several = isinstance(value, list | tuple) and bool(value) and all(isinstance(each, Mapping) for each in value)
    return isinstance(value, Mapping) or several


def _line(key: str, value: Any) -> str:
    return f"{_key(key)} = {_value(value)}"


def _dotted(name: str) -> str:
    return ".".join(map(_key, name.split(".")))


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_line(key, each) for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _text(str(value))


def _text(text: str) -> str:
    """A basic string: JSON's escapes are among TOML's, besides the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
