"""The bases a payer could be paying by: releases, places, factors, and how a rule is read; a bounded set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from feecalc.contracts.contract import Contract
from feecalc.contracts.readings import readings
from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.conversion_factor import ConversionFactor
from feecalc.contracts.terms.lesser_of_billed import LesserOfBilled
from feecalc.contracts.terms.locality import Locality
from feecalc.contracts.terms.sequestration import Sequestration
from feecalc.contracts.terms.silence import Choices, Reading
from feecalc.contracts.terms.term import Inferred

# The clauses that every amount turns on; rules touch some lines only, and are tried on the best of these.
BASIS = tuple(term.name for term in TERMS if term.inferred == Inferred.PRICE)
RULES = tuple(term.name for term in TERMS if term.inferred == Inferred.RULE)
SEQUESTRATION, CHARGE = Sequestration.name, LesserOfBilled.name
MOST = 600


@dataclass(frozen=True)
class Candidate:
    """One reading of each clause, and the contract that says so at 100 percent."""

    chosen: tuple[Reading, ...]
    contract: Contract

    def reading(self, clause: str) -> Reading:
        """Return its reading of a clause."""
        return next(reading for reading in self.chosen if reading.clause == clause)

    def read(self, reading: Reading) -> Candidate:
        """Return the same with another reading of one clause."""
        others = tuple(other for other in self.chosen if other.clause != reading.clause)
        return Candidate((*others, reading), reading.terms(self.contract))


def bases(payer: str, choices: Choices, *, most: int = MOST) -> tuple[list[Candidate], int]:
    """Return every release at every place with every factor, rules as Medicare has them; and how many were left out.

    The likelier come first: a fee schedule of the day at the lines' own places, then fixed ones.
    """
    plain = Contract.at(100, payer).as_medicare_allows()
    listed = {clause: readings(clause, plain, choices) for clause in BASIS}
    if not any(schedule.has_qp_track for schedule in choices.schedules):
        listed[ConversionFactor.name] = listed[ConversionFactor.name][:1]
    usual = [readings(clause, plain, choices)[0] for clause in (*RULES, SEQUESTRATION)]
    at_a_place = prod(len(found) for clause, found in listed.items() if clause != Locality.name)
    places = max(1, most // at_a_place)
    left_out = max(0, len(listed[Locality.name]) - places) * at_a_place
    listed[Locality.name] = listed[Locality.name][:places]
    return [_candidate(plain, (*chosen, *usual)) for chosen in product(*listed.values())], left_out


def variants(best: Candidate, choices: Choices) -> list[tuple[str, list[Reading]]]:
    """Return the other readings of each rule."""
    return [
        (
            clause,
            [
                reading
                for reading in readings(clause, best.contract, choices)
                if reading.name != best.reading(clause).name
            ],
        )
        for clause in RULES
    ]


def _candidate(plain: Contract, chosen: Sequence[Reading]) -> Candidate:
    contract = plain
    for reading in chosen:
        contract = reading.terms(contract)
    return Candidate(tuple(chosen), contract)
