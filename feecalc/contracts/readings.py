"""What a contract leaves unsaid: the readings of each silence, and what each is worth, alone and all together.

Words and sentences stand in reference/contract_clause.toml and contract_reading.toml, keys in the terms.
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
_CLAUSES: Mapping[str, Term[Any]] = {term.name: term for term in TERMS if term.may_be_unsaid}


def question(clause: str, day: date) -> str:
    """Return what the silence leaves open."""
    return str(reference.row_on("contract_clause", day, clause=clause)["question"])


def clauses(day: date) -> list[str]:
    """Return all clauses, in the order of reference/contract_clause.toml."""
    return [row["clause"] for row in reference.rows_on("contract_clause", day)]


def in_words(clause: str) -> str:
    """Return a clause as a person calls it: GPCI floor."""
    return clause.replace("_", " ").replace("gpci", "GPCI").replace("medicare", "Medicare")


def unsaid(contract: Contract, day: date) -> list[str]:
    """Return the clauses a contract says nothing on. A year without its quarter leaves the release unsaid."""
    return [name for name in clauses(day) if not _CLAUSES[name].is_said(_CLAUSES[name].of(contract))]


def readings(clause: str, contract: Contract, choices: Choices) -> list[Reading]:
    """Return the readings of a clause; the one this tool takes for the silence comes first."""
    term = _CLAUSES[clause]
    found = [
        reading
        for row in reference.rows_on("contract_reading", choices.day, clause=clause)
        for reading in term.readings(term.of(contract), row, choices)
    ]
    return sorted(found, key=lambda reading: not reading.default)


@dataclass(frozen=True)
class ReadingWorth:
    """What is paid under one reading of one clause, all others read as this tool reads silence."""

    reading: Reading
    revenue: Decimal
    difference: Decimal  # from the contract as this tool reads it
    lines: int  # that are paid another amount than under the first reading


@dataclass(frozen=True)
class ClauseWorth:
    """The readings of one unclear clause, the one this tool takes first."""

    clause: str
    question: str
    readings: tuple[ReadingWorth, ...]

    @property
    def at_stake(self) -> Decimal:
        """Between the highest reading and the lowest. [USD]"""
        found: Decimal = self.highest.revenue - self.lowest.revenue
        return found

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
    """A contract under every reading of what it leaves unsaid. [USD]

    Shape of ``together``: a column a clause that matters, the reading's name, then revenue; highest first.
    """

    payer: str
    revenue: Decimal  # as this tool reads it
    clauses: tuple[ClauseWorth, ...]  # most at stake first
    together: pl.DataFrame
    left_out: int  # readings of all clauses at once that were not priced
    not_priced: tuple[str, ...] = ()  # readings of one clause that cannot be, each with the reason

    @property
    def lowest(self) -> Decimal:
        found: Decimal = min([self.revenue, *self.together["revenue"], *self._alone(min)])
        return found

    @property
    def highest(self) -> Decimal:
        found: Decimal = max([self.revenue, *self.together["revenue"], *self._alone(max)])
        return found

    @property
    def spread(self) -> Decimal:
        """Between the highest reading and the lowest."""
        return self.highest - self.lowest

    def _alone(self, end: Callable[[Iterable[Decimal]], Decimal]) -> list[Decimal]:
        return [end(worth.revenue for worth in clause.readings) for clause in self.clauses]

    @property
    def unclear(self) -> tuple[ClauseWorth, ...]:
        """The clauses whose readings differ by a cent or more, or move amounts between lines."""
        return tuple(clause for clause in self.clauses if any(reading.lines for reading in clause.readings))

    def table(self) -> pl.DataFrame:
        """Return a row a clause and reading. Shape: the columns of ``_TABLE``."""
        return pl.DataFrame(
            [
                {
                    "clause": clause.clause,
                    "reading": worth.reading.name,
                    "says": worth.reading.says,
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
    """Price a contract under every reading of its silence.

    ``amounts`` is what a contract pays by line [cents, -1 where nothing is paid; shape: [line]]. Each clause is read
    each way alone, then all clauses together that matter, of readings that pay the same amounts one; at most ``most``.
    ``prepare`` is told which contracts ``amounts`` will be asked of, and may price them together.
    """
    listed = [(name, readings(name, contract, choices)) for name in unsaid(contract, choices.day)]
    silent = [(name, found) for name, found in listed if found]
    plain = _applied(contract, (found[0] for _, found in silent))
    if prepare is not None:
        prepare(reading.terms(plain) for _, every in silent for reading in every)
    base = np.maximum(amounts(plain), 0)
    found_clauses, kept = [], []
    not_priced: list[str] = []
    for name, every in silent:
        tried = [(every[0], base, ""), *((reading, *_tried(reading.terms(plain), amounts)) for reading in every[1:])]
        not_priced += [f"{in_words(name)}, {reading.says}: {why}" for reading, paid, why in tried if paid is None]
        found, by_reading = zip(*((reading, paid) for reading, paid, _ in tried if paid is not None), strict=True)
        worths = tuple(
            ReadingWorth(reading, _dollars(paid), _dollars(paid) - _dollars(base), int((paid != base).sum()))
            for reading, paid in zip(found, by_reading, strict=True)
        )
        found_clauses.append(ClauseWorth(name, question(name, choices.day), worths))
        different = _different(found, by_reading)
        if len(different) > 1:
            kept.append((name, different))
    together, left_out = _together(plain, amounts, kept, most, prepare)
    ordered = sorted(found_clauses, key=lambda clause: -clause.at_stake)
    return Readings(contract.payer, _dollars(base), tuple(ordered), together, left_out, tuple(not_priced))


def _different(found: Sequence[Reading], paid: Sequence[Integers]) -> list[Reading]:
    """Return the readings without those that pay every line what one before them pays."""
    by_amounts: dict[bytes, Reading] = {}
    for reading, amounts in zip(found, paid, strict=True):
        by_amounts.setdefault(amounts.tobytes(), reading)
    return list(by_amounts.values())


def _together(
    plain: Contract, amounts: Amounts, kept: Sequence[tuple[str, list[Reading]]], most: int, prepare: Prepare | None
) -> tuple[pl.DataFrame, int]:
    """Return every combination of the readings that matter, or the first ``most`` of them."""
    names = [name for name, _ in kept]
    tried = list(islice(product(*(found for _, found in kept)), most))
    contracts = [_applied(plain, chosen) for chosen in tried]
    if prepare is not None:
        prepare(contracts)
    rows = []
    for chosen, contract in zip(tried, contracts, strict=True):
        paid, _ = _tried(contract, amounts)
        if paid is not None:
            rows.append({**{reading.clause: reading.name for reading in chosen}, "revenue": _dollars(paid)})
    schema = {**dict.fromkeys(names, pl.String()), "revenue": _MONEY}
    left_out = prod(len(found) for _, found in kept) - len(tried)
    return pl.DataFrame(rows, schema=schema).sort("revenue", descending=True, maintain_order=True), left_out


def _tried(contract: Contract, amounts: Amounts) -> tuple[Integers | None, str]:
    """Return what it pays.

    None and the reason where that cannot be said, as of a release that does not print the index without a floor.
    """
    try:
        return np.maximum(amounts(contract), 0), ""
    except InputError as error:
        return None, str(error)


def _applied(contract: Contract, chosen: Iterable[Reading]) -> Contract:
    for reading in chosen:
        contract = reading.terms(contract)
    return contract


def _dollars(amounts: Integers) -> Decimal:
    return Decimal(int(amounts.sum())) * _CENT
