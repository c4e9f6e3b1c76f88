"""Draws: which events come to pass, how volume, mix, denials and collections fall out, and what years then net.

Binary numbers, since a draw is an estimate; the same seed and numpy give the same numbers. Every set of events that is
drawn is priced once, and all draws of it are one multiplication.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from feecalc.errors import InvalidValue
from feecalc.money import MONEY_PLACES, rounded_to
from feecalc.scenarios.forecast.plan import Plan
from feecalc.scenarios.forecast.timeline import Happening
from feecalc.scenarios.scenario.model import Scenario
from feecalc.scenarios.scenario.parts import WHOLE

PERCENTILES = (10, 50, 90)
MOST_DRAWS = 1_000_000
MOST_UNCERTAIN = 10  # events with odds between: their sets are 2 to that power
TOTAL = "all years"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """``spread``: period (a year, or all years), p10, p50, p90, mean (USD net), chance_to_miss (percent of draws).

    ``net``: USD, shape [draw, year]. ``odds``: how often each uncertain event came, in percent of the draws.
    """

    seed: int
    spread: pl.DataFrame
    net: Floats
    odds: dict[str, Decimal]
    target: Decimal | None

    @property
    def count(self) -> int:
        return int(self.net.shape[0])


def draw(plan: Plan, draws: int, seed: int, target: Decimal | None = None) -> Draws:
    """Return so many draws of a plan. ``target``: USD net a year; missed where a draw nets less.

    Raises InvalidValue.
    """
    if not 1 <= draws <= MOST_DRAWS:
        raise InvalidValue(f"{draws:,} draws; give from 1 to {MOST_DRAWS:,}")
    if seed < 0:
        raise InvalidValue(f"the seed {seed} is below 0")
    scenario, source = plan.scenario, np.random.default_rng(seed)
    uncertain = _uncertain(scenario)
    came = source.random((draws, len(uncertain))) < np.array([float(scenario.event[n].odds) / 100 for n in uncertain])
    world = came @ (1 << np.arange(len(uncertain), dtype=np.int64)) if uncertain else np.zeros(draws, np.int64)
    drawn, which = np.unique(world, return_inverse=True)
    revenue, shares, cost = _worlds(plan, [_happening(scenario, uncertain, int(world)) for world in drawn])
    level = _levels(plan, draws, source)
    tilt = _tilts(scenario, draws, shares[which], source)
    received = _received(scenario, draws, len(plan.years), source)
    net: Floats = (revenue[which] * tilt * received).sum(axis=2) * level - cost[which]
    odds = {
        scenario.event[number].name: _decimal(100 * float(came[:, at].mean())) for at, number in enumerate(uncertain)
    }
    return Draws(seed, _spread(plan.years, net, target), net, odds, target)


def nothing_is_uncertain(scenario: Scenario) -> bool:
    """Return whether every draw would be the forecast itself."""
    spreads = scenario.uncertainty
    drawn = (spreads.volume, spreads.growth, spreads.mix, spreads.denial, spreads.collection)
    return not (_uncertain(scenario) or any(drawn))


def _uncertain(scenario: Scenario) -> list[int]:
    found = [number for number, event in enumerate(scenario.event) if 0 < event.odds < WHOLE]
    if len(found) > MOST_UNCERTAIN:
        raise InvalidValue(
            f"{len(found)} events have odds between 0 and 100; draws take at most {MOST_UNCERTAIN}: "
            "give some odds = 100, or take them out"
        )
    return found


def _happening(scenario: Scenario, uncertain: Sequence[int], world: int) -> Happening:
    sure = {number for number, event in enumerate(scenario.event) if event.odds == WHOLE}
    return frozenset(sure | {number for bit, number in enumerate(uncertain) if world >> bit & 1})


def _worlds(plan: Plan, happening: Sequence[Happening]) -> tuple[Floats, Floats, Floats]:
    """Return revenue and share of the units [world, year, payer], and cost [world, year]."""
    totals = [[plan.year(year, world, float) for year in plan.years] for world in happening]
    revenue = np.array([[year.revenue.sum(axis=(1, 2)) for year in world] for world in totals], np.float64)
    units = np.array([[year.units.sum(axis=1) for year in world] for world in totals], np.float64)
    cost = np.array([[year.cost for year in world] for world in totals], np.float64)
    return revenue, units / units.sum(axis=2, keepdims=True), cost


def _levels(plan: Plan, draws: int, source: np.random.Generator) -> Floats:
    """Return what the units of a draw's year are as a multiple of the forecast's. Shape: [draw, year]."""
    spreads, growth = plan.scenario.uncertainty, plan.scenario.growth
    by_year = 1 + _fraction(spreads.volume) * source.standard_normal((draws, len(plan.years)))
    rate = 1 + float(growth.volume) / 100
    other = np.maximum(0.0, rate + _fraction(spreads.growth) * source.standard_normal((draws, 1)))
    elapsed = np.array([year - plan.scenario.base_year for year in plan.years])
    levels: Floats = np.maximum(0.0, by_year) * (other / rate) ** elapsed
    return levels


def _tilts(scenario: Scenario, draws: int, shares: Floats, source: np.random.Generator) -> Floats:
    """Return what each payer's units are as a multiple of the forecast's, all units unchanged.

    Shape: [draw, year, payer].
    """
    points = _fraction(scenario.uncertainty.mix)
    noise = source.standard_normal(shares.shape)
    moved = np.where(shares > 0, np.maximum(0.0, shares + points * noise), 0.0)
    whole = moved.sum(axis=2, keepdims=True)
    moved = np.where(whole > 0, moved / np.where(whole > 0, whole, 1.0), shares)
    return np.divide(moved, shares, out=np.ones_like(shares), where=shares > 0)


def _received(scenario: Scenario, draws: int, years: int, source: np.random.Generator) -> Floats:
    """Return what comes in of a payer as a multiple of the forecast's.

    Shape: [draw, year, payer], or of length 1 where none.
    Each payer's share that is denied, and that is collected of the rest, by itself and each year anew, from 0 to 100 %.
    """
    spreads, shape = scenario.uncertainty, (draws, years, len(scenario.payer))
    found: Floats = np.ones((1, 1, 1))
    for points, planned in (
        (spreads.denial, [100 - payer.denial_rate for payer in scenario.payer]),
        (spreads.collection, [payer.collection_rate for payer in scenario.payer]),
    ):
        if points:
            usual = np.array([float(percent) / 100 for percent in planned])
            moved = np.clip(usual + _fraction(points) * source.standard_normal(shape), 0.0, 1.0)
            found = found * np.divide(moved, usual, out=np.zeros(shape), where=usual > 0)
    return found


def _spread(years: Sequence[int], net: Floats, target: Decimal | None) -> pl.DataFrame:
    """Return percentiles of each year and of all years together, whose target is a year's times their number."""
    periods = [*((str(year), net[:, at], 1) for at, year in enumerate(years)), (TOTAL, net.sum(axis=1), len(years))]
    rows: list[dict[str, Any]] = []
    for name, values, count in periods if len(years) > 1 else periods[:1]:
        percentiles = {
            f"p{p}": _decimal(value) for p, value in zip(PERCENTILES, np.percentile(values, PERCENTILES), strict=True)
        }
        missed = None if target is None else _decimal(100 * float((values < float(target * count)).mean()))
        rows.append({"period": name, **percentiles, "mean": _decimal(values.mean()), "chance_to_miss": missed})
    money = pl.Decimal(18, 2)
    schema = {"period": pl.String(), **{f"p{p}": money for p in PERCENTILES}, "mean": money, "chance_to_miss": money}
    return pl.DataFrame(rows, schema=schema)


def _fraction(percent: Decimal | None) -> float:
    return float(percent or 0) / 100


def _decimal(number: float) -> Decimal:
    return rounded_to(Decimal(repr(float(number))), MONEY_PLACES)
