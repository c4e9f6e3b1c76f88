"""Names that one table of a scenario has and others point at: changed everywhere at once, gone with their row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from feecalc.ui.pages.forecast.draft.state import OFF, Tables

NAMED = ("payer", "location", "event", "alternative")
_LISTS = {"without": "event", "locations": "location"}  # key of a row: what it lists
_MAPPINGS = ("share", "percent")  # by payer, where they are tables


def renames(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Old name to new, of rows that stand at the same place; none where rows were taken out or have no name."""
    if len(after) < len(before):
        return {}
    pairs = ((old.get("name"), new.get("name")) for old, new in zip(before, after, strict=False))
    return {old: new for old, new in pairs if old and new and old != new}


def renamed(tables: Tables, changes: Mapping[str, Mapping[str, str]]) -> Tables:
    """The tables with what points at a changed name changed too. ``changes``: by table, old name to new."""
    payers = changes.get("payer", {})

    def row(each: Mapping[str, Any]) -> dict[str, Any]:
        told = dict(each)
        if "payer" in told:
            told["payer"] = payers.get(told["payer"], told["payer"])
        for key, what in _LISTS.items():
            if isinstance(told.get(key), list):
                told[key] = [changes.get(what, {}).get(name, name) for name in told[key]]
        for key in _MAPPINGS:
            if isinstance(told.get(key), Mapping):
                told[key] = {payers.get(name, name): value for name, value in told[key].items()}
        if "event" in told:
            told["event"] = [row(inner) for inner in told["event"]]
        return told

    return tables | {what: [row(each) for each in tables[what]] for what in ("event", "alternative") if what in tables}


def scenario_tables(tables: Tables) -> Tables:
    """The tables of the scenario's file: rows that are off left out, and what pointed at them or at rows now gone."""
    kept = {
        key: [_without(row) for row in value if not row.get(OFF)] if key in ("event", "alternative") else value
        for key, value in tables.items()
    }
    events = {row.get("name") for row in kept.get("event", ())}
    every = events | {row.get("name") for row in tables.get("event", ())}
    payers = {row.get("name") for row in kept.get("payer", ())}
    if "alternative" in kept:
        kept["alternative"] = [
            row | {"without": [name for name in row.get("without", ()) if name in events or name not in every]}
            for row in kept["alternative"]
        ]
    for what in ("event", "alternative"):
        if what in kept:
            kept[what] = [_of_payers(row, payers) for row in kept[what]]
    return kept


def _without(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != OFF}


def _of_payers(row: Mapping[str, Any], payers: set[Any]) -> dict[str, Any]:
    return {
        key: {name: each for name, each in value.items() if name in payers}
        if key in _MAPPINGS and isinstance(value, Mapping)
        else value
        for key, value in row.items()
    }
