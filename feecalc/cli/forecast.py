"""``feecalc forecast``: a scenario's revenue by year, its alternatives, what moves it and how sure it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.options import ReleaseOption
from feecalc.cli.output import JsonOption, print_json, quoted, say, show, wrapped
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from decimal import Decimal

    import polars as pl

    from feecalc.facility.schedule import FacilitySchedule
    from feecalc.scenarios.forecast.opening import Opened
    from feecalc.scenarios.scenario.model import Scenario

_YEARS = 3
_PICTURES = (".png", ".svg", ".pdf", ".html")
_REPORT = ".html"


def register(app: typer.Typer) -> None:
    """Add the command ``forecast``."""
    app.command("forecast", epilog="Example: feecalc forecast scenario.toml --years 3 --draws 10000 --seed 1")(forecast)


def forecast(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.toml", help="The scenario's file.", show_default=False)],
    years: Annotated[int, typer.Option("--years", metavar="N", help="Years after the base year.")] = _YEARS,
    draws: Annotated[
        int | None, typer.Option("--draws", metavar="N", help="Draw events, volume and mix so often, as 10000.")
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="With --draws: the same seed, the same numbers.")
    ] = 1,
    target: Annotated[
        str | None,
        typer.Option("--target", metavar="USD", help="Net a year, for the chance to miss it. Default: the scenario's."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write every cell: .csv, .xlsx or .parquet."),
    ] = None,
    chart: Annotated[
        Path | None, typer.Option("--chart", metavar="FILE", help="Draw the forecast: .png, .svg, .pdf or .html.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write all of it to print, with pictures: .html.")
    ] = None,
    release: ReleaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revenue by year, payer, category and location, and its alternatives.

    The scenario's file says the practice, its volumes, payers and their contracts, growth and events with dates; an
    alternative is the same with a few things changed. Revenue is what is expected to come in from payer and patient
    after denials, MIPS and sequestration; net is less the cost of events. All years are priced by one release: only
    events change the conversion factor, the GPCI floor, sequestration, sites and contracts.
    """
    from feecalc.scenarios.scenario.reading import read_scenario

    _refuse_endings(output, chart, report)
    asked = read_scenario(scenario)
    wanted = asked.target if target is None else _target(target)
    opened, notices = _open(asked, scenario.parent, years, release)
    from feecalc.cli.forecast_report import Report, as_document, print_report
    from feecalc.scenarios.forecast import alternatives, result, tables, tornado
    from feecalc.scenarios.forecast.draws import draw, nothing_is_uncertain

    plan = opened.plan
    base = result.forecast(plan)
    compared = alternatives.compare_alternatives(plan, base)
    moved = tornado.tornado(plan)
    drawn = None if draws is None else draw(plan, draws, seed, wanted)
    notices += [*opened.notices, *plan.pots.notices]
    if drawn is not None and nothing_is_uncertain(asked):
        notices.append("nothing in the scenario is uncertain: give events odds, and [uncertainty] its spreads")
    for notice in dict.fromkeys(notices):
        say(wrapped(notice))
    told = Report(asked, plan.pots.schedule.release.name, base, compared, moved, drawn, tuple(dict.fromkeys(notices)))
    written = {}
    if output is not None:
        from feecalc.cli.writing import write_table

        cells = tables.written_table([base, *(each.forecast for each in compared)])
        written[str(output)] = write_table(cells, output)
    if chart is not None:
        _draw(told, chart)
        written[str(chart)] = chart.stat().st_size
    if report is not None:
        from feecalc.files.atomic_write import atomic_write
        from feecalc.report.scenario import scenario_report

        page = scenario_report(plan, base, compared, moved, drawn, told.notices)
        with atomic_write(report) as temporary:
            written[str(report)] = temporary.write_bytes(page)
    if as_json:
        print_json({**as_document(told), "files": written})
        return
    print_report(told)
    for name, size in written.items():
        show()
        show(f"{name}: {size:,} bytes")


def _refuse_endings(output: Path | None, chart: Path | None, report: Path | None) -> None:
    """A wrong ending, or one file for two things, is said before the work, not after."""
    if output is not None:
        from feecalc.cli.writing import writer_of

        writer_of(output)
    if chart is not None and chart.suffix.lower() not in _PICTURES:
        raise InvalidValue(f"{quoted(str(chart))}: the picture's name must end in {', '.join(_PICTURES)}")
    if report is not None and report.suffix.lower() != _REPORT:
        raise InvalidValue(f"{quoted(str(report))}: the report's name must end in {_REPORT}")
    if report is not None and chart is not None and report.resolve() == chart.resolve():
        raise InvalidValue(f"--report and --chart are both {quoted(str(report))}; give one of them another name")


def _target(text: str) -> Decimal:
    from decimal import Decimal, InvalidOperation

    try:
        amount = Decimal(text.replace(",", "").removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise InvalidValue(f"{quoted(text)} is not an amount; write --target 1200000")
    return amount


def _open(asked: Scenario, folder: Path, years: int, release: str | None) -> tuple[Opened, list[str]]:
    from feecalc.installed import open_schedule, open_zip_directory
    from feecalc.scenarios.forecast.opening import needs_facility, open_plan

    opened = open_schedule(release or asked.release)
    day = opened.schedule.release.first_date_of_service
    facility = _facility(opened.schedule.release.first_date_of_service) if needs_facility(asked) else (None, [])
    zips = open_zip_directory(day=day)
    claims = None if asked.claims is None else _claims(folder, asked.claims, opened.schedule.release.name)
    plan = open_plan(asked, folder, opened.schedule, years, facility=facility[0], zips=zips, claims=claims)
    return plan, [*opened.notices, *facility[1]]


def _claims(folder: Path, name: str, release: str) -> pl.LazyFrame:
    """The scenario's claim lines. Raises what reading claims raises, the file named."""
    from feecalc.errors import FeeCalcError
    from feecalc.runs.reading import read_claims

    if not (folder / name).is_file():
        raise InvalidValue(f"claims {name!r}: no such file beside the scenario")
    try:
        return read_claims(folder / name, release=release).frame
    except FeeCalcError as error:
        raise type(error)(f"claims {name!r}: {error}") from error


def _facility(day: object) -> tuple[FacilitySchedule | None, list[str]]:
    """The surgery centers' rates of the day, where they are installed."""
    from datetime import date

    from feecalc.errors import NotInstalled
    from feecalc.facility.columns import ASC
    from feecalc.facility.opening import open_facility
    from feecalc.ingest.store import Store

    assert isinstance(day, date)
    try:
        found = open_facility(Store(), day, (ASC,))
    except NotInstalled:
        return None, []
    return found, [text for told in found.notices.values() for text in told]


def _draw(report: object, chart: Path) -> None:
    from feecalc.cli.forecast_report import Report
    from feecalc.files.atomic_write import atomic_write
    from feecalc.scenarios.forecast.tables import fan_table, revenue_table, tornado_table

    assert isinstance(report, Report)
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
