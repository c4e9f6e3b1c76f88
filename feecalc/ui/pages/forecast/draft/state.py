"""The draft of a session: the tables a person edits, and the volumes and contracts they name, kept in memory.

The grids of the page hold what was typed since ``mark``; when rows are added, renamed or loaded, that is taken into the
draft (``rebase``) and the grids begin anew under another mark. A name that one table has and others point at is changed
everywhere at once, and gone with its row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import streamlit as st

from feecalc.files.toml import parse_toml
from feecalc.scenarios.scenario.reading import read_scenario
from feecalc.ui.shared.uploads import Upload, as_path, sample_file

OFF = "off"  # a row's own key: it is kept on the page, and not in the scenario
_PAGE_SHOWN = "page_shown"  # as feecalc.ui.shared.address has it
_DRAFT, _EDITED, _COUNT = "forecast_draft", "forecast_edited", "forecast_mark"
_SAMPLE, SAMPLE_NAME = "scenario.toml", "the sample"

Tables = dict[str, Any]
NAMED = ("payer", "location", "event", "alternative")
_LISTS = {"without": "event", "locations": "location"}  # key of a row: what it lists
_MAPPINGS = ("share", "percent")  # by payer, where they are tables


@dataclass
class Draft:
    """``tables``: as the TOML of a scenario has them. ``volumes`` (and claims) and ``contracts``: by the tables' names.

    ``name``: what the scenario came from. ``mark``: of the grids that show it.
    """

    name: str
    tables: Tables
    volumes: dict[str, Upload] = field(default_factory=dict)
    contracts: dict[str, Upload] = field(default_factory=dict)
    mark: int = 0

    def key(self, word: str) -> str:
        """Return the key of a widget that begins anew with the mark."""
        return f"forecast_{self.mark}_{word}"


def comes_back() -> bool:
    """Return whether another page was looked at since; ask it before the address begins."""
    return st.session_state.get(_PAGE_SHOWN) != "forecast"


def current(returning: bool) -> Draft:
    """Return the session's draft; at first the sample. After another page the grids show what was typed before it."""
    draft: Draft | None = st.session_state.get(_DRAFT)
    if draft is None:
        return take(of_sample())
    if returning and _EDITED in st.session_state:
        rebase(draft, *st.session_state[_EDITED])
    return draft


def take(draft: Draft) -> Draft:
    """Make it the session's."""
    st.session_state.pop(_EDITED, None)
    st.session_state[_DRAFT] = draft
    _anew(draft)
    return draft


def keep(tables: Tables, volumes: Mapping[str, Upload]) -> None:
    """Keep what the page shows now, typed cells and all."""
    st.session_state[_EDITED] = (tables, dict(volumes))


def rebase(draft: Draft, tables: Tables, volumes: Mapping[str, Upload]) -> None:
    """Take what was typed into the draft; the grids begin anew with it."""
    draft.tables, draft.volumes = tables, dict(volumes)
    st.session_state.pop(_EDITED, None)
    _anew(draft)


def of_sample() -> Draft:
    """Return the sample with its volume and contracts. Raises StoreError where the installation lacks it."""
    given = sample_file(_SAMPLE)
    tables = _tables(given)
    volumes = {tables["volume"]: sample_file(tables["volume"])}
    contracts = {PurePosixPath(name).name: sample_file(name) for name in _contract_names(tables)}
    return Draft(SAMPLE_NAME, _flat(tables), volumes, contracts)


def of_file(given: Upload, draft: Draft | None = None) -> Draft:
    """Return a scenario's TOML, with the files of ``draft`` that were dropped in before.

    Raises what ``read_scenario`` does.
    The files it names are looked for by their names alone, without folders: nothing else on the disk is read.
    """
    with as_path(given) as path:
        read_scenario(path)  # what is wrong is said with the lines of the file
    draft_read = Draft(given.name, _flat(_tables(given)))
    if draft is not None:
        draft_read.volumes, draft_read.contracts = dict(draft.volumes), dict(draft.contracts)
    return draft_read


def with_volume(draft: Draft, given: Upload) -> None:
    """Count by another volume: the scenario's, or the one of a location that has its name."""
    draft.volumes[given.name] = given
    if not any("volume" in row for row in draft.tables.get("location", ())):
        draft.tables = draft.tables | {"volume": given.name}


def with_claims(draft: Draft, given: Upload) -> None:
    """Take from these claims what the rules for multiple procedures of a day leave of each code."""
    draft.volumes[given.name] = given
    draft.tables = draft.tables | {"claims": given.name}


def _anew(draft: Draft) -> None:
    draft.mark = st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1


def _tables(given: Upload) -> Tables:
    return parse_toml(given.content.decode("utf-8-sig"), given.name).tables


def _contract_names(tables: Tables) -> list[str]:
    rows = [*tables.get("payer", ()), *tables.get("event", ())]
    rows += [event for alternative in tables.get("alternative", ()) for event in alternative.get("event", ())]
    return list(dict.fromkeys(row["contract"] for row in rows if "contract" in row))


def _flat(value: Any, key: str = "") -> Any:
    """Return the tables with files named without their folders."""
    if isinstance(value, dict):
        return {name: _flat(cell, name) for name, cell in value.items()}
    if isinstance(value, list):
        return [_flat(item) for item in value]
    if key in ("volume", "claims", "contract") and isinstance(value, str):
        return PurePosixPath(value.replace("\\", "/")).name or value
    return value


def renames(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return old name to new, of rows that stand at the same place; none where rows were taken out or have no name."""
    if len(after) < len(before):
        return {}
    pairs = ((old.get("name"), new.get("name")) for old, new in zip(before, after, strict=False))
    return {old: new for old, new in pairs if old and new and old != new}


def renamed(tables: Tables, changes: Mapping[str, Mapping[str, str]]) -> Tables:
    """Return the tables with what points at a changed name changed too. ``changes``: by table, old name to new."""
    payers = changes.get("payer", {})

    def row(given: Mapping[str, Any]) -> dict[str, Any]:
        cells = dict(given)
        if "payer" in cells:
            cells["payer"] = payers.get(cells["payer"], cells["payer"])
        for key, what in _LISTS.items():
            if isinstance(cells.get(key), list):
                cells[key] = [changes.get(what, {}).get(name, name) for name in cells[key]]
        for key in _MAPPINGS:
            if isinstance(cells.get(key), Mapping):
                cells[key] = {payers.get(name, name): value for name, value in cells[key].items()}
        if "event" in cells:
            cells["event"] = [row(inner) for inner in cells["event"]]
        return cells

    return tables | {what: [row(own) for own in tables[what]] for what in ("event", "alternative") if what in tables}


def scenario_tables(tables: Tables) -> Tables:
    """Return the tables of the scenario's file, without rows that are off and what points at those or at rows gone."""
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
        key: {name: cell for name, cell in value.items() if name in payers}
        if key in _MAPPINGS and isinstance(value, Mapping)
        else value
        for key, value in row.items()
    }
