"""The left of the page: the scenario in tabs of tables, read by the one reader of scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from feecalc.scenarios.forecast.opening import MOST_YEARS
from feecalc.scenarios.scenario.model import Scenario
from feecalc.scenarios.scenario.reading import scenario_of
from feecalc.ui.pages.forecast import address
from feecalc.ui.pages.forecast.draft import files as draft_files
from feecalc.ui.pages.forecast.draft import state
from feecalc.ui.pages.forecast.draft.state import NAMED, Draft, Tables, renamed, renames, scenario_tables
from feecalc.ui.pages.forecast.form import events, files, practice, volume
from feecalc.ui.pages.forecast.form.sheet import PagePlaces, Row, grid, payer_columns, payer_read, payer_shown
from feecalc.ui.shared import opening
from feecalc.ui.shared.address import settle
from feecalc.ui.shared.opening import OpenedRelease, Stamp
from feecalc.ui.shared.pickers import pick_release
from feecalc.ui.shared.uploads import Upload

MOST_DRAWS = 100_000  # of a page: a million takes seconds
_MOST_SEED = 10**9 - 1


@dataclass(frozen=True)
class Inputs:
    """A scenario that was read, what it names, and how it is to be forecast. ``tables``: with the rows that are off."""

    scenario: Scenario
    tables: Tables
    scenario_tables: Tables
    volumes: dict[str, Upload]
    contracts: dict[str, Upload]
    years: int
    draws: int
    seed: int
    opened: OpenedRelease


def draw(draft: Draft, now: Stamp, remarks: list[str]) -> Inputs:
    """Draw the widgets. Raises a FeeCalcError that names the place for a scenario that cannot be read."""
    release = _settings(draft, remarks)
    tables, volumes = _tabs(draft)
    state.keep(tables, volumes)
    kept = scenario_tables(tables)
    scenario = scenario_of(kept, PagePlaces(kept))
    draft_files.refuse_missing(kept, volumes, draft.contracts)
    years, draws, seed = (int(st.session_state[key]) for key in (address.YEARS, address.DRAWS, address.SEED))
    return Inputs(
        scenario,
        tables,
        kept,
        {name: volumes[name] for name in draft_files.counted(kept)},
        dict(draft.contracts),
        years,
        draws,
        seed,
        opening.open_release(release, None, now),
    )


def _settings(draft: Draft, remarks: list[str]) -> str | None:
    """Return years, draws, seed, target and release: the settings of most forecasts."""
    files.settings_loaded()
    bounds = (
        (address.YEARS, "Years", 1, MOST_YEARS, address.USUAL_YEARS, 1, "After the base year."),
        (address.DRAWS, "Draws", 1, MOST_DRAWS, address.USUAL_DRAWS, 1_000, "Of events, volume and mix."),
        (address.SEED, "Seed", 0, _MOST_SEED, address.USUAL_SEED, 1, "The same seed gives the same numbers."),
    )
    for column, (key, label, least, most, usual, step, help_text) in zip(st.columns(3), bounds, strict=True):
        left_out = f"{label} {{}}: give from {least:,} to {most:,}; {usual:,} was taken."
        remarks += settle(key, range(least, most + 1), usual, left_out)
        column.number_input(label, least, most, key=key, step=step, help=help_text)
    with st.container(horizontal=True):
        practice.target(draft)
        return pick_release(address.RELEASE, remarks)


def _tabs(draft: Draft) -> tuple[Tables, dict[str, Upload]]:
    """Return every table as typed. Begins anew where rows were renamed, added or taken out, or a file was taken."""
    tabs = st.tabs(["Payers", "Volume", "Growth", "Events", "Alternatives", "Practice", "Files"])
    tables: Tables = {key: value for key, value in draft.tables.items() if key not in practice.OWN}
    tables |= practice.target_of(draft)
    with tabs[0]:
        tables["payer"] = _payers(draft)
    payers = [str(row["name"]) for row in tables["payer"] if row.get("name")]
    with tabs[2]:
        tables |= practice.growth(draft)
    with tabs[5]:
        tables |= practice.practice(draft)
    with tabs[3]:
        tables["event"], anew = events.events(draft, payers, volume.codes(draft, draft.tables))
    with tabs[4]:
        has_shares = any("share" in row for row in tables["payer"])
        tables["alternative"] = events.edit_alternatives(draft, payers, has_shares=has_shares)
    with tabs[1]:
        tables, volumes = volume.volume(draft, tables)
    changes = {what: renames(draft.tables.get(what, []), tables.get(what, [])) for what in NAMED}
    if anew or any(changes.values()):
        state.rebase(draft, renamed(tables, changes), volumes)
        st.rerun()
    before = draft.mark
    with tabs[6]:
        if files.files(draft, tables):
            _taken_up(draft, before, volumes)
    return tables, volumes


def _taken_up(draft: Draft, before: int, volumes: dict[str, Upload]) -> None:
    """Begin anew after a file: a volume or contract joined this draft, or another draft took its place."""
    if state.current(returning=False) is draft and draft.mark == before:
        state.rebase(draft, draft.tables, {**volumes, **draft.volumes})
    st.rerun()


def _payers(draft: Draft) -> list[Row]:
    given: list[dict[str, Any]] = draft.tables.get("payer", [])
    shares = any("share" in row for row in given)
    contracts = [name for name in draft.contracts if not name.lower().endswith(".csv")]
    columns = payer_columns(contracts, shares=shares)
    rows = grid(draft.key("payer"), [payer_shown(row) for row in given], columns, alt="Payers, their shares and terms")
    st.caption(
        "Shares are percents of the units and add up to 100. Contract, denials, collection and growth stand further "
        "right: move the table sideways. A row is added at the bottom."
    )
    return [payer_read(row) for row in rows]
