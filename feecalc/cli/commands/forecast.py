"""``feecalc forecast``: a scenario's revenue by year, its alternatives, what moves it and how sure it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.terminal.arguments import target_option
from feecalc.cli.terminal.options import JsonOption, ReleaseOption, add_command
from feecalc.cli.terminal.output import print_json, say, show, wrapped
from feecalc.cli.terminal.output_files import (
    PAGES,
    PICTURES,
    check_table,
    refuse_clashes,
    refuse_other_endings,
    write_table,
)
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    import polars as pl

    from feecalc.cli.commands.forecast_report import Report
    from feecalc.facility.schedule import FacilitySchedule
    from feecalc.scenarios.forecast.opening import Opened
    from feecalc.scenarios.scenario.model import Scenario

_YEARS = 3


def register(app: typer.Typer) -> None:
    """Add the command ``forecast``."""
    add_command(
        app, "forecast", forecast, example="Example: feecalc forecast scenario.toml --years 3 --draws 10000 --seed 1"
    )


def forecast(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.toml", help="The scenario's file.", show_default=False)],
    years: Annotated[int, typer.Option("--years", metavar="N", help="Years to forecast after the base year.")] = _YEARS,
    draws: Annotated[
        int | None,
        typer.Option(
            "--draws", metavar="N", help="Random draws of events, volume and mix, such as 10000. Default: none."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="With --draws: the same seed gives the same numbers.")
    ] = 1,
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            metavar="USD",
            help="Net revenue a year, in dollars, for the chance of missing it. Default: the scenario's.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write every figure to this file: .csv, .parquet or .xlsx."
        ),
    ] = None,
    chart: Annotated[
        Path | None,
        typer.Option("--chart", metavar="FILE", help="Draw the forecast to this file: .png, .svg, .pdf or .html."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write a report to print, with pictures: .html.")
    ] = None,
    release: ReleaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forecast a practice's revenue, and compare alternatives.

    Revenue is by year, payer, category and location. The scenario's file describes the practice, its volumes, payers
    and their contracts, growth and dated events; an alternative is the same with a few things changed. Revenue is what
    is expected from payer and patient after denials, MIPS and sequestration; net is less the cost of events. All years
    are priced with one release: only events change the conversion factor, the GPCI floor, sequestration, sites and
    contracts.
    """
    from feecalc.scenarios.scenario.reading import read_scenario

    check_table(output)
    refuse_other_endings(chart, (*PICTURES, *PAGES), "picture")
    refuse_other_endings(report, PAGES, "report")
    refuse_clashes({"the scenario": scenario}, {"--report": report, "--chart": chart, "--output": output})
    model = read_scenario(scenario)
    wanted = model.target if target is None else target_option(target)
    opened, notices = _open(model, scenario.parent, years, release)
    from feecalc.cli.commands.forecast_report import Report, as_document, print_report
    from feecalc.scenarios.forecast import alternatives, result, tables, tornado
    from feecalc.scenarios.forecast.draws import draw, nothing_is_uncertain

    plan = opened.plan
    base = result.forecast(plan)
    compared = alternatives.compare_alternatives(plan, base)
    moved = tornado.tornado(plan)
    drawn = None if draws is None else draw(plan, draws, seed, wanted)
    notices += [*opened.notices, *plan.pots.notices]
    if drawn is not None and nothing_is_uncertain(model):
        notices.append("nothing in the scenario is uncertain: give events odds, and [uncertainty] its spreads")
    notices = list(dict.fromkeys(notices))
    for notice in notices:
        say(wrapped(notice))
    outcome = Report(model, plan.pots.schedule.release.name, base, compared, moved, drawn, notices)
    written = {}
    if output is not None:
        cells = tables.written_table([base, *(alternative.forecast for alternative in compared)])
        written[str(output)] = write_table(cells, output)
    if chart is not None:
        _draw(outcome, chart)
        written[str(chart)] = chart.stat().st_size
    if report is not None:
        from feecalc.files.atomic_write import atomic_write
        from feecalc.report.scenario import scenario_report

        page = scenario_report(plan, base, compared, moved, drawn, outcome.notices)
        with atomic_write(report) as temporary:
            written[str(report)] = temporary.write_bytes(page)
    if as_json:
        print_json({**as_document(outcome), "files": written})
        return
    print_report(outcome)
    for name, size in written.items():
        show()
        show(f"{name}: {size:,} bytes")


def _open(model: Scenario, folder: Path, years: int, release: str | None) -> tuple[Opened, list[str]]:
    from feecalc.installed import open_schedule, open_zip_directory
    from feecalc.scenarios.forecast.opening import needs_facility, open_plan

    opened = open_schedule(release or model.release)
    day = opened.schedule.release.first_date_of_service
    facility = _facility(opened.schedule.release.first_date_of_service) if needs_facility(model) else (None, [])
    zips = open_zip_directory(day=day)
    claims = None if model.claims is None else _claims(folder, model.claims, opened.schedule.release.name)
    plan = open_plan(model, folder, opened.schedule, years, facility=facility[0], zips=zips, claims=claims)
    return plan, [*opened.notices, *facility[1]]


def _claims(folder: Path, name: str, release: str) -> pl.LazyFrame:
    """Return the scenario's claim lines. Raises what reading claims raises, with the file's name."""
    from feecalc.errors import FeeCalcError
    from feecalc.runs.reading import read_claims

    if not (folder / name).is_file():
        raise InvalidValue(f"claims {name!r}: no such file beside the scenario")
    try:
        return read_claims(folder / name, release=release).frame
    except FeeCalcError as error:
        raise type(error)(f"claims {name!r}: {error}") from error


def _facility(day: object) -> tuple[FacilitySchedule | None, list[str]]:
    """Return the surgical centers' rates of the day and their notices; None where they are not installed."""
    from datetime import date

    from feecalc.errors import NotInstalled
    from feecalc.facility.lines import ASC
    from feecalc.facility.opening import open_facility
    from feecalc.ingest.store import Store

    assert isinstance(day, date)
    try:
        found = open_facility(Store(), day, (ASC,))
    except NotInstalled:
        return None, []
    return found, [text for notices in found.notices.values() for text in notices]


def _draw(report: Report, chart: Path) -> None:
    from feecalc.files.atomic_write import atomic_write
    from feecalc.scenarios.forecast.tables import fan_table, revenue_table, tornado_table

    found = {"revenue": revenue_table(report.base, "payer"), "tornado": tornado_table(report.moved)}
    if report.draws is not None:
        found["fan"] = fan_table(report.base, report.draws)
    title = f"{report.scenario.practice.name}: {report.scenario.name}"
    with atomic_write(chart) as temporary:
        if chart.suffix.lower() == ".html":
            import altair as alt

            from feecalc.charts import forecast as pictures

            drawn: dict[str, Any] = {
                "revenue": pictures.revenue_by_year,
                "fan": pictures.fan,
                "tornado": pictures.tornado,
            }
            parts = [drawn[name](found[name]) for name in drawn if name in found]
            page = alt.vconcat(*parts, title=title).resolve_scale(color="independent")
            temporary.write_text(page.to_html(inline=False), encoding="utf-8")
        else:
            from feecalc.charts.forecast_figure import write_forecast

            write_forecast(temporary, found, title, chart.suffix.lower().removeprefix("."))
