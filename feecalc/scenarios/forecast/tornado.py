"""What moves a forecast: each thing by itself, down and up, and what the years then net."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from feecalc import reference
from feecalc.money import FACTOR_PLACES, MONEY_PLACES, rounded_to
from feecalc.scenarios.forecast.alternatives import revenue_by_payer, with_share
from feecalc.scenarios.forecast.plan import DIGITS, Plan
from feecalc.scenarios.forecast.result import net
from feecalc.scenarios.forecast.timeline import all_events, factors_of
from feecalc.scenarios.scenario.events import FactorChange, MixChange
from feecalc.scenarios.scenario.model import Scenario
from feecalc.scenarios.scenario.parts import MEDICARE, WHOLE

SIZES = ("volume", "growth", "mix", "rates", "conversion_factor", "denial", "collection")


@dataclass(frozen=True)
class Moved:
    """One thing moved. ``low`` and ``high``: what is moved to; the differences are of the years' net. [USD]"""

    what: str
    low: str
    high: str
    low_difference: Decimal
    high_difference: Decimal

    @property
    def swing(self) -> Decimal:
        return abs(self.high_difference - self.low_difference)


def sizes(scenario: Scenario) -> dict[str, tuple[Decimal, bool]]:
    """Return how far each thing is moved, and whether the scenario or reference/scenario_sensitivity.toml says so."""
    day, found = date(scenario.base_year, 1, 1), {}
    for name in SIZES:
        own = getattr(scenario.uncertainty, name)
        usual = Decimal(reference.row_on("scenario_sensitivity", day, kind=name)["value"])
        found[name] = (usual, False) if own is None else (own, True)
    return found


def tornado(plan: Plan) -> list[Moved]:
    """Return everything that moves the forecast, what moves it most first."""
    base, size = net(plan), {name: value for name, (value, _) in sizes(plan.scenario).items()}
    found = []
    for what, low, high, down, up in _moves(plan.scenario, size, plan.pots.day):
        differences = [net(plan.with_scenario(scenario)) - base for scenario in (down, up)]
        if any(differences):
            found.append(Moved(what, low, high, *differences))
    found += _rates(plan, size["rates"])
    happening = all_events(plan.scenario)
    for number, event in enumerate(plan.scenario.event):
        without = net(plan, happening - {number}) - base
        if without:
            found.append(Moved(f"event: {event.name}", "does not happen", "happens", without, Decimal("0.00")))
    return sorted(found, key=lambda moved: moved.swing, reverse=True)


def _rates(plan: Plan, step: Decimal) -> Iterator[Moved]:
    """Move a payer's rates, whatever its terms then are: what it pays moves by as much."""
    with localcontext(DIGITS):
        by_payer, _ = revenue_by_payer(plan)
        for payer, revenue in zip(plan.scenario.payer, by_payer, strict=True):
            more = rounded_to(revenue * step / 100, MONEY_PLACES)
            if payer.pays_by != MEDICARE and more:
                yield Moved(f"rates of {payer.name}", f"{-step:+} %", f"{step:+} %", -more, more)


def _moves(
    scenario: Scenario, size: dict[str, Decimal], day: date
) -> Iterator[tuple[str, str, str, Scenario, Scenario]]:
    step = size["volume"]
    changes = [scenario.model_copy(update={"volume_change": _on_top(scenario.volume_change, s)}) for s in (-step, step)]
    yield "volume", f"{-step:+} %", f"{step:+} %", changes[0], changes[1]
    step = size["growth"]
    yield "growth", f"{-step:+} points", f"{step:+} points", _grown(scenario, -step), _grown(scenario, step)
    mixed = any(isinstance(event, MixChange) for event in scenario.event)
    if not scenario.names_payers and len(scenario.payer) > 1 and not mixed:
        for number, payer in enumerate(scenario.payer):
            share = payer.share or Decimal(0)
            low, high = max(Decimal(0), share - size["mix"]), min(WHOLE, share + size["mix"])
            if share < WHOLE:
                down, up = with_share(scenario, number, low), with_share(scenario, number, high)
                yield f"share of {payer.name}", f"{low} %", f"{high} %", down, up
    step = size["conversion_factor"]
    low_factor, high_factor = (_with_factor(scenario, s, day) for s in (-step, step))
    yield "conversion factor", f"{-step:+} %", f"{step:+} %", low_factor, high_factor
    for name, sign in (("denial", 1), ("collection", 1)):
        step = sign * size[name]
        field = f"{name}_rate"
        yield (
            "denied for good" if name == "denial" else "collected of what is not denied",
            f"{-step:+} points", f"{step:+} points", _rated(scenario, field, -step), _rated(scenario, field, step),
        )  # fmt: skip


def _on_top(percent: Decimal, more: Decimal) -> Decimal:
    return ((1 + percent / 100) * (1 + more / 100) - 1) * 100


def _grown(scenario: Scenario, points: Decimal) -> Scenario:
    growth = scenario.growth
    own = {name: rate + points for name, rate in growth.category.items()}
    return scenario.model_copy(
        update={"growth": growth.model_copy(update={"volume": growth.volume + points, "category": own})}
    )


def _rated(scenario: Scenario, name: str, points: Decimal) -> Scenario:
    payers = tuple(
        payer.model_copy(update={name: min(WHOLE, max(Decimal(0), getattr(payer, name) + points))})
        for payer in scenario.payer
    )
    return scenario.model_copy(update={"payer": payers})


def _with_factor(scenario: Scenario, percent: Decimal, day: date) -> Scenario:
    """Return every factor of the forecast's years moved: the release's and those of events."""
    begin = date(scenario.base_year, 1, 1)  # before any event, which goes before it
    usual = FactorChange(
        name="conversion factor moved", kind="conversion_factor", effective_from=begin, percent=percent
    )
    moved = []
    for event in scenario.event:
        if isinstance(event, FactorChange):
            factors = [rounded_to(factor * (1 + percent / 100), FACTOR_PLACES) for factor in factors_of(event, day)]
            changes = {"conversion_factor": factors[0], "conversion_factor_qp": factors[1]}
            event = event.model_copy(update=changes | {"assumption": None, "percent": None})
        moved.append(event)
    return scenario.model_copy(update={"event": (usual, *moved)})
