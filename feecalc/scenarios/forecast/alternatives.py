"""Alternatives beside the scenario itself, and where each begins to pay.

What an alternative nets is a straight line in the volume, in a payer's share (the others' in proportion) and in a
payer's rates, so a break-even is where two lines meet: no search.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

from feecalc.scenarios.forecast.plan import DIGITS, Plan
from feecalc.scenarios.forecast.result import Forecast, forecast
from feecalc.scenarios.scenario.events import MixChange
from feecalc.scenarios.scenario.model import Scenario
from feecalc.scenarios.scenario.parts import PERCENT, WHOLE

VOLUME, SHARE, RATES = "volume", "share", "rates"
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class BreakEven:
    """Where an alternative nets as much as the scenario, all else as it is.

    ``what``: volume (percent more or less than the alternative has), share (a payer's, percent of the units) or rates
    (a payer's, percent more or less; for a payer by percent also ``percent`` of Medicare). ``at`` is the first value
    of two decimals on the side that pays, None where none in reach does, and ``reason`` says why; ``pays`` is
    "above" or "below".
    """

    what: str
    payer: str
    now: Decimal
    at: Decimal | None
    pays: str
    percent: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True)
class Compared:
    """An alternative's forecast, what it nets over the years more than the scenario, and its break-evens."""

    forecast: Forecast
    difference: Decimal
    break_even: tuple[BreakEven, ...]


def compare_alternatives(plan: Plan, base: Forecast) -> list[Compared]:
    """Return every alternative of the scenario against it."""
    found = []
    for alternative in plan.scenario.alternative:
        other = plan.with_scenario(plan.scenario.as_alternative(alternative))
        its_forecast = forecast(other)
        found.append(Compared(its_forecast, its_forecast.total - base.total, tuple(break_evens(other, base.total))))
    return found


def break_evens(plan: Plan, target: Decimal) -> Iterator[BreakEven]:
    """Yield where a plan nets ``target`` over its years. [USD]"""
    with localcontext(DIGITS):
        by_payer, cost = revenue_by_payer(plan)
        revenue = sum(by_payer, Decimal(0))
        lacking = target - (revenue - cost)
        yield _by_rate(VOLUME, "", revenue, lacking, Decimal(0))
        if not plan.scenario.names_payers:
            for number in range(len(by_payer)):
                yield _by_share(plan, number, target)
        for number, payer in enumerate(plan.scenario.payer):
            percent = payer.percent if payer.pays_by == PERCENT else None
            yield _by_rate(RATES, payer.name, by_payer[number], lacking, Decimal(0), percent)


def revenue_by_payer(plan: Plan) -> tuple[list[Decimal], Decimal]:
    """Return what each payer brings over the years, exact, and the cost. [USD]"""
    totals = [plan.year(year) for year in plan.years]
    by_payer = [
        sum((total.revenue[number].sum() for total in totals), Decimal(0)) for number in range(len(plan.scenario.payer))
    ]
    return by_payer, sum((total.cost for total in totals), Decimal(0))


def _by_rate(
    what: str, payer: str, revenue: Decimal, lacking: Decimal, now: Decimal, percent: Decimal | None = None
) -> BreakEven:
    """Return the percent on top of a revenue that brings what is lacking; a revenue rises with it, so above it pays."""
    if revenue <= 0:
        return BreakEven(what, payer, now, None, "above", reason="nothing comes in that could be more")
    at = (100 * lacking / revenue).quantize(_HUNDREDTH, ROUND_CEILING)
    if at < -WHOLE:
        return BreakEven(what, payer, now, None, "above", reason="it pays even without this")
    of_medicare = None if percent is None else (percent * (1 + lacking / revenue)).quantize(_HUNDREDTH, ROUND_CEILING)
    return BreakEven(what, payer, now, at, "above", of_medicare)


def _by_share(plan: Plan, number: int, target: Decimal) -> BreakEven:
    payer = plan.scenario.payer[number]
    now = payer.share or Decimal(0)
    if any(isinstance(event, MixChange) for event in plan.scenario.event):
        return BreakEven(SHARE, payer.name, now, None, "", reason="an event changes the mix")
    if now == WHOLE:
        return BreakEven(SHARE, payer.name, now, None, "", reason="it is the only payer")
    at_zero, at_all = (_net(plan, with_share(plan.scenario, number, share)) for share in (Decimal(0), WHOLE))
    slope = at_all - at_zero
    if not slope:
        return BreakEven(SHARE, payer.name, now, None, "", reason="its share changes nothing")
    pays = "above" if slope > 0 else "below"
    at = (100 * (target - at_zero) / slope).quantize(_HUNDREDTH, ROUND_CEILING if slope > 0 else ROUND_FLOOR)
    if not 0 <= at <= WHOLE:
        always = (at < 0) == (slope > 0)
        reason = "it pays at every share" if always else "no share makes it pay"
        return BreakEven(SHARE, payer.name, now, None, pays, reason=reason)
    return BreakEven(SHARE, payer.name, now, at, pays)


def with_share(scenario: Scenario, number: int, share: Decimal) -> Scenario:
    """Return a payer's share changed, the others' in proportion; not rounded to two decimals."""
    rest = sum((payer.share or Decimal(0) for at, payer in enumerate(scenario.payer) if at != number), Decimal(0))
    payers = tuple(
        payer.model_copy(
            update={"share": share if at == number else (payer.share or Decimal(0)) * (WHOLE - share) / rest}
        )
        for at, payer in enumerate(scenario.payer)
    )
    return scenario.model_copy(update={"payer": payers})


def _net(plan: Plan, scenario: Scenario) -> Decimal:
    by_payer, cost = revenue_by_payer(plan.with_scenario(scenario))
    return sum(by_payer, Decimal(0)) - cost


__all__ = ["BreakEven", "Compared", "break_evens", "compare_alternatives", "revenue_by_payer", "with_share"]
