"""Result sections of a forecast's report: revenue by year, alternatives, odds, sensitivity, events; with pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from feecalc.report import premises
from feecalc.report.page import Cell, Picture, Section, Table, cells
from feecalc.report.words import break_even_cells, dollars, percent, signed_dollars, with_minus_sign
from feecalc.scenarios.forecast.alternatives import Compared
from feecalc.scenarios.forecast.draws import Draws
from feecalc.scenarios.forecast.plan import Plan
from feecalc.scenarios.forecast.result import BY, Forecast
from feecalc.scenarios.forecast.tables import fan_table, revenue_table, tornado_table
from feecalc.scenarios.forecast.tornado import Moved

_MOST_BARS = 7  # payers with a color of their own
_MOST_ALTERNATIVES = 12
_OTHERS = "all others"


def sections(
    plan: Plan, base: Forecast, compared: Sequence[Compared], moved: Sequence[Moved], draws: Draws | None
) -> list[Section]:
    """Return the result sections in the order of the report; an empty section has no blocks."""
    return [
        _revenue(base),
        _alternatives(base, compared),
        *([] if draws is None else [_odds(base, draws)]),
        _sensitivity(moved),
        _events(plan),
    ]


def _revenue(base: Forecast) -> Section:
    from feecalc.charts.forecast_figure import picture, revenue_by_year

    years = base.years
    names = ["revenue", "cost", "net"] if years["cost"].sum() else ["revenue"]
    rows = [cells({"cost": "cost of events"}.get(name, name), *map(dollars, years[name])) for name in names]
    totals = ", ".join(f"{year} {dollars(amount)}" for year, amount in years.select("year", "revenue").iter_rows())
    tables = [Table(f"By {what}", (what, *_years(base)), _rows(base.by(what))) for what in BY if _is_split(base, what)]
    drawn = picture(revenue_by_year, _highest_groups(revenue_table(base, "payer")), 2.9)
    return Section(
        "Revenue by year",
        "Expected revenue from payers and patients after denials, in whole dollars. The first year is the base year.",
        [
            Table("Total", ("", *_years(base)), rows, last_is_total=len(rows) > 1),
            Picture("Revenue by year and payer", drawn, f"Stacked bars, revenue of all payers: {totals}"),
            *tables,
        ],
    )  # fmt: skip


def _years(base: Forecast) -> list[str]:
    return [str(year) for year in base.years["year"]]


def _is_split(base: Forecast, what: str) -> bool:
    return base.cells[what].n_unique() > 1


def _rows(wide: pl.DataFrame) -> list[list[Cell]]:
    return [cells(name, *map(dollars, amounts)) for name, *amounts in wide.iter_rows()]


def _highest_groups(table: pl.DataFrame) -> pl.DataFrame:
    """Return the highest groups by name and the rest as one group, stacked: ``below`` is where a bar begins."""
    kept = table["group"].unique(maintain_order=True).head(_MOST_BARS)
    group = pl.when(pl.col("group").is_in(kept.implode())).then("group").otherwise(pl.lit(_OTHERS)).alias("group")
    summed = table.with_columns(group).group_by("group", "year", maintain_order=True).agg(pl.col("revenue").sum())
    below = (pl.col("revenue").cum_sum() - pl.col("revenue")).over("year").alias("below")
    return summed.with_columns(below)


def _alternatives(base: Forecast, compared: Sequence[Compared]) -> Section:
    years = _years(base)[1:]
    plans = [("as planned", base, Decimal(0))]
    plans += [(alternative.forecast.name, alternative.forecast, alternative.difference) for alternative in compared]
    rows = [
        cells(
            name,
            *map(dollars, alternative.years["net"].to_list()[1:]),
            dollars(alternative.total),
            signed_dollars(difference),
        )
        for name, alternative, difference in plans
    ]
    blocks = [Table("Net of each", ("", *years, "all years", "difference"), rows)]
    for alternative in compared[:_MOST_ALTERNATIVES]:
        break_even_rows = [
            cells(*map(with_minus_sign, break_even_cells(break_even))) for break_even in alternative.break_even
        ]
        headings = ("", "now", "break-even", "it pays")
        blocks.append(
            Table(f"{alternative.forecast.name} nets as much as planned, all else equal, at", headings, break_even_rows)
        )
    lead = "Each alternative compared with the forecast as planned, and its break-even."
    return Section("Alternatives and break-even", lead, blocks, new_page=True) if compared else Section("Alternatives")


def _odds(base: Forecast, draws: Draws) -> Section:
    from feecalc.charts.forecast_figure import fan, picture

    spread, target = draws.spread, draws.target
    chance_heading = [] if target is None else [f"below {dollars(target)} a year"]
    rows = [
        cells(
            row["period"], *(dollars(row[name]) for name in ("p10", "p50", "p90", "mean")),
            *([] if target is None else [percent(row["chance_to_miss"])]),
        )
        for row in spread.to_dicts()
    ]  # fmt: skip
    words = "; ".join(f"{row['period']} {dollars(row['p10'])} to {dollars(row['p90'])}" for row in spread.to_dicts())
    event_rows = [cells(name, percent(share)) for name, share in draws.odds.items()]
    blocks: list[Table | Picture] = [
        Table("Net in the draws", ("", "P10", "P50", "P90", "mean", *chance_heading), rows),
        *(
            [Table("Share of the draws with the event", ("event", "draws"), event_rows, figures=False)]
            if event_rows
            else []
        ),
    ]
    if len(base.years) > 2:
        svg = picture(fan, fan_table(base, draws), 2.8)
        blocks.insert(0, Picture("The fan of the odds", svg, f"Net by year, from P10 to P90: {words}"))
    lead = (
        f"{draws.count:,} random draws, seed {draws.seed}: one in ten nets less than P10, one in ten more than P90. An "
        "estimate from the scenario's own odds and spreads."
    )
    return Section("How sure it is", lead, blocks, new_page=True)


def _sensitivity(moved: Sequence[Moved]) -> Section:
    from feecalc.charts.forecast_figure import picture, tornado

    if not moved:
        return Section("What moves it")
    table = tornado_table(moved)
    rows = [
        cells(
            change.what, with_minus_sign(change.low), signed_dollars(change.low_difference), change.high,
            signed_dollars(change.high_difference),
        )
        for change in moved
    ]  # fmt: skip
    most = "; ".join(f"{change.what} {signed_dollars(change.low_difference)}, {signed_dollars(change.high_difference)}"
                     for change in moved[:3])  # fmt: skip
    return Section(
        "What moves it",
        "The change in net over all years when one assumption changes and the others stay.",
        [
            Picture("What moves most", picture(tornado, table, 3.4), f"Bars from zero, the greatest first: {most}"),
            Table("From and to", ("", "from", "change", "to", "change"), rows),
        ],
        new_page=True,
    )


def _events(plan: Plan) -> Section:
    from feecalc.charts.forecast_figure import events_figure, picture

    events = plan.scenario.event
    if not events:
        return Section("Events", "None: payment stays as in the base year.")
    first, last = plan.scenario.base_year, plan.years[-1] + 1
    rows = []
    for event in sorted(events, key=lambda event: event.effective_from):
        end = last if event.effective_to is None else min(last, _as_year(event.effective_to))
        begin = min(max(first, _as_year(event.effective_from)), last)
        rows.append((event.name, begin, max(begin, end), float(event.odds), percent(event.odds), first, last))
    schema = {"name": pl.String, "begins": pl.Float64, "ends": pl.Float64, "odds": pl.Float64, "words": pl.String,
              "axis_first": pl.Float64, "axis_last": pl.Float64}  # fmt: skip
    table = pl.DataFrame(rows, schema=schema, orient="row")
    words = "; ".join(f"{event.name} from {event.effective_from}" for event in events[:6])
    drawn = picture(events_figure, table, 0.8 + 0.32 * min(len(rows), 12))
    return Section(
        "Events",
        "With their odds in percent. In the forecast every event happens; in the draws as often as its odds.",
        [Picture("When what changes", drawn, f"A bar for each event: {words}"), premises.events(plan)],
    )


def _as_year(day: date) -> float:
    """Return a day as a fraction of years: July 2, 2027 as 2027.5."""
    opening = date(day.year, 1, 1)
    return day.year + (day - opening).days / (date(day.year + 1, 1, 1) - opening).days
