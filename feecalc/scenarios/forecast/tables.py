"""The tables that pictures and files are made of."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from feecalc.scenarios.forecast.draws import TOTAL, Draws
from feecalc.scenarios.forecast.result import Forecast
from feecalc.scenarios.forecast.tornado import Moved

_MONEY = pl.Decimal(18, 2)


def revenue_table(forecast: Forecast, by: str) -> pl.DataFrame:
    """year, group, revenue, below (USD, the groups before it): a row for each, the last year's dearest group first."""
    order = forecast.by(by)[by].to_list()
    cells = forecast.cells.group_by("year", by).agg(pl.col("revenue").sum().cast(_MONEY))
    rank = pl.col(by).replace_strict(dict(zip(order, range(len(order)), strict=True)), return_dtype=pl.Int32)
    below = (pl.col("revenue").cum_sum() - pl.col("revenue")).over("year").cast(_MONEY).alias("below")
    return cells.sort(rank, "year").select("year", pl.col(by).alias("group"), "revenue", below)


def fan_table(forecast: Forecast, draws: Draws) -> pl.DataFrame:
    """year, p10, p50, p90, planned (the forecast's net), target: USD."""
    planned = forecast.years.select(
        pl.col("year").cast(pl.String).alias("period"), "year", pl.col("net").alias("planned")
    )
    found = draws.spread.filter(pl.col("period") != TOTAL).join(
        planned, on="period", how="inner", maintain_order="left"
    )
    return found.select("year", "p10", "p50", "p90", "planned", pl.lit(draws.target, _MONEY).alias("target"))


def tornado_table(moved: Sequence[Moved]) -> pl.DataFrame:
    """what, low, high, low_difference, high_difference (USD), what moves most first."""
    names = ("what", "low", "high", "low_difference", "high_difference")
    schema = {name: _MONEY if name.endswith("difference") else pl.String() for name in names}
    return pl.DataFrame([{name: getattr(each, name) for name in names} for each in moved], schema=schema)


def written_table(forecasts: Sequence[Forecast]) -> pl.DataFrame:
    """The cells of the scenario and its alternatives, one below the other."""
    return pl.concat([each.cells for each in forecasts])
