"""Medicare's rules as data: dated, sourced TOML tables, and the reader that looks one up by day.

A file ``NAME.toml`` holds an array of tables called ``NAME``. Every row has ``effective_from`` (a date), may have
``effective_to`` (the last day it holds, inclusive), and carries its ``source``; a row with a ``value`` (a decimal kept
as a string) carries its ``unit`` too. All other keys say what the value is of.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from feecalc.errors import MissingRule

Row = Mapping[str, Any]


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Return all rows of the reference table ``name``, in the file's order."""
    text = files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)[name])


def rows_on(name: str, day: date, **key: Any) -> list[Row]:
    """Return the rows of ``name`` in force on ``day`` whose fields equal ``key``."""
    _READ_BY_DAY.add(name)
    return list(_rows_on(name, day, tuple(key.items())))


def read_by_day() -> frozenset[str]:
    """Return the tables that were looked up by day so far, for whatever reason.

    What was worked out by them may turn on any day on which a row of theirs begins to hold or no longer holds.
    """
    return frozenset(_READ_BY_DAY)


_READ_BY_DAY: set[str] = set()


@lru_cache(maxsize=4096)
def _rows_on(name: str, day: date, key: tuple[tuple[str, Any], ...]) -> tuple[Row, ...]:
    return tuple(
        row
        for row in rows(name)
        if row["effective_from"] <= day <= row.get("effective_to", date.max)
        and all(row.get(field) == wanted for field, wanted in key)
    )


def row_on(name: str, day: date, **key: Any) -> Row:
    """Return the one row of ``name`` in force on ``day`` for ``key``.

    Raises MissingRule when the table holds none, or more than one: a rule is never guessed.
    """
    found = rows_on(name, day, **key)
    if len(found) == 1:
        return found[0]
    what = ", ".join(f"{field} {wanted}" for field, wanted in key.items()) or "any"
    if found:
        raise MissingRule(
            f"{name}: {len(found)} rows hold on {day} for {what}; reference/{name}.toml contradicts itself"
        )
    spans = [
        f"{row['effective_from']} to {row.get('effective_to', 'now')}"
        for row in rows(name)
        if all(row.get(field) == wanted for field, wanted in key.items())
    ]
    known = "; ".join(spans) if spans else "none"
    raise MissingRule(f"{name}: no value for {what} on {day} (known: {known}); add a row to reference/{name}.toml")
