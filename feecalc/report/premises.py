"""What a forecast rests on, for its report: release, places, factors by year, practice, payers, events, sources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from feecalc import reference
from feecalc.errors import InputError
from feecalc.pricing.rules.conversion_factor import conversion_factor
from feecalc.report.page import Cell, Section, Table, cells
from feecalc.report.words import dollars, long_day, percent, plain
from feecalc.scenarios.forecast.plan import Plan
from feecalc.scenarios.forecast.timeline import all_events
from feecalc.scenarios.forecast.tornado import sizes
from feecalc.scenarios.scenario.events import Event, FactorChange, Hire
from feecalc.scenarios.scenario.parts import CHARGE, MEDICARE, PERCENT, Location, Payer, Provider

_NATIONAL = "national"
_KINDS = {
    "conversion_factor": "conversion factor", "gpci_floor_lapse": "GPCI floor ends", "sequestration": "sequestration",
    "site_shift": "site of service", "hire": "hire", "contract_renewal": "contract", "payer_mix": "payer mix",
}  # fmt: skip
_REFERENCE: tuple[tuple[str, str, dict[str, str | None]], ...] = (
    ("Sequestration", "sequestration", {}),
    ("Coinsurance", "coinsurance", {"kind": "general"}),
    ("Work GPCI floor", "work_gpci_floor", {"state": None}),
)


def facts(plan: Plan) -> list[tuple[str, str]]:
    """Return label and value, for the head of the report."""
    release, scenario = plan.pots.schedule.release, plan.scenario
    files = [location.volume or scenario.volume for location in scenario.location]
    starter = "; starter data, a selection of services" if release.starter else ""
    return [
        ("Release", f"{release.name}, from {long_day(release.first_date_of_service)}{starter}"),
        ("Localities", "; ".join(_label(plan, each) for each in scenario.location)),
        ("Conversion factor", "; ".join(_factors(plan))),
        ("Volume", f"{', '.join(dict.fromkeys(filter(None, files)))}, counted in {scenario.base_year}"),
        ("Years", f"{plan.years[0]} to {plan.years[-1]}"),
    ]


def basis(plan: Plan) -> str:
    """Release, localities and factors in one line, for below every figure."""
    places = "; ".join(dict.fromkeys(_label(plan, location) for location in plan.scenario.location))
    return f"{plan.pots.schedule.release.name} · {places} · conversion factor {'; '.join(_factors(plan))} · USD"


def assumptions(plan: Plan) -> list[str]:
    """Return the named assumptions that events of the scenario and its alternatives rest on."""
    scenario = plan.scenario
    events = [*scenario.event, *(event for alternative in scenario.alternative for event in alternative.event)]
    used = (each.assumption for each in events if isinstance(each, FactorChange) and each.assumption)
    return list(dict.fromkeys(used))


def sections(plan: Plan) -> list[Section]:
    """Events, what holds when, the practice and its payers, the sources."""
    return [
        Section("Assumptions", "What holds in which days, and what the practice and its payers are taken to be.",
                [_rules(plan), _locations(plan), *_providers(plan), _payers(plan), _growth(plan)], new_page=True),
        Section("Sources", notes=list(_sources(plan))),
    ]  # fmt: skip


def events(plan: Plan) -> Table:
    """Return the scenario's events as a table."""
    rows = []
    for event in plan.scenario.event:
        assumed = isinstance(event, FactorChange) and event.assumption is not None
        end = "on" if event.effective_to is None else f"to {event.effective_to}"
        cost = dollars(event.cost) if event.cost else ""
        rows.append(
            [
                Cell(event.name, assumed),
                *cells(_KINDS[event.kind], f"{event.effective_from} {end}", percent(event.odds), cost),
            ]
        )
    headings = ("event", "what changes", "days", "odds", "cost a year")
    return Table("Events", headings, rows, figures=False, left=3)


def _factors(plan: Plan) -> list[str]:
    """Return the factor from each day on which it changes, the assumed ones told."""
    found: list[str] = []
    last: Decimal | None = None
    for first, factor, assumed in _factor_days(plan):
        if factor != last:
            since = f"from {first}" if found else f"in {plan.scenario.base_year}"
            found.append(f"${factor} {since}{' (assumed, not law)' if assumed else ''}")
        last = factor
    return found


def _factor_days(plan: Plan) -> Iterator[tuple[date, Decimal, bool]]:
    """Yield first day, factor, whether assumed, of each span."""
    for span in plan.spans:
        state = plan.state(span.first, all_events(plan.scenario))
        own = Decimal(conversion_factor(plan.pots.day).value)
        factor = own if state.medicare.factor is None else state.medicare.factor
        yield span.first, factor, _is_assumed(plan, span.first)


def _is_assumed(plan: Plan, day: date) -> bool:
    holding = [event for event in plan.scenario.event if isinstance(event, FactorChange) and event.holds_on(day)]
    last = max(holding, key=lambda each: each.effective_from, default=None)
    return last is not None and last.assumption is not None


def _rules(plan: Plan) -> Table:
    """Return what Medicare's amounts rest on, in days."""
    has_qp = any(each.qp for each in (*plan.scenario.providers, *_hired(plan)))
    rows: list[list[Cell]] = []
    for (first, factor, assumed), span in zip(_factor_days(plan), plan.spans, strict=True):
        state = plan.state(first, all_events(plan.scenario))
        qp = state.medicare.qp_factor
        own = conversion_factor(plan.pots.day, qp=True).value if has_qp and qp is None else str(qp)
        values = [
            Cell(f"${factor}", assumed), *([Cell(f"${own}", assumed)] if has_qp else []),
            *cells("taken" if state.medicare.floor else "ended", percent(state.sequestration)),
        ]  # fmt: skip
        if rows and rows[-1][2:] == values:
            rows[-1][1] = Cell(str(span.last))
        else:
            rows.append([*cells(first, span.last), *values])
    qp_heading = ["factor of QPs"] if has_qp else []
    headings = ["from", "to", "conversion factor", *qp_heading, "work GPCI floor", "sequestration"]
    return Table("What Medicare's amounts rest on, when all events come", headings, rows, figures=False, left=2)


def _hired(plan: Plan) -> Iterator[Provider]:
    scenario = plan.scenario
    added = (event for alternative in scenario.alternative for event in alternative.event)
    events: list[Event] = [*scenario.event, *added]
    return (each.provider for each in events if isinstance(each, Hire))


def _label(plan: Plan, location: Location) -> str:
    """Return a location's locality as the release names it."""
    if location.locality.strip().lower() == _NATIONAL:
        return f"{location.name}: national"
    try:
        return f"{location.name}: {plan.pots.schedule.find_locality(location.locality).label}"
    except InputError:  # its rows name their own
        return f"{location.name}: {location.locality}"


def _locations(plan: Plan) -> Table:
    has_centers = any(each.asc_share for each in plan.scenario.location)
    rows = [
        cells(
            location.name, _label(plan, location).removeprefix(f"{location.name}: "),
            "its own rows" if location.share is None else percent(location.share),
            *([f"{percent(location.asc_share)} of {location.cbsa or 'no area'}"] if has_centers else []),
        )
        for location in plan.scenario.location
    ]  # fmt: skip
    more = ["surgery center"] if has_centers else []
    return Table("Locations", ("location", "locality", "share of the volume", *more), rows, figures=False, left=2)


def _providers(plan: Plan) -> list[Table]:
    rows = [
        cells(
            provider.name, provider.provider_type, "yes" if provider.qp else "no", percent(provider.mips_percent),
            percent(provider.share)
        )
        for provider in plan.scenario.provider
    ]  # fmt: skip
    headings = ("who", "provider type", "QP", "MIPS", "share of the units")
    return [Table("Providers", headings, rows, figures=False, left=2)] if rows else []


def _payers(plan: Plan) -> Table:
    rows = [
        cells(
            each.name, _terms(each), percent(each.share), percent(each.denial_rate), percent(each.collection_rate),
            percent(each.growth), "–" if each.facility_percent is None else percent(each.facility_percent),
        )
        for each in plan.scenario.payer
    ]  # fmt: skip
    headings = ("payer", "pays", "share", "denied for good", "collected of the rest", "growth a year", "facility")
    return Table("Payers in the base year", headings, rows, figures=False, left=2)


def _terms(payer: Payer) -> str:
    kind = payer.pays_by
    if kind == MEDICARE:
        return "Medicare's amounts"
    if kind in (PERCENT, CHARGE):
        of = "Medicare" if kind == PERCENT else "the charge"
        return f"{percent(getattr(payer, kind))} of {of}"
    return f"contract {payer.contract}"


def _growth(plan: Plan) -> Table:
    """Return growth, and how far each thing is moved to see what it does; the usual sizes are this project's."""
    growth = plan.scenario.growth
    rows = [cells("growth of the volume", "percent a year", percent(growth.volume), "the scenario")]
    rows += [
        cells(f"growth of {name}", "percent a year", percent(rate), "the scenario")
        for name, rate in growth.category.items()
    ]
    rows += [
        [*cells(f"step of {name.replace('_', ' ')}", _unit(plan, name)), Cell(f"±{plain(size)}", not own),
         *cells("the scenario" if own else "the usual size")]
        for name, (size, own) in sizes(plan.scenario).items()
    ]  # fmt: skip
    headings = ("what", "in", "value", "from")
    return Table("Growth, and the steps of what moves the forecast", headings, rows, figures=False, left=2)


def _unit(plan: Plan, name: str) -> str:
    """Return what a step is counted in."""
    unit: str = reference.row_on("scenario_sensitivity", plan.pots.day, kind=name)["unit"]
    return unit


def _sources(plan: Plan) -> Iterator[Cell]:
    release, day = plan.pots.schedule.release, plan.pots.day
    yield Cell(f"{release.name}: CMS's {release.source_name}, SHA-256 {release.sha256}")
    factor = conversion_factor(day)
    yield Cell(f"Conversion factor ${factor.value} of {day.year}: {factor.source}")
    for name in assumptions(plan):
        for row in reference.rows("proposed_factor"):
            if row["name"] == name:
                yield Cell(f"{name}, {row['track']}: ${row['value']} per RVU; {row['source']}", assumed=True)
    for label, name, key in _REFERENCE:
        for row in reference.rows_on(name, day, **key):
            yield Cell(f"{label}, {row['value']}: {row['source']}", assumed=row.get("basis") == "assumed")
    usual = [name for name, (_, own) in sizes(plan.scenario).items() if not own]
    if usual:
        listed = ", ".join(name.replace("_", " ") for name in usual)
        source = reference.row_on("scenario_sensitivity", day, kind=usual[0])["source"]
        yield Cell(f"Steps of the usual size ({listed}): {source}", assumed=True)
