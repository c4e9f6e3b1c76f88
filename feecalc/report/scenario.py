"""The report of a forecast: what it says, what it rests on, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from feecalc.money import usd
from feecalc.report import outcome, premises
from feecalc.report.page import Cell, Page, Section, as_html
from feecalc.report.words import cents, clean, dollars, signed
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
    on: date | None = None,
) -> bytes:
    """One HTML file (UTF-8), whole in itself, to print or to send. ``on``: the day it is written, by default today.

    ``plan`` is the one that the others were made of; its release, localities and factors stand beside every figure.
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
        sections=[each for each in sections if each.blocks or each.notes or each.lead],
        written=on or date.today(),
    )
    return as_html(page)


def _millions(amount: Decimal) -> str:
    """Return ``$22.6 M``, for a headline; whole dollars below a million."""
    if abs(amount) < _MILLION:
        return dollars(amount)
    return signed(f"{usd(amount / _MILLION, 1)}\N{NO-BREAK SPACE}M")


def _notices(plan: Plan, notices: Sequence[str]) -> list[Cell]:
    """Return what a person must know, those that rest on an assumption marked."""
    names = [repr(each) for each in premises.assumptions(plan)]
    sentences = [clean(each[:1].upper() + each[1:]) for each in dict.fromkeys(notices)]
    return [Cell(each, any(clean(name) in each for name in names)) for each in sentences]


