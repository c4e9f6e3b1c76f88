"""From a scenario's file to a plan that can be asked, and what a person should know of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from feecalc import reference
from feecalc.contracts.contract import Contract
from feecalc.contracts.files.reading import read_contract
from feecalc.errors import FeeCalcError, InvalidValue
from feecalc.facility.schedule import FacilitySchedule
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.forecast.notices import events_of, needs_facility, notices
from feecalc.scenarios.forecast.plan import Plan
from feecalc.scenarios.forecast.priced.pots import Pots
from feecalc.scenarios.forecast.priced.rows import read_rows
from feecalc.scenarios.forecast.priced.several import kept_by
from feecalc.scenarios.forecast.priced.variants import variants_of
from feecalc.scenarios.forecast.timeline import factors_of
from feecalc.scenarios.scenario.events import ContractRenewal, FactorChange
from feecalc.scenarios.scenario.model import Scenario

MOST_YEARS = 10


@dataclass(frozen=True)
class Opened:
    """A plan and its notices."""

    plan: Plan
    notices: tuple[str, ...]


def open_plan(
    scenario: Scenario,
    folder: Path,
    schedule: FeeSchedule,
    years: int,
    *,
    facility: FacilitySchedule | None = None,
    zips: ZipDirectory | None = None,
    claims: pl.LazyFrame | None = None,
) -> Opened:
    """A scenario over so many years after its base year, its volumes and contracts read from beside its file.

    All years are priced by the one release. ``claims`` are the lines of the scenario's claim file, which the caller
    reads (columns: ``feecalc.pricing.claims.columns``). Raises InvalidValue and what reading volumes and contracts
    raises.
    """
    if not 1 <= years <= MOST_YEARS:
        raise InvalidValue(f"{years} years; a forecast has from 1 to {MOST_YEARS}")
    day = _within(schedule, scenario.base_year)
    last = scenario.base_year + years
    for event in events_of(scenario):
        if isinstance(event, FactorChange):
            factors_of(event, day)  # an unknown assumption is said before anything is priced
    _known_provider_types(scenario, day)
    contracts = {name: _contract(folder, name, payer) for name, payer in _contract_files(scenario).items()}
    pots = Pots(read_rows(scenario, folder, schedule, zips), schedule, day, contracts, facility, variants_of(scenario))
    if scenario.claims is not None and claims is not None:
        pots.kept = kept_by(claims, schedule, scenario.claims)
    _known_categories(scenario, pots)
    plan = Plan(scenario, pots, tuple(range(scenario.base_year + 1, last + 1)))
    return Opened(plan, tuple(notices(plan)))


def _within(schedule: FeeSchedule, base_year: int) -> date:
    first = schedule.release.first_date_of_service
    if first.year != base_year:
        raise InvalidValue(
            f"base_year {base_year}, and {schedule.release.name} is of {first.year}; name a release of {base_year} "
            '(release = "..."), or count the volume of another year'
        )
    return first


def _known_provider_types(scenario: Scenario, day: date) -> None:
    known = [row["provider_type"] for row in reference.rows_on("provider_type", day)]
    hired = [each.provider for each in events_of(scenario) if each.kind == "hire"]
    for provider in (*scenario.provider, *hired):
        if provider.provider_type not in known:
            raise InvalidValue(
                f"provider {provider.name}: no provider_type {provider.provider_type!r}; there are {', '.join(known)}"
            )


def _known_categories(scenario: Scenario, pots: Pots) -> None:
    known = pots.rows.atoms["category"].unique(maintain_order=True).to_list()
    for name in scenario.growth.category:
        if name not in known:
            raise InvalidValue(
                f"[growth.category], key {name!r}: the volume has none of that category; there are {', '.join(known)}"
            )


def _contract_files(scenario: Scenario) -> dict[str, str]:
    """The contract files that are named, and who names each first."""
    named: dict[str, str] = {}
    for payer in scenario.payer:
        if payer.contract is not None:
            named.setdefault(payer.contract, f"payer {payer.name}")
    for event in events_of(scenario):
        if isinstance(event, ContractRenewal) and event.contract is not None:
            named.setdefault(event.contract, f"event {event.name}")
    return named


def _contract(folder: Path, name: str, payer: str) -> Contract:
    try:
        return read_contract(folder / name)
    except FeeCalcError as error:
        raise type(error)(f"{payer}: {error}") from error


__all__ = ["MOST_YEARS", "Opened", "needs_facility", "open_plan"]
