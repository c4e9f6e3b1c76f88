"""Mistakes in a contract's file as sentences that name the key and where it is written."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from feecalc.contracts.contract import TABLES, Contract
from feecalc.contracts.terms import TERMS
from feecalc.files.toml import Places

_A_DATE = "is not a date; write 2026-01-01, without quotation marks"
# By the type of error; pydantic fills in {le} and the like.
_PLAIN = {
    "date_from_datetime_parsing": _A_DATE,
    "date_parsing": _A_DATE,
    "date_type": _A_DATE,
    "bool_type": "is neither true nor false",
    "bool_parsing": "is neither true nor false",
    "decimal_parsing": "is not a number",
    "decimal_type": "is not a number",
    "finite_number": "is not a number",
    "decimal_max_places": "has more decimal places than the {decimal_places} it can have",
    "less_than_equal": "is above {le:,}, the most it can be",
    "greater_than_equal": "is below {ge:,}, the least it can be",
    "greater_than": "must be above {gt}",
    "literal_error": "is not understood; it can be {expected}",
    "string_type": "is not text; write it in quotation marks",
    "string_too_short": "is empty",
    "string_too_long": "is longer than the {max_length} characters it can have",
    "tuple_type": "is not a list; write [ ... ], or [[NAME]] before each row",
    "model_type": "is not a table; write [NAME], and its keys in the lines below",
}
# By key: the values it can have, for keys of more than one type.
_CAN_BE = {key: message for term in TERMS for key, message in term.can_be.items()}
_SHOWN = 40  # characters of a value


def sentence(error: Any, places: Places) -> str:
    """Return one of pydantic's errors as a sentence with the key and its place in the file."""
    kind, message = error["type"], error["msg"].removeprefix("Value error, ")
    table, number, key = _address(error["loc"], is_whole_table=kind == "value_error")
    allowed_values = _CAN_BE.get(key or table)
    if allowed_values and kind != "value_error":
        return f"{places.of('' if table in _CAN_BE else table, number, key or table)}: {allowed_values}"
    model: type[BaseModel] = TABLES.get(table, Contract)
    if kind == "extra_forbidden":
        similar = difflib.get_close_matches(key, model.model_fields, n=1)
        suggestion = (
            f" (did you mean {similar[0]!r}?)" if similar else f"; the keys are {', '.join(model.model_fields)}"
        )
        return f"{places.of(table, number, key)}: no such key{suggestion}"
    if kind == "missing":
        where = places.of(table, number, key).replace(f", key {key!r}", "")
        return f"{where}: the key {key!r} is missing"
    if kind == "value_error":
        first = message.split(" ", 1)[0]  # an error about more than one key: the first that is named
        return f"{places.of(table, number, key or (first if first in model.model_fields else ''))}: {message}"
    template = _PLAIN.get(kind)
    problem = template.format(**error.get("ctx", {})) if template else message.lower()
    value = error.get("input")
    shown = "" if isinstance(value, Mapping | list) else f"{_value(value)} "
    return f"{places.of(table, number, key)}: {shown}{problem}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value[:_SHOWN]) if isinstance(value, str) else str(value)[:_SHOWN]


def _address(location: Sequence[Any], *, is_whole_table: bool) -> tuple[str, int | None, str]:
    """Return the table, row number and key of pydantic's location.

    ``is_whole_table``: a location that is a table's name means the whole table.
    """
    if not location:
        return "", None, ""
    name = str(location[0])
    if len(location) == 1 or name in _CAN_BE:
        return (name, None, "") if is_whole_table and name in TABLES and name not in _CAN_BE else ("", None, name)
    if isinstance(location[1], int):
        return str(location[0]), location[1], str(location[2]) if len(location) > 2 else ""
    return str(location[0]), None, str(location[1])
