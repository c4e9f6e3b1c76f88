"""From a scenario's file to a plan, and what a person should know of it: what it assumes and leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from feecalc.pricing.rules.conversion_factor import conversion_factor
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.basket.prices import by_reason
from feecalc.scenarios.forecast.plan import Plan
from feecalc.scenarios.forecast.pots import Pots, kept_by, may_be_reduced
from feecalc.scenarios.forecast.rows import read_rows, variants_of
from feecalc.scenarios.forecast.timeline import factors_of
from feecalc.scenarios.scenario.events import ContractRenewal, Event, FactorChange, FloorLapse, SiteShift
from feecalc.scenarios.scenario.model import Scenario
from feecalc.scenarios.scenario.parts import CONTRACT

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
    """Return a scenario over so many years after its base year, its volumes and contracts read from beside its file.

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
    hired = [event.provider for event in events_of(scenario) if event.kind == "hire"]
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
    """Return the contract files that are named, and who names each first."""
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


def needs_facility(scenario: Scenario) -> bool:
    """Return whether a part of a surgery center's payments is the practice's."""
    return any(location.asc_share for location in scenario.location)


def events_of(scenario: Scenario) -> list[Event]:
    """Return the events of a scenario and of its alternatives."""
    return [*scenario.event, *(event for alternative in scenario.alternative for event in alternative.event)]


def notices(plan: Plan) -> Iterator[str]:
    """Yield what a person should know of a plan: what it assumes, and what is not in it."""
    scenario, pots = plan.scenario, plan.pots
    last = plan.years[-1]
    changes = [event for event in scenario.event if isinstance(event, FactorChange)]
    release = pots.schedule.release.name
    if not changes:
        factor = conversion_factor(pots.day).value
        yield f"no event changes the conversion factor: {factor} of {release} holds through {last}"
    yield f"relative values and indices of {release} hold through {last}: only events change what Medicare pays"
    yield from _assumptions(scenario)
    yield from _days(plan)
    yield from _anesthesia(plan)
    yield from _multiple_procedures(plan)
    floor = reference.rows_on("work_gpci_floor", pots.day, state=None)
    lapses = any(isinstance(event, FloorLapse) for event in events_of(scenario))
    if floor and floor[0].get("effective_to", date.max).year < last and not lapses:
        yield (
            f"the work GPCI floor is law through {floor[0]['effective_to']}; the forecast has it renewed: an event "
            'of kind "gpci_floor_lapse" has it end'
        )
    if lapses:
        yield from pots.schedule.unfloored.notices
    for codes, reason in by_reason(pots.unpriced(), "hcpcs"):
        yield f"nothing of {codes} is in the revenue of Medicare and of payers by percent: {reason}"
    for event in events_of(scenario):
        if isinstance(event, SiteShift) and not pots.rows.touched_by(event).any():
            yield f"event {event.name!r} moves nothing: the volume has none of its codes at place {event.from_place}"
    if needs_facility(scenario) and pots.facility is None:
        yield "no ASC rates are installed: what the surgery center is paid is not in the forecast"
    elif needs_facility(scenario):
        named = [payer.name for payer in scenario.payer if not payer.medicare and payer.facility_percent is None]
        if named:
            yield f"no facility_percent of {', '.join(named)}: what they pay the surgery center is not in the forecast"
    for name, contract in pots.contracts.items():
        if contract.effective_to and contract.effective_to.year <= last and not _renewed(scenario, name):
            yield f"the contract {name} ends on {contract.effective_to}; its terms of that day go on"


def _days(plan: Plan) -> Iterator[str]:
    """Yield events that begin before the years of the forecast, or lie outside them."""
    base, last = plan.scenario.base_year, plan.years[-1]
    for event in events_of(plan.scenario):
        if event.effective_to is not None and event.effective_to.year < base:
            yield f"event {event.name!r} ends on {event.effective_to}, before {base}: it changes nothing"
        elif event.effective_from.year > last:
            yield f"event {event.name!r} begins on {event.effective_from}, after {last}: it changes nothing"
        elif event.effective_from <= date(base, 1, 1):
            yield (
                f"event {event.name!r} begins on {event.effective_from}: it holds in all of {base} too, the year the "
                "volume was counted in; take it out if that volume has it already"
            )


def _anesthesia(plan: Plan) -> Iterator[str]:
    """Yield by what anesthesia's factor moves, where the volume has anesthesia and an event moves the other."""
    units = plan.pots.schedule.base_units
    codes = plan.pots.rows.frame["hcpcs"]
    if units is None or not codes.is_in(units["hcpcs"].implode()).any():
        return
    for event in events_of(plan.scenario):
        if isinstance(event, FactorChange) and event.anesthesia_conversion_factor is None:
            yield (
                f"event {event.name!r} gives no anesthesia_conversion_factor: anesthesia's moves by as much as the "
                "conversion factor (assumed)"
            )
    if any(payer.pays_by == CONTRACT for payer in plan.scenario.payer):
        yield "contracts: anesthesia is priced by the release's anesthesia factors, whatever an event changes"


def _multiple_procedures(plan: Plan) -> Iterator[str]:
    """Yield what is taken for multiple procedures of a day."""
    kept = plan.pots.kept
    if kept is None and plan.scenario.claims is not None:
        yield f"{plan.scenario.claims} is not read here: each unit is priced alone"
    elif kept is None and may_be_reduced(plan.pots.schedule, plan.pots.rows.frame["hcpcs"]):
        yield (
            "each unit is priced alone, without the reductions for multiple procedures of a day; claims = \"FILE\" in "
            "the scenario takes what they leave of each code from the practice's own claim lines"
        )
    if kept is None:
        return
    alone, together = (int(kept.codes[name].sum()) for name in ("alone", "together"))
    share = f"{100 * together / alone:.2f} %" if alone else "nothing"
    lines = int(kept.codes["lines"].sum())
    yield (
        f"rules for multiple procedures leave {share} of what Medicare allows for the {lines:,} lines of "
        f"{kept.file} each alone; units are taken at their code's share by Medicare and payers by percent of it. "
        "Contracts and charges are of each unit alone"
    )


def _assumptions(scenario: Scenario) -> Iterator[str]:
    used: Sequence[str] = [
        event.assumption for event in events_of(scenario) if isinstance(event, FactorChange) and event.assumption
    ]
    for name in dict.fromkeys(used):
        rows = [row for row in reference.rows("proposed_factor") if row["name"] == name]
        named = ", ".join(f"{row['value']} ({row['track']})" for row in rows)
        yield f"assumption {name!r}: {named}, not law; {rows[0]['source']}"


def _renewed(scenario: Scenario, name: str) -> bool:
    payers = [payer.name for payer in scenario.payer if payer.pays_by == CONTRACT and payer.contract == name]
    return any(isinstance(event, ContractRenewal) and event.payer in payers for event in scenario.event)


__all__ = ["MOST_YEARS", "Opened", "needs_facility", "open_plan"]
