"""Assumptions in a forecast's report: release, localities, factors by year, practice, payers, events, sources."""

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
    """Return the facts at the head of the report, label and value."""
    release, scenario = plan.pots.schedule.release, plan.scenario
    files = [location.volume or scenario.volume for location in scenario.location]
    starter = "; starter data, a selection of services" if release.starter else ""
    return [
        ("Release", f"{release.name}, from {long_day(release.first_date_of_service)}{starter}"),
        ("Localities", "; ".join(_label(plan, location) for location in scenario.location)),
        ("Conversion factor", "; ".join(_factors(plan))),
        ("Volume", f"{', '.join(dict.fromkeys(filter(None, files)))}, counted in {scenario.base_year}"),
        ("Years", f"{plan.years[0]} to {plan.years[-1]}"),
    ]


def basis(plan: Plan) -> str:
    """Return release, localities and factors in one line, printed below every table."""
    places = "; ".join(dict.fromkeys(_label(plan, location) for location in plan.scenario.location))
    return f"{plan.pots.schedule.release.name} · {places} · conversion factor {'; '.join(_factors(plan))} · USD"


def assumptions(plan: Plan) -> list[str]:
    """Return the named assumptions used by events of the scenario and of its alternatives."""
    scenario = plan.scenario
    events = [*scenario.event, *(event for alternative in scenario.alternative for event in alternative.event)]
    names = (event.assumption for event in events if isinstance(event, FactorChange) and event.assumption)
    return list(dict.fromkeys(names))


def sections(plan: Plan) -> list[Section]:
    """Return the sections on assumptions and sources."""
    return [
        Section("Assumptions", "Medicare's rules by day, and the practice and its payers as assumed.",
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
    """Return the factor from each day on which it changes, with the assumed ones marked."""
    factors: list[str] = []
    last: Decimal | None = None
    for first, factor, assumed in _factor_days(plan):
        if factor != last:
            since = f"from {first}" if factors else f"in {plan.scenario.base_year}"
            factors.append(f"${factor} {since}{' (assumed, not law)' if assumed else ''}")
        last = factor
    return factors


def _factor_days(plan: Plan) -> Iterator[tuple[date, Decimal, bool]]:
    """Yield first day, conversion factor and whether it is assumed, for each span of days."""
    for span in plan.spans:
        state = plan.state(span.first, all_events(plan.scenario))
        law_factor = Decimal(conversion_factor(plan.pots.day).value)
        factor = law_factor if state.medicare.factor is None else state.medicare.factor
        yield span.first, factor, _is_assumed(plan, span.first)


def _is_assumed(plan: Plan, day: date) -> bool:
    changes = [event for event in plan.scenario.event if isinstance(event, FactorChange) and event.applies_on(day)]
    last = max(changes, key=lambda event: event.effective_from, default=None)
    return last is not None and last.assumption is not None


def _rules(plan: Plan) -> Table:
    """Return a table of the conversion factors, GPCI floor and sequestration by days."""
    has_qp = any(provider.qp for provider in (*plan.scenario.providers, *_hired(plan)))
    rows: list[list[Cell]] = []
    for (first, factor, assumed), span in zip(_factor_days(plan), plan.spans, strict=True):
        state = plan.state(first, all_events(plan.scenario))
        qp = state.medicare.qp_factor
        qp_factor = conversion_factor(plan.pots.day, qp=True).value if has_qp and qp is None else str(qp)
        values = [
            Cell(f"${factor}", assumed), *([Cell(f"${qp_factor}", assumed)] if has_qp else []),
            *cells("taken" if state.medicare.floor else "ended", percent(state.sequestration)),
        ]  # fmt: skip
        if rows and rows[-1][2:] == values:
            rows[-1][1] = Cell(str(span.last))
        else:
            rows.append([*cells(first, span.last), *values])
    qp_heading = ["factor of QPs"] if has_qp else []
    headings = ["from", "to", "conversion factor", *qp_heading, "work GPCI floor", "sequestration"]
    return Table("Basis of Medicare's amounts if all events happen", headings, rows, figures=False, left=2)


def _hired(plan: Plan) -> Iterator[Provider]:
    scenario = plan.scenario
    added = (event for alternative in scenario.alternative for event in alternative.event)
    events: list[Event] = [*scenario.event, *added]
    return (event.provider for event in events if isinstance(event, Hire))


def _label(plan: Plan, location: Location) -> str:
    """Return a location's locality as the release names it."""
    if location.locality.strip().lower() == _NATIONAL:
        return f"{location.name}: national"
    try:
        return f"{location.name}: {plan.pots.schedule.find_locality(location.locality).label}"
    except InputError:  # its rows name their own
        return f"{location.name}: {location.locality}"


def _locations(plan: Plan) -> Table:
    has_centers = any(location.asc_share for location in plan.scenario.location)
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
            payer.name, _terms(payer), percent(payer.share), percent(payer.denial_rate), percent(payer.collection_rate),
            percent(payer.growth), "–" if payer.facility_percent is None else percent(payer.facility_percent),
        )
        for payer in plan.scenario.payer
    ]  # fmt: skip
    headings = ("payer", "pays", "share", "denied for good", "collected of the rest", "growth a year", "facility")
    return Table("Payers in the base year", headings, rows, figures=False, left=2)


def _terms(payer: Payer) -> str:
    kind = payer.pays_by
    if kind == MEDICARE:
        return "Medicare's amounts"
    if kind in (PERCENT, CHARGE):
        base = "Medicare" if kind == PERCENT else "the charge"
        return f"{percent(getattr(payer, kind))} of {base}"
    return f"contract {payer.contract}"


def _growth(plan: Plan) -> Table:
    """Return a table of growth and of the steps by which assumptions are varied; usual sizes are feecalc's own."""
    growth = plan.scenario.growth
    rows = [cells("growth of the volume", "percent a year", percent(growth.volume), "the scenario")]
    rows += [
        cells(f"growth of {name}", "percent a year", percent(rate), "the scenario")
        for name, rate in growth.category.items()
    ]
    rows += [
        [*cells(f"step of {name.replace('_', ' ')}", _unit(plan, name)), Cell(f"±{plain(size)}", not is_own_size),
         *cells("the scenario" if is_own_size else "the usual size")]
        for name, (size, is_own_size) in sizes(plan.scenario).items()
    ]  # fmt: skip
    headings = ("what", "in", "value", "from")
    return Table("Growth, and the steps of the sensitivity analysis", headings, rows, figures=False, left=2)


def _unit(plan: Plan, name: str) -> str:
    """Return the unit of a step."""
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
    usual_sizes = [name for name, (_, is_own_size) in sizes(plan.scenario).items() if not is_own_size]
    if usual_sizes:
        listed = ", ".join(name.replace("_", " ") for name in usual_sizes)
        source = reference.row_on("scenario_sensitivity", day, kind=usual_sizes[0])["source"]
        yield Cell(f"Steps of the usual size ({listed}): {source}", assumed=True)
