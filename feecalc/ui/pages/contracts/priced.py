"""What the views of the page Contracts ask the package, each answer kept by what it was asked of.

The practice is kept for one person at a time: what it has priced serves the next contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import streamlit as st

from feecalc.contracts import solving
from feecalc.contracts.categories import Taxonomy, read_taxonomy
from feecalc.contracts.comparing import Comparison, compare
from feecalc.contracts.contract import Contract
from feecalc.contracts.files.tables import contract_of
from feecalc.contracts.files.toml import contract_toml
from feecalc.contracts.practice import VolumePractice
from feecalc.contracts.pricing import VolumeContracts
from feecalc.contracts.readings import Readings, price_readings
from feecalc.contracts.solving import Solution, solve, solve_categories
from feecalc.contracts.summary import Summary
from feecalc.contracts.terms import carve_out, escalator, percent
from feecalc.contracts.terms.silence import Choices
from feecalc.contracts.terms.solvable import SolvableTerm
from feecalc.contracts.testing import ContractTestResult, run_tests
from feecalc.contracts.trials import Trials, trials_of
from feecalc.files.toml import Places
from feecalc.files.volume import read_volume
from feecalc.installed import releases_at_hand
from feecalc.ui.pages.contracts import address, offers
from feecalc.ui.shared import opening
from feecalc.ui.shared.opening import OpenedRelease, Stamp
from feecalc.ui.shared.uploads import Upload, as_path

_MOST_PLACES = 8  # that a silence could mean: as ``feecalc contract readings`` takes them
_LEAST_CHANGE, _MOST_CHANGE = Decimal(-30), Decimal(50)  # percent of what is paid now: the ends of a slider


@dataclass(frozen=True)
class Inputs:
    """What contracts are priced over, and by which Medicare."""

    opened: OpenedRelease
    volume: Upload
    place: str | None  # of rows that name none
    day: date | None
    qp: bool
    fees: tuple[Upload, ...]
    taxonomy: Upload | None
    now: Stamp

    @property
    def key(self) -> tuple[object, ...]:
        """Return the key of its cached answers."""
        files = (self.volume, *self.fees, *([self.taxonomy] if self.taxonomy else []))
        digests = tuple((file.name, file.digest) for file in files)
        return (digests, self.place, str(self.day), self.qp, self.opened.schedule.release.name, self.now)


@dataclass(frozen=True)
class Wanted:
    """What a contract is to pay, and which of its terms may move."""

    reach: str
    value: Decimal
    what: str
    categories: tuple[str, ...] = ()
    points: bool = False
    code: str = ""
    place_of_service: str | None = None
    first_applied: date | None = None


@dataclass(frozen=True)
class Solved:
    """A solution, the contract with it as TOML, and that contract against the one as it is."""

    solution: Solution
    text: str
    beside: Comparison


@dataclass(frozen=True)
class Now:
    """What a contract pays as it is, and the ends of a slider around that. [USD]"""

    revenue: Decimal
    effective_percent: Decimal | None
    low: Decimal
    high: Decimal


@st.cache_resource(max_entries=4, show_spinner="Reading the volume", scope="session")
def practice(_inputs: Inputs, key: tuple[object, ...]) -> VolumePractice:
    """Return the volume ready to be priced. Errors as ``read_volume``."""
    schedule = _inputs.opened.schedule
    on = schedule.release.day(_inputs.day)
    zips = opening.zip_directory(on, _inputs.now) if opening.has_zip_codes() else None
    with as_path(_inputs.volume) as path:
        rows = read_volume(path, [schedule], locality=_inputs.place, day=_inputs.day, zips=zips)
    pricer = VolumeContracts(schedule, _inputs.day, _inputs.qp, _taxonomy(_inputs), Path(_inputs.now[0]))
    return VolumePractice(rows, pricer, _inputs.day)


@st.cache_resource(max_entries=32, show_spinner="Pricing every offer", scope="session")
def compared(_inputs: Inputs, key: tuple[object, ...], texts: tuple[str, ...]) -> tuple[Comparison, tuple[str, ...]]:
    """Compare offers with the first of them. Returns notices of what their percents are of, too."""
    over = practice(_inputs, key)
    with offers.opened(texts, _inputs.fees) as contracts:
        pricer = over.pricer
        apart = VolumeContracts(pricer.schedule, pricer.day, pricer.qp, pricer.taxonomy, pricer.home)
        for contract in contracts:
            apart.opened(contract)
        return compare(contracts, over), tuple(apart.notices)


@st.cache_resource(max_entries=32, show_spinner=False, scope="session")
def paid_now(_inputs: Inputs, key: tuple[object, ...], text: str) -> Now:
    """Return what a contract pays as it is."""
    over = practice(_inputs, key)
    with offers.opened([text], _inputs.fees) as (contract,):
        cents = solving.revenue_of(trials_of(over))(contract)
        found = Summary(contract, over.codes(contract))
        ends = (solving.changed_target(change, cents) for change in (Decimal(0), _LEAST_CHANGE, _MOST_CHANGE))
        revenue, low, high = ends
        return Now(revenue, found.effective_percent, low, high)


@st.cache_resource(max_entries=64, show_spinner="Trying every hundredth that could be it", scope="session")
def solved(_inputs: Inputs, key: tuple[object, ...], text: str, _wanted: Wanted, wanted_key: str) -> Solved:
    """Solve for the value of a term that reaches a target; ``wanted_key`` is the ``repr`` of what is wanted.

    Errors as ``solving.solve``, and InvalidValue for a carve-out of what is no code.
    """
    over = practice(_inputs, key)
    trials = trials_of(over)
    with offers.opened([text], _inputs.fees) as (terms,):
        pays = solving.revenue_of(trials)
        target = _wanted.value
        if _wanted.reach == address.EFFECTIVE:
            pays, medicare = solving.revenue_beside_medicare(trials)
            target = solving.effective_target(_wanted.value, medicare)
        elif _wanted.reach == address.CHANGE:
            target = solving.changed_target(_wanted.value, pays(terms))
        if _wanted.what == address.CATEGORY:
            found = solve_categories(terms, _wanted.categories, target, pays, by_points=_wanted.points)
        else:
            found = solve(terms, _unknown(terms, _wanted, trials), target, pays)
        best = (found.by_category or found.nearest).contract
        return Solved(found, contract_toml(offers.named(best)), compare([terms, best], over))


def _unknown(terms: Contract, wanted: Wanted, trials: Trials) -> SolvableTerm:
    if wanted.what == address.CARVE_OUT:
        code, _, modifier = wanted.code.partition("-")
        cells = {"hcpcs": code, "modifier": modifier, "place_of_service": wanted.place_of_service, "amount": "0"}
        checked = contract_of({"payer": terms.payer, "carve_out": [cells]}, Places("the carve-out to solve for"))
        (row,) = checked.carve_out
        return carve_out.solvable(terms, *row.service)
    if wanted.what == address.ESCALATOR:
        return escalator.solvable(terms, trials.day_of(terms), terms.payer, wanted.first_applied)
    return percent.solvable(terms)


@st.cache_resource(max_entries=32, show_spinner="Pricing every reading", scope="session")
def read_every_way(_inputs: Inputs, key: tuple[object, ...], text: str) -> Readings:
    """Price a contract under every reading of the clauses it is silent on."""
    schedules = [opening.schedule(name, _inputs.now) for name in releases_at_hand(Path(_inputs.now[0]))]
    trials = trials_of(practice(_inputs, key), schedules)
    with offers.opened([text], _inputs.fees) as (terms,):
        choices = Choices.of(schedules, trials.places, trials.day_of(terms), _MOST_PLACES)
        return price_readings(terms, trials.pay, choices, prepare=trials.prepare)


@st.cache_resource(max_entries=32, show_spinner="Running the tests", scope="session")
def tested(_inputs: Inputs, key: tuple[object, ...], text: str) -> tuple[list[ContractTestResult], tuple[str, ...]]:
    """Run a contract's own tests. Returns notices too."""
    with offers.opened([text], _inputs.fees) as (terms,):
        return run_tests(terms, taxonomy=_taxonomy(_inputs), home=Path(_inputs.now[0]))


def _taxonomy(inputs: Inputs) -> Taxonomy | None:
    if inputs.taxonomy is None:
        return None
    with as_path(inputs.taxonomy) as path:
        return read_taxonomy(path)
