"""The bases a payer could be paying by: releases, places, factors, and how a rule is read; a bounded set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from feecalc.contracts.contract import Contract
from feecalc.contracts.readings.clauses import Choices, Reading, readings

# The clauses that a price in all turns on; rules touch some lines only, and are tried on the best of these.
BASIS = ("release", "locality", "conversion_factor")
RULES = ("multiple_procedure", "bilateral", "site_of_service", "practitioner_percent", "gpci_floor")
SEQUESTRATION, CHARGE = "sequestration", "lesser_of_billed"
MOST = 600


@dataclass(frozen=True)
class Candidate:
    """One reading of each clause, and the contract that says so at 100 percent."""

    chosen: tuple[Reading, ...]
    contract: Contract

    def name(self, clause: str) -> str:
        """Its reading of a clause."""
        return next(each.name for each in self.chosen if each.clause == clause)

    def read(self, reading: Reading) -> Candidate:
        """The same with another reading of one clause."""
        others = tuple(each for each in self.chosen if each.clause != reading.clause)
        return Candidate((*others, reading), reading.terms(self.contract))


def bases(payer: str, choices: Choices, *, most: int = MOST) -> tuple[list[Candidate], int]:
    """Every release at every place with every factor, rules as Medicare has them; and how many were left out.

    The likelier come first: a fee schedule of the day at the lines' own places, then fixed ones.
    """
    plain = Contract.at(100, payer)
    plain = plain.model_copy(update={"lesser_of_billed": "no"})
    listed = [readings(clause, plain, choices) for clause in BASIS]
    if not any(schedule.has_qp_track for schedule in choices.schedules):
        listed[-1] = listed[-1][:1]
    usual = [readings(clause, plain, choices)[0] for clause in (*RULES, SEQUESTRATION)]
    places = max(1, most // (len(listed[0]) * len(listed[2])))
    left_out = max(0, len(listed[1]) - places) * len(listed[0]) * len(listed[2])
    listed[1] = listed[1][:places]
    return [_candidate(plain, (*chosen, *usual)) for chosen in product(*listed)], left_out


def variants(best: Candidate, choices: Choices) -> list[tuple[str, list[Reading]]]:
    """The other readings of each rule."""
    return [
        (clause, [each for each in readings(clause, best.contract, choices) if each.name != best.name(clause)])
        for clause in RULES
    ]


def _candidate(plain: Contract, chosen: Sequence[Reading]) -> Candidate:
    contract = plain
    for each in chosen:
        contract = each.terms(contract)
    return Candidate(tuple(chosen), contract)
