"""What a forecast assumes and leaves out, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from feecalc import reference
from feecalc.pricing.rules.conversion_factor import conversion_factor
from feecalc.scenarios.forecast.plan import Plan
from feecalc.scenarios.forecast.priced.several import may_be_reduced
from feecalc.scenarios.scenario.events import ContractRenewal, Event, FactorChange, FloorLapse, SiteShift
from feecalc.scenarios.scenario.model import Scenario
from feecalc.scenarios.scenario.parts import CONTRACT

_CODES_NAMED = 8


def needs_facility(scenario: Scenario) -> bool:
    """Whether a part of a surgery center's payments is the practice's."""
    return any(each.asc_share for each in scenario.location)


def events_of(scenario: Scenario) -> list[Event]:
    """The events of a scenario and of its alternatives."""
    return [*scenario.event, *(event for each in scenario.alternative for event in each.event)]


def notices(plan: Plan) -> Iterator[str]:
    """What a person should know of a plan: what it assumes, and what is not in it."""
    scenario, pots = plan.scenario, plan.pots
    last = plan.years[-1]
    changes = [each for each in scenario.event if isinstance(each, FactorChange)]
    release = pots.schedule.release.name
    if not changes:
        factor = conversion_factor(pots.day).value
        yield f"no event changes the conversion factor: {factor} of {release} holds through {last}"
    yield f"relative values and indices of {release} hold through {last}: only events change what Medicare pays"
    yield from _assumptions(scenario)
    yield from _days(plan)
    yield from _anesthesia(plan)
    yield from _several(plan)
    floor = reference.rows_on("work_gpci_floor", pots.day, state=None)
    lapses = any(isinstance(each, FloorLapse) for each in events_of(scenario))
    if floor and floor[0].get("effective_to", date.max).year < last and not lapses:
        yield (
            f"the work GPCI floor is law through {floor[0]['effective_to']}; the forecast has it renewed: an event "
            'of kind "gpci_floor_lapse" has it end'
        )
    if lapses:
        yield from pots.schedule.unfloored.notices
    lost = pots.unpriced()
    if lost.height:
        codes = ", ".join(dict.fromkeys(lost["hcpcs"].to_list()[:_CODES_NAMED]))
        more = f" and {lost.height - _CODES_NAMED} more" if lost.height > _CODES_NAMED else ""
        yield (
            f"Medicare has no price for {codes}{more}: nothing of that is in the revenue of Medicare and of payers by "
            f"percent ({lost['reason'][0].rstrip('.')})"
        )
    for event in events_of(scenario):
        if isinstance(event, SiteShift) and not pots.rows.touched_by(event).any():
            yield f"event {event.name!r} moves nothing: the volume has none of its codes at place {event.from_place}"
    if needs_facility(scenario) and pots.facility is None:
        yield "no ASC rates are installed: what the surgery center is paid is not in the forecast"
    elif needs_facility(scenario):
        told = [each.name for each in scenario.payer if not each.medicare and each.facility_percent is None]
        if told:
            yield f"no facility_percent of {', '.join(told)}: what they pay the surgery center is not in the forecast"
    for name, contract in pots.contracts.items():
        if contract.effective_to and contract.effective_to.year <= last and not _renewed(scenario, name):
            yield f"the contract {name} ends on {contract.effective_to}; its terms of that day go on"


def _days(plan: Plan) -> Iterator[str]:
    """Events that begin before the years of the forecast, or lie outside them."""
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
    """By what anesthesia's factor moves, where the volume has anesthesia and an event moves the other."""
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
    if any(each.pays_by == CONTRACT for each in plan.scenario.payer):
        yield "contracts: anesthesia is priced by the release's anesthesia factors, whatever an event changes"


def _several(plan: Plan) -> Iterator[str]:
    """What is taken for several procedures of a day."""
    kept = plan.pots.kept
    if kept is None and plan.scenario.claims is not None:
        yield f"{plan.scenario.claims} is not read here: each unit is priced alone"
    elif kept is None and may_be_reduced(plan.pots.schedule, plan.pots.rows.frame["hcpcs"]):
        yield (
            "each unit is priced alone, without the reductions for several procedures of a day; claims = \"FILE\" in "
            "the scenario takes what they leave of each code from the practice's own claim lines"
        )
    if kept is None:
        return
    alone, together = (int(kept.codes[name].sum()) for name in ("alone", "together"))
    share = f"{100 * together / alone:.2f} %" if alone else "nothing"
    lines = int(kept.codes["lines"].sum())
    yield (
        f"rules for several procedures leave {share} of what Medicare allows for the {lines:,} lines of "
        f"{kept.file} each alone; units are taken at their code's share by Medicare and payers by percent of it. "
        "Contracts and charges are of each unit alone"
    )


def _assumptions(scenario: Scenario) -> Iterator[str]:
    used: Sequence[str] = [
        each.assumption for each in events_of(scenario) if isinstance(each, FactorChange) and each.assumption
    ]
    for name in dict.fromkeys(used):
        rows = [row for row in reference.rows("proposed_factor") if row["name"] == name]
        told = ", ".join(f"{row['value']} ({row['track']})" for row in rows)
        yield f"assumption {name!r}: {told}, not law; {rows[0]['source']}"


def _renewed(scenario: Scenario, name: str) -> bool:
    payers = [each.name for each in scenario.payer if each.pays_by == CONTRACT and each.contract == name]
    return any(isinstance(each, ContractRenewal) and each.payer in payers for each in scenario.event)
