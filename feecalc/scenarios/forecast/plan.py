"""Revenue of a scenario's spans and years: units times cents, times what grows, is shared, denied and collected.

Two kinds of number go through the same lines: exact decimals for the forecast, binary ones for draws, which are
estimates by their nature.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Context, Decimal, localcontext
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feecalc import reference
from feecalc.contracts.contract import Contract
from feecalc.pricing.arrays import Flags
from feecalc.scenarios.forecast.pots import CENTER_PLACE, Pots
from feecalc.scenarios.forecast.pots import WHOLE as RATE_WHOLE
from feecalc.scenarios.forecast.timeline import (
    Happening,
    Span,
    State,
    TermsInForce,
    all_events,
    days_of,
    spans,
    state_on,
)
from feecalc.scenarios.scenario.model import Scenario
from feecalc.scenarios.scenario.parts import CHARGE, CONTRACT, MEDICARE, WHOLE, Provider

PARTS = ("professional", "facility")
DIGITS = Context(prec=120)  # every product of a forecast fits; only the days of a year divide
_CENTS = 100

Vector = NDArray[Any]  # of Decimal (dtype object) or of float
Number = Callable[[Any], Any]  # Decimal or float


@dataclass(frozen=True)
class YearTotals:
    """A year. Shapes: revenue [payer, part, atom] in USD, units [payer, atom]; ``cost`` in USD."""

    year: int
    revenue: Vector
    units: Vector
    cost: Any


@dataclass
class Plan:
    """A scenario with its pots. ``years`` are those of the forecast, the base year not among them."""

    scenario: Scenario
    pots: Pots
    years: tuple[int, ...]
    _blended: dict[Any, Vector] = field(default_factory=dict, repr=False)
    _spanned: dict[Any, tuple[Vector, Vector]] = field(default_factory=dict, repr=False)
    _states: dict[Any, State] = field(default_factory=dict, repr=False)

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """Return the base year's and the forecast's spans."""
        also = {day for days in self._changes.values() for day in days}
        return spans(self.scenario, (self.scenario.base_year, *self.years), also)

    @property
    def contracts(self) -> Mapping[str, Contract]:
        return self.pots.contracts

    def with_scenario(self, scenario: Scenario) -> Plan:
        """Return the same rows under another scenario; what is priced is shared."""
        return Plan(scenario, self.pots, self.years)

    def state(self, day: date, happening: Happening) -> State:
        key = day, happening
        if key not in self._states:
            self._states[key] = state_on(self.scenario, day, happening, self.pots.day)
        return self._states[key]

    def year(self, year: int, happening: Happening | None = None, number: Number = Decimal) -> YearTotals:
        """Return a year's totals when these events come to pass, by default all."""
        chosen = all_events(self.scenario) if happening is None else happening
        payers, atoms = len(self.scenario.payer), self.pots.rows.atoms.height
        with localcontext(DIGITS):
            zero: Any = number(0)
            revenue = np.full((payers, len(PARTS), atoms), zero)
            units, cost = np.full((payers, atoms), zero), zero
            for span in self.spans:
                if span.year == year:
                    state = self.state(span.first, chosen)
                    income, done = self._span(span.year, state, number)
                    revenue = revenue + income * number(span.days)
                    units = units + done * number(span.days)
                    cost += number(state.cost) * number(span.days)
            days = number(days_of(year))
            return YearTotals(year, revenue / (days * number(_CENTS)), units / days, cost / days)

    def _span(self, year: int, state: State, number: Number) -> tuple[Vector, Vector]:
        """Return a whole year at a state: cents [payer, part, atom] and units [payer, atom]."""
        payers = range(len(self.scenario.payer))
        key = (year, number, state.shares, *(self._key(at, state) for at in payers))
        if key not in self._spanned:
            everybody = self._workforce(state, number) * self._vector(self._atom_units, number)
            units = [self._units(at, year, state, number) for at in payers]
            income = [[units[at] * self._blend(at, part, state, number) for part in PARTS] for at in payers]
            self._spanned[key] = np.array(income), np.array([count * everybody for count in units])
        return self._spanned[key]

    def _key(self, payer: int, state: State) -> Any:
        """Return what of a state a payer's amounts depend on."""
        terms = state.terms[payer]
        return (
            terms,
            None if terms.kind == CHARGE else state.medicare,
            (state.sequestration, self._share_day(state.day)) if terms.kind == MEDICARE else None,
            tuple(map(id, state.shifts)),
            tuple(map(id, state.hires)),
            self._terms_day(terms, state.day),
        )

    def _terms_day(self, terms: TermsInForce, day: date) -> date:
        """Return the first day with a contract's terms of ``day``; without a contract, the release's."""
        if terms.kind != CONTRACT:
            return self.pots.day
        changes = self._changes[str(terms.value)]
        at = bisect_right(changes, day)
        return changes[at - 1] if at else self.pots.day

    @cached_property
    def _changes(self) -> dict[str, list[date]]:
        cuts = [row["effective_from"] for row in reference.rows("sequestration")]
        years = (self.scenario.base_year, *self.years)
        return {name: sorted({*cuts, *_changes(contract, years)}) for name, contract in self.contracts.items()}

    @cached_property
    def _atom_units(self) -> list[int]:
        return [int(units) for units in self.pots.rows.atoms["units"]]

    def _units(self, payer: int, year: int, state: State, number: Number) -> Vector:
        """Return what of the volume's units of each atom a payer pays for in a year.

        Its share, growth, the location's share; denials and what is not collected are taken off the income only.
        """
        share = state.shares[payer] if state.shares else WHOLE
        key = ("units", payer, year, share, number)
        if key not in self._blended:
            self._blended[key] = self._grown(payer, year, number) * _of(share, number)
        return self._blended[key]

    def _grown(self, payer: int, year: int, number: Number) -> Vector:
        scenario, atoms = self.scenario, self.pots.rows.atoms
        elapsed = year - scenario.base_year
        growth = {name: (1 + _of(rate, number)) ** elapsed for name, rate in scenario.growth.category.items()}
        usual = (1 + _of(scenario.growth.volume, number)) ** elapsed
        places = {
            location.name: _of(WHOLE if location.share is None else location.share, number)
            for location in scenario.location
        }
        level = (1 + _of(scenario.payer[payer].growth, number)) ** elapsed * (1 + _of(scenario.volume_change, number))
        rows = atoms.select("location", "category", "payer").iter_rows()
        vector = [
            growth.get(category, usual) * places[location] * level if name in ("", scenario.payer[payer].name) else 0
            for location, category, name in rows
        ]
        return self._vector(vector, number)

    def _workforce(self, state: State, number: Number) -> Vector:
        """Return all units of each atom, as a multiple of the volume's: 1, and what those who were hired add."""
        total = self._vector([1] * len(self._atom_units), number)
        for hire in state.hires:
            total = total + self._masked(self.pots.rows.at(hire.locations), _of(hire.adds, number), number)
        return total

    def _blend(self, payer: int, part: str, state: State, number: Number) -> Vector:
        """Return what comes in of a payer for the volume's units of each atom, whoever does them and wherever.

        [cents]
        """
        key = (payer, part, self._key(payer, state), number)
        if key not in self._blended:
            about, total = self.scenario.payer[payer], self._nothing(number)
            for provider, weight in self._providers(state, number):
                total = total + weight * self._placed(payer, part, provider, state, number)
            net = _of(WHOLE - about.denial_rate, number) * _of(about.collection_rate, number)
            self._blended[key] = total * (number(state.terms[payer].change) * net)
        return self._blended[key]

    def _providers(self, state: State, number: Number) -> list[tuple[Provider, Vector]]:
        everywhere = np.ones(len(self._atom_units), np.bool_)
        usual = [
            (provider, self._masked(everywhere, _of(provider.share, number), number))
            for provider in self.scenario.providers
        ]
        return usual + [
            (hire.provider, self._masked(self.pots.rows.at(hire.locations), _of(hire.adds, number), number))
            for hire in state.hires
        ]

    def _placed(self, payer: int, part: str, provider: Provider, state: State, number: Number) -> Vector:
        """Return one provider's cents for all units of each atom, those that are moved at their new place."""
        here = self._cents(payer, part, provider, None, state, number)
        for shift in state.shifts:
            there = self._cents(payer, part, provider, shift.to_place, state, number)
            moved = _of(shift.percent, number)
            mixed = here * (1 - moved) + there * moved
            here = np.where(self.pots.rows.touched_by(shift), mixed, here)
        return here

    def _cents(
        self, payer: int, part: str, provider: Provider, place: str | None, state: State, number: Number
    ) -> Vector:
        about, terms = self.scenario.payer[payer], state.terms[payer]
        cut = 1 - _of(state.sequestration, number)
        if part == PARTS[0]:
            day = self._terms_day(terms, state.day)
            kind = provider.provider_type if self.scenario.provider or provider in _hired(state) else None
            sums = self.pots.professional(terms, state.medicare, (kind, place), provider.qp, day)
            paid = self._vector(sums, number)
            if terms.kind == MEDICARE:
                of_patients = self.pots.patients(state.medicare, (kind, place), provider.qp, self._share_day(state.day))
                paid = self._with_cuts(paid, of_patients, cut * (1 + _of(provider.mips_percent, number)), number)
            return paid
        if terms.kind != MEDICARE and about.facility_percent is None:
            return self._nothing(number)
        share = {location.name: _of(location.asc_share, number) for location in self.scenario.location}
        shares = self._vector([share[name] for name in self.pots.rows.atoms["location"]], number)
        if place not in (None, CENTER_PLACE):
            return self._nothing(number)
        at_center = CENTER_PLACE if place == CENTER_PLACE else None
        received = self._vector(self.pots.center(self.scenario, at_center), number) * shares
        if terms.kind == MEDICARE:
            of_patients = self.pots.center_patients(self.scenario, at_center, self._share_day(state.day))
            return self._with_cuts(received, of_patients, cut, number, shares)
        if about.facility_percent is not None:
            received = received * _of(about.facility_percent, number)
        return received

    def _with_cuts(
        self, allowed: Vector, of_patients: Sequence[int], times: Any, number: Number, shares: Any = 1
    ) -> Vector:
        """Return what of allowed amounts comes in: the patients' part as it is, Medicare's part times ``times``.

        ``of_patients``: their part of each atom, in ten-thousandths of what ``allowed`` counts, before ``shares``.
        Sources: SSA 1833(a)(1); reference/cost_share.toml; reference/sequestration.toml; 42 CFR 414.1405(e).
        """
        patients = self._vector(of_patients, number) * shares / number(RATE_WHOLE)
        received: Vector = patients + (allowed - patients) * times
        return received

    def _share_day(self, day: date) -> date:
        """Return the first day on which what patients pay is as on ``day``."""
        at = bisect_right(self._share_days, day)
        return self._share_days[at - 1] if at else day

    @cached_property
    def _share_days(self) -> list[date]:
        rows = [row for name in ("coinsurance", "cost_share") for row in reference.rows(name)]
        ends = [row["effective_to"] + timedelta(days=1) for row in rows if "effective_to" in row]
        return sorted({*(row["effective_from"] for row in rows), *ends})

    def _vector(self, values: Sequence[Any], number: Number) -> Vector:
        vector = np.empty(len(values), object if number is Decimal else np.float64)
        vector[:] = [number(value) for value in values]
        return vector

    def _nothing(self, number: Number) -> Vector:
        return self._vector([0] * len(self._atom_units), number)

    def _masked(self, flags: Flags, value: Any, number: Number) -> Vector:
        return self._vector([value if flag else 0 for flag in flags], number)


def _hired(state: State) -> list[Provider]:
    return [hire.provider for hire in state.hires]


def _of(percent: Decimal, number: Number) -> Any:
    """Return a percent as a fraction of one."""
    return number(percent) / number(100)


def _changes(contract: Contract, years: Sequence[int]) -> list[date]:
    """Return days on which a contract changes by itself: its escalator's, its rows' and its own."""
    days = [contract.effective_from]
    rows = [*contract.category, *contract.carve_out]
    days += [row.effective_from for row in rows]
    days += [row.effective_to + timedelta(days=1) for row in rows if row.effective_to]
    if contract.escalator is not None:
        first = contract.escalator.first_applied
        days += [_same_day(first, year) for year in years if year >= first.year]
    return [day for day in days if day is not None]


def _same_day(day: date, year: int) -> date:
    return date(year, 3, 1) if (day.month, day.day) == (2, 29) else day.replace(year=year)
