"""Clauses that a contract does not specify: their possible readings, and what each is worth, alone and combined.

The words are in reference/contract_clause.toml and contract_reading.toml, the keys in the terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice, product
from math import prod
from typing import Any

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.contracts.contract import Contract
from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.silence import Choices, Reading
from feecalc.contracts.terms.term import Term
from feecalc.errors import InputError
from feecalc.pricing.arrays import Integers

MOST_TOGETHER = 512  # readings of all clauses at once
_CENT = Decimal("0.01")
Amounts = Callable[[Contract], Integers]
Prepare = Callable[[Iterable[Contract]], None]
_CLAUSES: Mapping[str, Term[Any]] = {term.name: term for term in TERMS if term.may_be_unspecified}


def question(clause: str, day: date) -> str:
    """Return the question that a contract without this clause leaves open."""
    return str(reference.row_on("contract_clause", day, clause=clause)["question"])


def clauses(day: date) -> list[str]:
    """Return the names of all clauses, in the order of reference/contract_clause.toml."""
    return [row["clause"] for row in reference.rows_on("contract_clause", day)]


def clause_title(clause: str) -> str:
    """Return a clause's name as prose: gpci_floor as "GPCI floor"."""
    return clause.replace("_", " ").replace("gpci", "GPCI").replace("medicare", "Medicare")


def unspecified_clauses(contract: Contract, day: date) -> list[str]:
    """Return the clauses that a contract does not specify. A year without its quarter does not specify the release."""
    return [name for name in clauses(day) if not _CLAUSES[name].is_specified(_CLAUSES[name].keys_of(contract))]


def readings(clause: str, contract: Contract, choices: Choices) -> list[Reading]:
    """Return the possible readings of a clause; the one that feecalc assumes comes first."""
    term = _CLAUSES[clause]
    clause_readings = [
        reading
        for row in reference.rows_on("contract_reading", choices.day, clause=clause)
        for reading in term.readings(term.keys_of(contract), row, choices)
    ]
    return sorted(clause_readings, key=lambda reading: not reading.default)


@dataclass(frozen=True)
class ReadingWorth:
    """Revenue under one reading of one clause, with feecalc's assumption for all other clauses. [USD]"""

    reading: Reading
    revenue: Decimal
    difference: Decimal  # from the contract as feecalc reads it
    lines: int  # paid another amount than under the first reading


@dataclass(frozen=True)
class ClauseWorth:
    """The readings of one unclear clause and their revenue; the one that feecalc assumes comes first."""

    clause: str
    question: str
    readings: tuple[ReadingWorth, ...]

    @property
    def at_stake(self) -> Decimal:
        """The highest reading's revenue less the lowest's. [USD]"""
        difference: Decimal = self.highest.revenue - self.lowest.revenue
        return difference

    @property
    def highest(self) -> ReadingWorth:
        return max(self.readings, key=_revenue)

    @property
    def lowest(self) -> ReadingWorth:
        return min(self.readings, key=_revenue)

    @property
    def taken(self) -> ReadingWorth:
        return self.readings[0]


@dataclass(frozen=True)
class Readings:
    """A contract's revenue under every reading of the clauses it does not specify. [USD]

    Shape of ``together``: the reading's name in a column for each clause that matters, then revenue; highest first.
    """

    payer: str
    revenue: Decimal  # as feecalc reads it
    clauses: tuple[ClauseWorth, ...]  # most at stake first
    together: pl.DataFrame
    left_out: int  # combinations that were not priced
    not_priced: tuple[str, ...] = ()  # readings of one clause that cannot be priced, with the reason

    @property
    def lowest(self) -> Decimal:
        amount: Decimal = min([self.revenue, *self.together["revenue"], *self._extremes(min)])
        return amount

    @property
    def highest(self) -> Decimal:
        amount: Decimal = max([self.revenue, *self.together["revenue"], *self._extremes(max)])
        return amount

    @property
    def spread(self) -> Decimal:
        """The highest revenue less the lowest. [USD]"""
        return self.highest - self.lowest

    def _extremes(self, end: Callable[[Iterable[Decimal]], Decimal]) -> list[Decimal]:
        return [end(worth.revenue for worth in clause.readings) for clause in self.clauses]

    @property
    def unclear(self) -> tuple[ClauseWorth, ...]:
        """The clauses whose readings differ by a cent or more, or move amounts between lines."""
        return tuple(clause for clause in self.clauses if any(reading.lines for reading in clause.readings))

    def table(self) -> pl.DataFrame:
        """Return a row for each clause and reading. Shape: the columns of ``_TABLE``. [USD]"""
        return pl.DataFrame(
            [
                {
                    "clause": clause.clause,
                    "reading": worth.reading.name,
                    "says": worth.reading.meaning,
                    "taken": worth is clause.taken,
                    "revenue": worth.revenue,
                    "difference": worth.difference,
                    "lines": worth.lines,
                    "sentence": worth.reading.sentence,
                    "entry": worth.reading.entry,
                }
                for clause in self.clauses
                for worth in clause.readings
            ],
            schema=_TABLE,
        )


def _revenue(worth: ReadingWorth) -> Decimal:
    return worth.revenue


_MONEY = pl.Decimal(18, 2)
_TABLE: Mapping[str, pl.DataType] = {
    "clause": pl.String(),
    "reading": pl.String(),
    "says": pl.String(),
    "taken": pl.Boolean(),
    "revenue": _MONEY,
    "difference": _MONEY,
    "lines": pl.Int64(),
    "sentence": pl.String(),
    "entry": pl.String(),
}


def price_readings(
    contract: Contract, amounts: Amounts, choices: Choices, *, most: int = MOST_TOGETHER, prepare: Prepare | None = None
) -> Readings:
    """Price a contract under every reading of the clauses it does not specify.

    ``amounts`` returns what a contract pays by line [cents, -1 where nothing is paid; shape: [line]]. Each reading is
    priced alone, then in combination with those of the other clauses that matter, at most ``most`` combinations; of
    readings with the same amounts one is taken. ``prepare`` gets the contracts to be priced next, and may price them
    together.
    """
    by_clause = [(name, readings(name, contract, choices)) for name in unspecified_clauses(contract, choices.day)]
    to_price = [(name, possible) for name, possible in by_clause if possible]
    default_contract = _with_readings(contract, (possible[0] for _, possible in to_price))
    if prepare is not None:
        prepare(reading.terms(default_contract) for _, clause_readings in to_price for reading in clause_readings)
    default_amounts = np.maximum(amounts(default_contract), 0)
    clause_worths, that_matter = [], []
    not_priced: list[str] = []
    for name, clause_readings in to_price:
        priced = [
            (clause_readings[0], default_amounts, ""),
            *(
                (reading, *_amounts_or_reason(reading.terms(default_contract), amounts))
                for reading in clause_readings[1:]
            ),
        ]
        not_priced += [
            f"{clause_title(name)}, {reading.meaning}: {reason}" for reading, paid, reason in priced if paid is None
        ]
        possible, by_reading = zip(*((reading, paid) for reading, paid, _ in priced if paid is not None), strict=True)
        worths = tuple(
            ReadingWorth(
                reading,
                _dollars(paid),
                _dollars(paid) - _dollars(default_amounts),
                int((paid != default_amounts).sum()),
            )
            for reading, paid in zip(possible, by_reading, strict=True)
        )
        clause_worths.append(ClauseWorth(name, question(name, choices.day), worths))
        different = _distinct_readings(possible, by_reading)
        if len(different) > 1:
            that_matter.append((name, different))
    together, left_out = _combinations(default_contract, amounts, that_matter, most, prepare)
    by_stake = sorted(clause_worths, key=lambda clause: -clause.at_stake)
    return Readings(contract.payer, _dollars(default_amounts), tuple(by_stake), together, left_out, tuple(not_priced))


def _distinct_readings(clause_readings: Sequence[Reading], paid: Sequence[Integers]) -> list[Reading]:
    """Return the readings, less those that pay every line the same as an earlier one."""
    by_amounts: dict[bytes, Reading] = {}
    for reading, amounts in zip(clause_readings, paid, strict=True):
        by_amounts.setdefault(amounts.tobytes(), reading)
    return list(by_amounts.values())


def _combinations(
    default_contract: Contract,
    amounts: Amounts,
    clauses: Sequence[tuple[str, list[Reading]]],
    most: int,
    prepare: Prepare | None,
) -> tuple[pl.DataFrame, int]:
    """Return the revenue of every combination of readings, or of the first ``most``, and how many were left out."""
    names = [name for name, _ in clauses]
    combinations = list(islice(product(*(clause_readings for _, clause_readings in clauses)), most))
    contracts = [_with_readings(default_contract, chosen) for chosen in combinations]
    if prepare is not None:
        prepare(contracts)
    rows = []
    for chosen, contract in zip(combinations, contracts, strict=True):
        paid, _ = _amounts_or_reason(contract, amounts)
        if paid is not None:
            rows.append({**{reading.clause: reading.name for reading in chosen}, "revenue": _dollars(paid)})
    schema = {**dict.fromkeys(names, pl.String()), "revenue": _MONEY}
    left_out = prod(len(clause_readings) for _, clause_readings in clauses) - len(combinations)
    return pl.DataFrame(rows, schema=schema).sort("revenue", descending=True, maintain_order=True), left_out


def _amounts_or_reason(contract: Contract, amounts: Amounts) -> tuple[Integers | None, str]:
    """Return what a contract pays by line and "", or None and the reason where it cannot be priced.

    For example, a release that does not print the index without its floor cannot price a contract without the floor.
    """
    try:
        return np.maximum(amounts(contract), 0), ""
    except InputError as error:
        return None, str(error)


def _with_readings(contract: Contract, chosen: Iterable[Reading]) -> Contract:
    for reading in chosen:
        contract = reading.terms(contract)
    return contract


def _dollars(amounts: Integers) -> Decimal:
    return Decimal(int(amounts.sum())) * _CENT
