"""What comes of a scenario: the same calls as ``feecalc forecast`` makes, kept for the next who asks the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from feecalc.errors import FeeCalcError, NotInstalled
from feecalc.facility.lines import ASC
from feecalc.facility.opening import open_facility
from feecalc.facility.schedule import FacilitySchedule
from feecalc.files.toml import toml_text
from feecalc.ingest.store import Store
from feecalc.runs.reading import read_claims
from feecalc.scenarios.forecast import alternatives, draws, result, tornado
from feecalc.scenarios.forecast.alternatives import Compared
from feecalc.scenarios.forecast.draws import Draws
from feecalc.scenarios.forecast.opening import needs_facility, open_plan
from feecalc.scenarios.forecast.plan import Plan
from feecalc.scenarios.forecast.pots import Pots
from feecalc.scenarios.forecast.result import Forecast
from feecalc.scenarios.forecast.rows import shift_key, variants_of
from feecalc.scenarios.forecast.tornado import Moved
from feecalc.scenarios.scenario.events import SiteShift
from feecalc.scenarios.scenario.model import Scenario
from feecalc.ui.pages.forecast.draft.files import folder_of, named
from feecalc.ui.pages.forecast.form import Inputs
from feecalc.ui.shared import opening
from feecalc.ui.shared.opening import Stamp

_PRICED = "forecast_priced"  # of the session: what its rows came to, under the terms that were wanted
_MOST_USES = 40  # then priced anew, as each new factor or percent adds to what is kept

_Key = tuple[str, tuple[tuple[str, str], ...], int, str, Stamp]  # scenario, its files, years, release, what is built


@dataclass(frozen=True)
class Outcome:
    """A scenario's forecast and all that is shown of it; ``release`` is the one whose amounts hold."""

    scenario: Scenario
    release: str
    plan: Plan
    base: Forecast
    compared: Sequence[Compared]
    moved: Sequence[Moved]
    draws: Draws
    notices: tuple[str, ...]


def outcome(inputs: Inputs, now: Stamp) -> Outcome:
    """Return the outcome. Raises InvalidValue and what reading volumes and contracts raises."""
    text = toml_text(inputs.scenario_tables)
    digests = tuple((name, upload.digest) for name, upload in (*inputs.volumes.items(), *inputs.contracts.items()))
    release = inputs.opened.schedule.release.name
    key = (text, digests, inputs.years, release, now)
    plan, base, compared, moved, notices = _planned(inputs, key)
    drawn = _drawn(plan, inputs.scenario.target, key, inputs.draws, inputs.seed)
    return Outcome(inputs.scenario, release, plan, base, compared, moved, drawn, notices)


@st.cache_resource(max_entries=12, show_spinner="Drawing")
def _drawn(_plan: Plan, _target: Decimal | None, key: _Key, count: int, seed: int) -> Draws:
    return draws.draw(_plan, count, seed, _target)


@st.cache_resource(max_entries=12, show_spinner="Forecasting")
def _planned(
    _inputs: Inputs, key: _Key
) -> tuple[Plan, Forecast, Sequence[Compared], Sequence[Moved], tuple[str, ...]]:
    text, digests, years, release, now = key
    scenario, schedule = _inputs.scenario, _inputs.opened.schedule
    day = schedule.release.first_date_of_service
    facility, center_notices = _facility(day, now) if needs_facility(scenario) else (None, ())
    with folder_of(text, _inputs.volumes, _inputs.contracts) as folder:
        claims = None if scenario.claims is None else _claims(folder, scenario.claims, release)
        zips = opening.zip_directory(day, now)
        opened = open_plan(scenario, folder, schedule, years, facility=facility, zips=zips, claims=claims)
        _, contracts = named(_inputs.scenario_tables)
        pots = _priced(_priced_by(scenario, digests, contracts, release, now), opened.plan.pots)
        plan = Plan(scenario, pots, opened.plan.years)
        base = result.forecast(plan)
        compared = alternatives.compare_alternatives(plan, base)
        moved = tornado.tornado(plan)
    notices = [*_inputs.opened.notices, *center_notices, *opened.notices, *pots.notices]
    if draws.nothing_is_uncertain(scenario):
        notices.append("nothing in the scenario is uncertain: give events odds, and the growth tab its spreads")
    return plan, base, compared, moved, tuple(dict.fromkeys(notices))


def _claims(folder: Path, name: str, release: str) -> pl.LazyFrame:
    """Return the scenario's claim lines. Raises what reading claims raises, the file named."""
    try:
        return read_claims(folder / name, release=release).frame
    except FeeCalcError as error:
        raise type(error)(f"claims {name!r}: {error}") from error


def _priced_by(scenario: Scenario, digests: Any, contracts: Sequence[str], release: str, now: Stamp) -> Any:
    """Return what the pricing of a scenario's rows depends on; while it is the same, what is priced is used again."""
    events = [*scenario.event, *(event for alternative in scenario.alternative for event in alternative.event)]
    return (
        digests,
        release,
        now,
        scenario.volume,
        scenario.claims,
        scenario.location,
        scenario.base_year,
        bool(scenario.provider),
        [payer.name for payer in scenario.payer] if scenario.names_payers else None,
        [shift_key(event) for event in events if isinstance(event, SiteShift)],
        variants_of(scenario),
        contracts,
    )


def _priced(key: Any, fresh: Pots) -> Pots:
    """Return the session's pots of this key, or these from now on.

    They are one session's: two at once would mix them up.
    """
    if any(contract.fee_table is not None for contract in fresh.contracts.values()):
        return fresh  # a fee table is read from its file, which is gone by the next time
    kept = st.session_state.get(_PRICED)
    if kept is None or kept[0] != key or kept[2] >= _MOST_USES:
        kept = (key, fresh, 0)
    st.session_state[_PRICED] = (key, kept[1], kept[2] + 1)
    pots: Pots = kept[1]
    return pots


@st.cache_resource(max_entries=2, show_spinner=False)
def _facility(day: date, now: Stamp) -> tuple[FacilitySchedule | None, tuple[str, ...]]:
    """Return the surgery centers' rates of the day and their notices, where they are installed."""
    try:
        found = open_facility(Store(Path(now[0])), day, (ASC,))
    except NotInstalled:
        return None, ()
    return found, tuple(text for center_notices in found.notices.values() for text in center_notices)
