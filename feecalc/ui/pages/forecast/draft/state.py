"""The draft of a session: the tables a person edits, and the volumes and contracts they name, kept in memory.

The grids of the page hold what was typed since ``mark``; when rows are added, renamed or loaded, that is taken into the
draft (``rebase``) and the grids begin anew under another mark.
"""

from __future__ import annotations

from collections.abc import Mapping
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
        """The key of a widget that begins anew with the mark."""
        return f"forecast_{self.mark}_{word}"


def comes_back() -> bool:
    """Whether another page was looked at since; ask it before the address begins."""
    return st.session_state.get(_PAGE_SHOWN) != "forecast"


def current(returning: bool) -> Draft:
    """The session's draft; at first the sample. After another page the grids show what was typed before it."""
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
    """What the page shows now, typed cells and all."""
    st.session_state[_EDITED] = (tables, dict(volumes))


def rebase(draft: Draft, tables: Tables, volumes: Mapping[str, Upload]) -> None:
    """Take what was typed into the draft; the grids begin anew with it."""
    draft.tables, draft.volumes = tables, dict(volumes)
    st.session_state.pop(_EDITED, None)
    _anew(draft)


def of_sample() -> Draft:
    """The sample with its volume and contracts. Raises StoreError where the installation lacks it."""
    given = sample_file(_SAMPLE)
    tables = _tables(given)
    volumes = {tables["volume"]: sample_file(tables["volume"])}
    contracts = {PurePosixPath(name).name: sample_file(name) for name in _contract_names(tables)}
    return Draft(SAMPLE_NAME, _flat(tables), volumes, contracts)


def of_file(given: Upload, draft: Draft | None = None) -> Draft:
    """A scenario's TOML, with the files of ``draft`` that were dropped in before. Raises what ``read_scenario`` does.

    The files it names are looked for by their names alone, without folders: nothing else on the disk is read.
    """
    with as_path(given) as path:
        read_scenario(path)  # what is wrong is said with the lines of the file
    held = Draft(given.name, _flat(_tables(given)))
    if draft is not None:
        held.volumes, held.contracts = dict(draft.volumes), dict(draft.contracts)
    return held


def with_volume(draft: Draft, given: Upload) -> None:
    """Count by another volume: the scenario's, or the one of a location that has its name."""
    draft.volumes[given.name] = given
    if not any("volume" in row for row in draft.tables.get("location", ())):
        draft.tables = draft.tables | {"volume": given.name}


def with_claims(draft: Draft, given: Upload) -> None:
    """Take from these claims what the rules for several procedures of a day leave of each code."""
    draft.volumes[given.name] = given
    draft.tables = draft.tables | {"claims": given.name}


def _anew(draft: Draft) -> None:
    draft.mark = st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1


def _tables(given: Upload) -> Tables:
    return parse_toml(given.content.decode("utf-8-sig"), given.name).tables


def _contract_names(tables: Tables) -> list[str]:
    rows = [*tables.get("payer", ()), *tables.get("event", ())]
    rows += [event for each in tables.get("alternative", ()) for event in each.get("event", ())]
    return list(dict.fromkeys(row["contract"] for row in rows if "contract" in row))


def _flat(value: Any, key: str = "") -> Any:
    """The tables with files named without their folders."""
    if isinstance(value, dict):
        return {name: _flat(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_flat(each) for each in value]
    if key in ("volume", "claims", "contract") and isinstance(value, str):
        return PurePosixPath(value.replace("\\", "/")).name or value
    return value
