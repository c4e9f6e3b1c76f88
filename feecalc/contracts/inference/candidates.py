"""Candidate bases that a payer could pay by: releases, localities, factors and readings of rules, bounded in number."""

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
from feecalc.contracts.terms.term import InferenceKind

# Clauses that every amount depends on. Rules affect only some lines, and are tried on the best of these.
BASIS = tuple(term.name for term in TERMS if term.inferred == InferenceKind.PRICE)
RULES = tuple(term.name for term in TERMS if term.inferred == InferenceKind.RULE)
SEQUESTRATION, CHARGE = Sequestration.name, LesserOfBilled.name
MOST = 600


@dataclass(frozen=True)
class Candidate:
    """One reading of each clause, and the contract with these readings at 100 percent."""

    chosen: tuple[Reading, ...]
    contract: Contract

    def reading(self, clause: str) -> Reading:
        """Return the reading of a clause."""
        return next(reading for reading in self.chosen if reading.clause == clause)

    def read(self, reading: Reading) -> Candidate:
        """Return the candidate with another reading of one clause."""
        others = tuple(other for other in self.chosen if other.clause != reading.clause)
        return Candidate((*others, reading), reading.terms(self.contract))


def bases(payer: str, choices: Choices, *, most: int = MOST) -> tuple[list[Candidate], int]:
    """Return every release in every locality with every factor, under Medicare's rules, and how many were left out.

    The likelier come first: the fee schedule of the day of service in the lines' own localities, then fixed ones. At
    most ``most`` are returned.
    """
    medicare_contract = Contract.at(100, payer).as_medicare_allows()
    readings_by_clause = {clause: readings(clause, medicare_contract, choices) for clause in BASIS}
    if not any(schedule.has_qp_track for schedule in choices.schedules):
        readings_by_clause[ConversionFactor.name] = readings_by_clause[ConversionFactor.name][:1]
    default_readings = [readings(clause, medicare_contract, choices)[0] for clause in (*RULES, SEQUESTRATION)]
    bases_per_place = prod(
        len(clause_readings) for clause, clause_readings in readings_by_clause.items() if clause != Locality.name
    )
    places = max(1, most // bases_per_place)
    left_out = max(0, len(readings_by_clause[Locality.name]) - places) * bases_per_place
    readings_by_clause[Locality.name] = readings_by_clause[Locality.name][:places]
    return [
        _candidate(medicare_contract, (*chosen, *default_readings)) for chosen in product(*readings_by_clause.values())
    ], left_out


def variants(best: Candidate, choices: Choices) -> list[tuple[str, list[Reading]]]:
    """Return the readings of each rule other than the candidate's."""
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


def _candidate(medicare_contract: Contract, chosen: Sequence[Reading]) -> Candidate:
    contract = medicare_contract
    for reading in chosen:
        contract = reading.terms(contract)
    return Candidate(tuple(chosen), contract)
