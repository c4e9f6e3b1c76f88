"""The tables that pictures and files are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from feecalc.scenarios.forecast.draws import TOTAL, Draws
from feecalc.scenarios.forecast.result import Forecast
from feecalc.scenarios.forecast.tornado import Moved
from feecalc.scenarios.scenario.events import Event, Hire, SiteShift
from feecalc.scenarios.scenario.model import Scenario

_MONEY = pl.Decimal(18, 2)
_TIMELINE = {
    "event": pl.String(), "kind": pl.String(), "first": pl.Date(), "last": pl.Date(), "odds": pl.Decimal(9, 4),
    "cost": _MONEY,
}  # fmt: skip
_DAY = timedelta(days=1)


def revenue_table(forecast: Forecast, by: str) -> pl.DataFrame:
    """Return revenue by year and group, the last year's highest group first.

    Shape: year, group, revenue, below (the groups before it) [USD].
    """
    order = forecast.by(by)[by].to_list()
    cells = forecast.cells.group_by("year", by).agg(pl.col("revenue").sum().cast(_MONEY))
    rank = pl.col(by).replace_strict(dict(zip(order, range(len(order)), strict=True)), return_dtype=pl.Int32)
    below = (pl.col("revenue").cum_sum() - pl.col("revenue")).over("year").cast(_MONEY).alias("below")
    return cells.sort(rank, "year").select("year", pl.col(by).alias("group"), "revenue", below)


def fan_table(forecast: Forecast, draws: Draws) -> pl.DataFrame:
    """Return the band of the draws. Shape: year, p10, p50, p90, planned (the forecast's net), target [USD]."""
    planned = forecast.years.select(
        pl.col("year").cast(pl.String).alias("period"), "year", pl.col("net").alias("planned")
    )
    found = draws.spread.filter(pl.col("period") != TOTAL).join(
        planned, on="period", how="inner", maintain_order="left"
    )
    return found.select("year", "p10", "p50", "p90", "planned", pl.lit(draws.target, _MONEY).alias("target"))


def tornado_table(moved: Sequence[Moved]) -> pl.DataFrame:
    """Return what moves the forecast, most first. Shape: what, low, high, low_difference, high_difference [USD]."""
    names = ("what", "low", "high", "low_difference", "high_difference")
    schema = {name: _MONEY if name.endswith("difference") else pl.String() for name in names}
    return pl.DataFrame([{name: getattr(change, name) for name in names} for change in moved], schema=schema)


def timeline_table(scenario: Scenario, years: int) -> pl.DataFrame:
    """Return the events, the first begun first.

    Shape: event, kind, first, last (days, both included), odds (percent), cost (USD a year).
    ``years``: ahead of the base year; none lasts past them. One without an end lasts until the next of its target
    begins, as in the forecast. What has ended before the base year, or begins after the years, is left out.
    """
    opening, horizon = date(scenario.base_year, 1, 1), date(scenario.base_year + years, 12, 31)
    rows = []
    for event in sorted(scenario.event, key=lambda listed_event: listed_event.effective_from):
        last = min([event.effective_to or horizon, horizon, *_next(event, scenario.event)])
        if max(event.effective_from, opening) <= last:
            rows.append((event.name, event.kind, event.effective_from, last, event.odds, event.cost))
    return pl.DataFrame(rows, schema=_TIMELINE, orient="row")


def _next(event: Event, listed: Sequence[Event]) -> list[date]:
    """Return the day before another event of the same target begins, where this one says no end."""
    if event.effective_to is not None or isinstance(event, SiteShift | Hire):
        return []  # these stand beside one another
    own = set(event.targets())
    later = [other for other in listed if other.effective_from > event.effective_from and own & set(other.targets())]
    return [other.effective_from - _DAY for other in later]


def written_table(forecasts: Sequence[Forecast]) -> pl.DataFrame:
    """Return the cells of the scenario and its alternatives, one below the other."""
    return pl.concat([forecast.cells for forecast in forecasts])
