"""A scenario's TOML file read; what is wrong with it is said with the key and the line it stands on."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from feecalc.errors import InvalidValue
from feecalc.files.toml import TomlPlaces, read_toml
from feecalc.scenarios.scenario.events import Event
from feecalc.scenarios.scenario.model import Alternative, Scenario
from feecalc.scenarios.scenario.parts import Growth, Location, Payer, Practice, Provider, Uncertainty

_MOST_BYTES = 2**20
_MOST_SHOWN = 5
_INTERNAL = ("volume_change", "cost")  # of an alternative or a break-even; not a file's
_TABLES: Mapping[str, type[BaseModel]] = {
    "practice": Practice, "location": Location, "provider": Provider, "payer": Payer, "growth": Growth,
    "uncertainty": Uncertainty, "alternative": Alternative,
}  # fmt: skip
_EVENTS: Mapping[str, type[BaseModel]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(Event)[0])
}
_PLAIN = {
    "date_from_datetime_parsing": "is not a date; write 2027-01-01, without quotation marks",
    "date_parsing": "is not a date; write 2027-01-01, without quotation marks",
    "date_type": "is not a date; write 2027-01-01, without quotation marks",
    "bool_type": "is neither true nor false",
    "bool_parsing": "is neither true nor false",
    "decimal_parsing": "is not a number",
    "decimal_type": "is not a number",
    "string_type": "is not text; write it in quotation marks",
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "tuple_type": "is not a list; write [ ... ], or [[NAME]] before each table",
    "dict_type": "is not a table of names and numbers",
    "model_type": "is not a table",
    "model_attributes_type": "is not a table; write [[event]] before each",
}
_BOUNDS = {
    "less_than_equal": ("le", "is above {}"),
    "less_than": ("lt", "is not below {}"),
    "greater_than_equal": ("ge", "is below {}"),
    "greater_than": ("gt", "is not above {}"),
    "decimal_max_places": ("decimal_places", "has more than {} decimals"),
    "string_too_long": ("max_length", "is longer than {} characters"),
}


def read_scenario(path: Path) -> Scenario:
    """Return a scenario from its file. Raises InvalidValue, with the key and its line, and UnreadableFile."""
    file = read_toml(path, "scenario", "give a scenario's file, as data/samples/scenario.toml", _MOST_BYTES)
    return scenario_of(file.tables, file.places)


def scenario_of(tables: Mapping[str, Any], places: TomlPlaces) -> Scenario:
    """Return a scenario from the tables of its file. Raises InvalidValue."""
    for name in _INTERNAL:
        if name in tables:
            raise InvalidValue(f"{places.of('', None, name)}: no such key; it stands in an [[alternative]] or an event")
    try:
        return Scenario.model_validate(dict(tables))
    except ValidationError as error:
        sentences = list(dict.fromkeys(_sentence(detail, places) for detail in error.errors(include_url=False)))
        more = f"\nand {len(sentences) - _MOST_SHOWN} more" if len(sentences) > _MOST_SHOWN else ""
        raise InvalidValue("\n".join(sentences[:_MOST_SHOWN]) + more) from None


def _sentence(error: Any, places: TomlPlaces) -> str:
    kind, message = error["type"], error["msg"].removeprefix("Value error, ")
    location = [part for part in error["loc"] if part not in _EVENTS]  # pydantic adds an event's kind
    whole = kind == "value_error"
    if not location:
        return f"{places.name}: {message}"
    if kind == "union_tag_not_found":
        return f"{_where(location, places)}: the key 'kind' is missing; the kinds are {', '.join(_EVENTS)}"
    if kind == "union_tag_invalid":
        return f"{_where([*location, 'kind'], places)}: no such kind; the kinds are {', '.join(_EVENTS)}"
    if kind == "extra_forbidden":
        known = [name for name in _fields(error["loc"]) if name not in _INTERNAL or len(location) > 1]
        near = difflib.get_close_matches(str(location[-1]), known, n=1)
        meant = f" (did you mean {near[0]!r}?)" if near else f"; the keys are {', '.join(known)}"
        return f"{_where(location, places)}: no such key{meant}"
    if kind == "missing":
        return f"{_where(location[:-1], places)}: the key {location[-1]!r} is missing"
    where = _where(location, places)
    value = error.get("input")
    shown = "" if isinstance(value, Mapping | list | tuple | BaseModel) else f"{str(value)[:40]!r} "
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{where}: {shown}{words.format(error['ctx'][name])}"
    if kind in _PLAIN:
        return f"{where}: {shown}{_PLAIN[kind]}"
    return f"{where}: {message}" if whole else f"{where}: {shown}{message[0].lower()}{message[1:]}"


def _where(location: Sequence[Any], places: TomlPlaces) -> str:
    """Return the key, its table and its line, as a person finds them in the file."""
    keys = list(location)
    if not keys:
        return places.name
    if keys[0] == "alternative" and len(keys) > 3 and keys[2] == "event" and isinstance(keys[3], int):
        rest = f", key {keys[4]!r}" if len(keys) > 4 else ""
        return f"{places.of('alternative', keys[1], '')}, its [[alternative.event]] {keys[3] + 1}{rest}"
    if len(keys) > 1 and isinstance(keys[1], int):
        inner = f", its key {keys[3]!r}" if len(keys) > 3 and isinstance(keys[3], str) else ""
        return places.of(str(keys[0]), keys[1], str(keys[2]) if len(keys) > 2 else "") + inner
    if len(keys) > 1:
        inner = f", its key {keys[2]!r}" if len(keys) > 2 else ""
        return places.of(str(keys[0]), None, str(keys[1])) + inner
    return places.of(str(keys[0]), None, "") if keys[0] in _TABLES else places.of("", None, str(keys[0]))


def _fields(location: Sequence[Any]) -> list[str]:
    model: type[BaseModel] = Scenario
    for part in location[:-1]:
        if part in _EVENTS:
            model = _EVENTS[part]
        elif part in _TABLES:
            model = _TABLES[part]
    return list(model.model_fields)
