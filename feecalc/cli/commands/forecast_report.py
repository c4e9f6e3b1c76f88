"""A forecast as a person reads it, whole dollars, and as JSON, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from feecalc.cli.terminal.output import money, print_table, show, show_large, wrapped
from feecalc.money import rounded_to
from feecalc.report.words import break_even_cells
from feecalc.scenarios.forecast.alternatives import BreakEven, Compared
from feecalc.scenarios.forecast.draws import Draws
from feecalc.scenarios.forecast.result import BY, Forecast
from feecalc.scenarios.forecast.tornado import Moved, sizes
from feecalc.scenarios.scenario.model import Scenario

_MOST_SHOWN = 10


@dataclass(frozen=True)
class Report:
    """A scenario's forecast and all that is printed of it."""

    scenario: Scenario
    release: str
    base: Forecast
    compared: Sequence[Compared]
    moved: Sequence[Moved]
    draws: Draws | None
    notices: Sequence[str]


def print_report(report: Report) -> None:
    """Print the report."""
    scenario, base = report.scenario, report.base
    first, *_, last = base.years["year"].to_list()
    show(wrapped(f"{scenario.practice.name}: {scenario.name}. Volumes of {first}, priced by {report.release}. USD."))
    show_large(f"Net of {first + 1} to {last}: {money(base.total)}")
    show()
    print_table(_years(base), _headings(base))
    for what in BY[:3]:
        table = base.by(what)
        if table.height > 1:
            show()
            print_table(_whole(table))
    if "facility" in base.cells["part"]:
        show()
        print_table(_whole(base.by("part")))
    _print_alternatives(report)
    _print_moved(report)
    if report.draws is not None:
        _print_draws(report.draws)


def _headings(base: Forecast) -> dict[str, str]:
    return {"": "", **{str(year): str(year) for year in base.years["year"]}}


def _years(base: Forecast) -> list[dict[str, Any]]:
    names = ["revenue", "cost", "net"] if base.years["cost"].sum() else ["revenue"]
    rows = []
    for name in names:
        values = zip(base.years["year"], base.years[name], strict=True)
        rows.append({"": name if name != "cost" else "cost of events", **{str(y): rounded_to(v, 0) for y, v in values}})
    return rows


def _print_alternatives(report: Report) -> None:
    if not report.compared:
        return
    years = [str(year) for year in report.base.years["year"]][1:]
    rows = [_net_row("as planned", report.base, Decimal(0), years)]
    rows += [
        _net_row(alternative.forecast.name, alternative.forecast, alternative.difference, years)
        for alternative in report.compared
    ]
    show()
    print_table(rows, {"net": "net", **{year: year for year in years}, "all": "all years", "more": "difference"})
    for alternative in report.compared:
        show()
        show(wrapped(f"{alternative.forecast.name} nets as much as planned, all else as it is, at"))
        headings = ["", "now", "break-even", "it pays"]
        rows = []
        for found in alternative.break_even:
            *cells, side = break_even_cells(found)
            rows.append(dict(zip(headings, [*cells, side if found.at is not None else ""], strict=True)))
        print_table(rows, headings)
        for reason, which in _without_break_even(alternative.break_even).items():
            show(wrapped(f"{', '.join(which)}: {reason}"))


def _without_break_even(found: Sequence[BreakEven]) -> dict[str, list[str]]:
    """Return each reason why nothing makes it pay, and the inputs it is true of: a reason is longer than a column."""
    reasons: dict[str, list[str]] = {}
    for even in found:
        if even.at is None:
            reasons.setdefault(even.reason, []).append(break_even_cells(even)[0])
    return reasons


def _net_row(name: str, forecast: Forecast, difference: Decimal, years: Sequence[str]) -> dict[str, Any]:
    net = {
        str(year): rounded_to(amount, 0)
        for year, amount in zip(forecast.years["year"], forecast.years["net"], strict=True)
    }
    return {
        "net": name,
        **{year: net[year] for year in years},
        "all": rounded_to(forecast.total, 0),
        "more": rounded_to(difference, 0),
    }


def _print_moved(report: Report) -> None:
    if not report.moved:
        return
    show()
    show("What moves the net of all years, each by itself")
    rows = [
        {
            "": moved.what,
            "from": moved.low,
            "change": rounded_to(moved.low_difference, 0),
            "to": moved.high,
            "change ": rounded_to(moved.high_difference, 0),
        }
        for moved in report.moved[:_MOST_SHOWN]
    ]
    print_table(rows)
    usual = [name.replace("_", " ") for name, (_, own) in sizes(report.scenario).items() if not own]
    if usual:
        show(wrapped(f"Steps of the usual size, which [uncertainty] can set: {', '.join(usual)}."))


def _print_draws(draws: Draws) -> None:
    show()
    show(f"Net in {draws.count:,} draws, seed {draws.seed}")
    headings = {"period": "", "p10": "P10", "p50": "P50", "p90": "P90", "mean": "mean"}
    table = _whole(draws.spread, keep=("chance_to_miss",))
    if draws.target is not None:
        headings["chance_to_miss"] = f"% below\n{rounded_to(draws.target, 0):,} a year"
    print_table(table, headings)
    if draws.odds:
        came = ", ".join(f"{name} {share} %" for name, share in draws.odds.items())
        show(wrapped(f"Events that came in, of all draws: {came}"))


def _whole(table: pl.DataFrame, keep: Sequence[str] = ()) -> list[dict[str, Any]]:
    return [
        {
            name: rounded_to(value, 0) if isinstance(value, Decimal) and name not in keep else value
            for name, value in row.items()
        }
        for row in table.to_dicts()
    ]


def as_document(report: Report) -> dict[str, Any]:
    """Return the report for JSON: exact decimals, years as rows."""
    draws = report.draws
    return {
        "practice": report.scenario.practice.name,
        "scenario": report.scenario.name,
        "base_year": report.base.base_year,
        "release": report.release,
        "net": report.base.total,
        **_forecast(report.base),
        "alternatives": [
            {
                "name": alternative.forecast.name,
                "net": alternative.forecast.total,
                "difference": alternative.difference,
                "break_even": [vars(found) for found in alternative.break_even],
                **_forecast(alternative.forecast),
            }
            for alternative in report.compared
        ],
        "tornado": [vars(moved) for moved in report.moved],
        "draws": None
        if draws is None
        else {
            "draws": draws.count,
            "seed": draws.seed,
            "target": draws.target,
            "spread": draws.spread,
            "events_came_percent": draws.odds,
        },
        "notices": list(report.notices),
    }


def _forecast(forecast: Forecast) -> dict[str, Any]:
    by_year = {
        f"by_{name}": forecast.cells.group_by("year", name, maintain_order=True).agg(
            pl.col("revenue").sum().cast(pl.Decimal(18, 2))
        )
        for name in BY
    }
    return {"years": forecast.years, **by_year}
