"""The report of a forecast: results, assumptions and uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from feecalc.money import usd
from feecalc.report import outcome, premises
from feecalc.report.page import Cell, Page, Section, as_html
from feecalc.report.words import cents, clean, dollars, with_minus_sign
from feecalc.scenarios.forecast.alternatives import Compared
from feecalc.scenarios.forecast.draws import TOTAL, Draws
from feecalc.scenarios.forecast.plan import Plan
from feecalc.scenarios.forecast.result import Forecast
from feecalc.scenarios.forecast.tornado import Moved

_MILLION = 1_000_000


def scenario_report(
    plan: Plan,
    base: Forecast,
    compared: Sequence[Compared] = (),
    moved: Sequence[Moved] = (),
    draws: Draws | None = None,
    notices: Sequence[str] = (),
    *,
    written_on: date | None = None,
) -> bytes:
    """Return a forecast as one self-contained HTML file (UTF-8), to print or send.

    ``plan`` is the plan that the other results were made from; its release, localities and factors are printed below
    every table. ``written_on``: the date of the report, by default today.
    """
    scenario = plan.scenario
    first, last = plan.years[0], plan.years[-1]
    headline = [
        (f"Net of {first} to {last}", cents(base.total), "what comes in, less the cost of events"),
        *((f"Net of {year}", dollars(net), "") for year, net in base.years.select("year", "net").tail(1).iter_rows()),
    ]
    if draws is not None:
        (spread,) = [row for row in draws.spread.to_dicts() if row["period"] == TOTAL] or draws.spread.to_dicts()[:1]
        headline.append(
            (
                f"P10 to P90 in {draws.count:,} draws",
                f"{_millions(spread['p10'])} to {_millions(spread['p90'])}",
                f"middle {dollars(spread['p50'])}",
            )
        )
    sections = [
        Section("What to know first", notes=_notices(plan, notices)),
        *outcome.sections(plan, base, compared, moved, draws),
        *premises.sections(plan),
    ]
    page = Page(
        kind="Practice forecast",
        title=scenario.practice.name,
        subtitle=scenario.name,
        headline=headline,
        facts=premises.facts(plan),
        basis=premises.basis(plan),
        sections=[section for section in sections if section.blocks or section.notes or section.lead],
        written=written_on or date.today(),
    )
    return as_html(page)


def _millions(amount: Decimal) -> str:
    """Return an amount for a headline: ``$22.6 M``, or whole dollars below a million."""
    if abs(amount) < _MILLION:
        return dollars(amount)
    return with_minus_sign(f"{usd(amount / _MILLION, 1)}\N{NO-BREAK SPACE}M")


def _notices(plan: Plan, notices: Sequence[str]) -> list[Cell]:
    """Return notices as cells; those that depend on an assumption are marked."""
    names = [repr(text) for text in premises.assumptions(plan)]
    sentences = [clean(text[:1].upper() + text[1:]) for text in dict.fromkeys(notices)]
    return [Cell(text, any(clean(name) in text for name in names)) for text in sentences]
