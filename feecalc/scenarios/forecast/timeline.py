"""A scenario's years cut where an event begins or ends, and what holds within each part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from feecalc import reference
from feecalc.errors import InvalidValue
from feecalc.money import FACTOR_PLACES, rounded_to
from feecalc.pricing.rules.conversion_factor import QP, anesthesia_conversion_factor, conversion_factor, has_qp_track
from feecalc.scenarios.scenario.events import (
    ContractRenewal,
    Event,
    FactorChange,
    FloorLapse,
    Hire,
    MixChange,
    SequestrationChange,
    SiteShift,
)
from feecalc.scenarios.scenario.model import Scenario
from feecalc.scenarios.scenario.parts import PayerTerms

_DAY = timedelta(days=1)
_HUNDRED = Decimal(100)

Happening = frozenset[int]  # the numbers of the events, from 0, that come to pass


@dataclass(frozen=True)
class Span:
    """Days of one year in which nothing changes, both ends included."""

    year: int
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def days_of(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


def spans(scenario: Scenario, years: Iterable[int], also: Iterable[date] = ()) -> tuple[Span, ...]:
    """Return the parts of the years between the first days and the ends of all events, and the days of ``also``."""
    starts = {*also, *(event.effective_from for event in scenario.event)}
    starts |= {
        event.effective_to + _DAY for event in scenario.event if event.effective_to and event.effective_to < date.max
    }
    starts |= {row["effective_from"] for row in reference.rows("sequestration")}
    found = []
    for year in years:
        opening, end = date(year, 1, 1), date(year + 1, 1, 1)
        cuts = sorted({opening, *(day for day in starts if opening < day < end)})
        found += [Span(year, first, after - _DAY) for first, after in zip(cuts, [*cuts[1:], end], strict=True)]
    return tuple(found)


@dataclass(frozen=True)
class MedicareState:
    """What Medicare's amounts rest on: the factors, None for the release's own, and whether the floor is taken.

    ``anesthesia`` is what the anesthesia factors of all localities are multiplied by.
    """

    factor: Decimal | None = None
    qp_factor: Decimal | None = None
    floor: bool = True
    anesthesia: Fraction = Fraction(1)


@dataclass(frozen=True)
class TermsInForce:
    """A payer's terms on a day: the kind, the percent or file, and percents on top of one another since."""

    kind: str
    value: Decimal | str | None
    change: Decimal = Decimal(1)


@dataclass(frozen=True)
class State:
    """What holds in a span for one set of events that come to pass. ``cost``: USD a year."""

    day: date
    medicare: MedicareState
    sequestration: Decimal  # percent
    terms: tuple[TermsInForce, ...]  # of each payer
    shares: tuple[Decimal, ...]  # percent of the units, of each payer; empty where the volume names them
    shifts: tuple[SiteShift, ...]
    hires: tuple[Hire, ...]
    cost: Decimal


def state_on(scenario: Scenario, day: date, happening: Happening, priced_on: date) -> State:
    """Return what holds on ``day``. ``priced_on``: the release's day, whose factor a percent changes."""
    active = [event for number, event in enumerate(scenario.event) if number in happening and event.applies_on(day)]
    active.sort(key=lambda event: event.effective_from)  # of one kind and target the last begun holds
    medicare, shares = MedicareState(), tuple(payer.share for payer in scenario.payer if payer.share is not None)
    sequestration = Decimal(reference.row_on("sequestration", day)["value"])
    terms = {payer.name: _terms(payer) for payer in scenario.payer}
    for event in active:
        if isinstance(event, FactorChange):
            factor, qp_factor = factors_of(event, priced_on)
            medicare = MedicareState(factor, qp_factor, medicare.floor, anesthesia_change(event, priced_on))
        elif isinstance(event, FloorLapse):
            medicare = replace(medicare, floor=False)
        elif isinstance(event, SequestrationChange):
            sequestration = event.percent
        elif isinstance(event, MixChange):
            shares = tuple(event.share[payer.name] for payer in scenario.payer)
        elif isinstance(event, ContractRenewal):
            terms[event.payer] = _renewed(terms[event.payer], event)
    return State(
        day=day,
        medicare=medicare,
        sequestration=sequestration,
        terms=tuple(terms[payer.name] for payer in scenario.payer),
        shares=shares,
        shifts=tuple(event for event in active if isinstance(event, SiteShift)),
        hires=tuple(event for event in active if isinstance(event, Hire)),
        cost=sum((event.cost for event in active), scenario.cost),
    )


def _terms(payer: PayerTerms) -> TermsInForce:
    value = getattr(payer, payer.pays_by)
    return TermsInForce(payer.pays_by, None if value is True else value)


def _renewed(terms: TermsInForce, event: ContractRenewal) -> TermsInForce:
    if event.change is None:
        return _terms(event)
    return TermsInForce(terms.kind, terms.value, terms.change * (1 + event.change / _HUNDRED))


@lru_cache(maxsize=256)
def factors_of(event: FactorChange, priced_on: date) -> tuple[Decimal, Decimal]:
    """Return the factor of an event and the one of QPs.

    [USD per RVU]  Raises InvalidValue for an unknown assumption.
    """
    if event.conversion_factor is not None:
        return event.conversion_factor, event.conversion_factor_qp or event.conversion_factor
    if event.percent is not None:
        now = Decimal(conversion_factor(priced_on).value)
        qp = Decimal(conversion_factor(priced_on, qp=True).value) if has_qp_track(priced_on) else now
        times = 1 + event.percent / _HUNDRED
        return rounded_to(now * times, FACTOR_PLACES), rounded_to(qp * times, FACTOR_PLACES)
    rows = {row["track"]: row for row in reference.rows("proposed_factor") if row["name"] == event.assumption}
    if not rows:
        known = ", ".join(dict.fromkeys(repr(row["name"]) for row in reference.rows("proposed_factor")))
        raise InvalidValue(f"event {event.name!r}: no assumption {event.assumption!r}; there is {known}")
    other = next(row for track, row in rows.items() if track != QP)
    return Decimal(other["value"]), Decimal(rows.get(QP, other)["value"])


def anesthesia_change(event: FactorChange, priced_on: date) -> Fraction:
    """Return what an event multiplies anesthesia factors by: its own over the nation's, or the other factor's."""
    if event.anesthesia_conversion_factor is not None:
        return Fraction(event.anesthesia_conversion_factor) / Fraction(anesthesia_conversion_factor(priced_on).value)
    if event.percent is not None:
        return 1 + Fraction(event.percent) / 100
    factor, _ = factors_of(event, priced_on)
    return Fraction(factor) / Fraction(conversion_factor(priced_on).value)


def all_events(scenario: Scenario) -> Happening:
    return frozenset(range(len(scenario.event)))


__all__ = ["Event", "Happening", "MedicareState", "Span", "State", "TermsInForce", "all_events", "days_of", "spans"]
