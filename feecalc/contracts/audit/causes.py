"""What explains an amount that is not the expected one: other readings of the contract, repeated percents, ratios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.contracts.contract import Contract
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.percents import as_percent, at_percent, common_percent
from feecalc.contracts.readings import readings
from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.silence import Choices
from feecalc.contracts.terms.term import Inferred
from feecalc.errors import InputError
from feecalc.pricing.arrays import Flags, Integers

RATE, RULE, PATIENT_SHARE = "rate", "rule", "patient_share"
_RATES = tuple(term.name for term in TERMS if term.inferred == Inferred.PRICE)
_RULES = tuple(term.name for term in TERMS if term.inferred not in (None, Inferred.PRICE))
# What another release, place or percent must explain before it is taken for a cause and not for chance.
_FEWEST_LINES, _FEWEST_SERVICES = 3, 2
_FEWEST_SHARE = 0.01  # of the lines that are open
_FEE_SHARE = 0.10  # of a code's lines that are open
_MOST_PERCENTS = 5
_FEE_AGAIN = 3
_WHOLE = 10_000
Pay = Callable[[Contract, pl.DataFrame], Integers]


@dataclass(frozen=True)
class Cause:
    """A class and what it is in words, and the lines it explains. Shape of ``lines``: [line]."""

    kind: str
    says: str
    lines: Flags


def by_reading(
    contract: Contract, frame: pl.DataFrame, evidence: Evidence, expected: Integers, open_: Flags, pay: Pay,
    choices: Choices, tolerance: int,
) -> list[Cause]:  # fmt: skip
    """Return the other readings of the contract that explain open lines, the one that explains most first."""
    bare = Contract.at(100)
    listed = [(clause, reading) for clause in (*_RATES, *_RULES) for reading in readings(clause, bare, choices)]
    rivals: dict[bytes, Cause] = {}
    for clause, reading in listed:
        try:
            amounts = pay(reading.terms(contract), frame)
        except InputError:
            continue  # as of a release that does not print the index without its floor
        fits = (amounts >= 0) & (amounts != expected) & (np.abs(amounts - evidence.paid) <= tolerance)
        kind = RATE if clause in _RATES else RULE
        says = f"as with {clause.replace('_', ' ')}: {reading.says}"
        if fits.any():
            rivals.setdefault(amounts.tobytes(), Cause(kind, says, fits))
    found = []
    left = open_.copy()
    while rivals:
        key, best = max(rivals.items(), key=lambda rival: int((rival[1].lines & left).sum()))
        lines = rivals.pop(key).lines & left
        if not lines.any():
            break
        if best.kind == RATE and not _is_more_than_chance(lines, left, evidence):
            continue
        found.append(Cause(best.kind, best.says, lines))
        left &= ~lines
    return found


def by_percent(medicare: Integers, evidence: Evidence, open_: Flags, tolerance: int) -> list[Cause]:
    """Return the percents of Medicare that several open services were paid, each to the cent."""
    found, left = [], open_ & (medicare > 0)
    for _ in range(_MOST_PERCENTS):
        if int(left.sum()) < _FEWEST_LINES:
            break
        percent = common_percent(np.where(left, medicare, -1), evidence, tolerance)
        lines = left & (np.abs(at_percent(medicare, percent) - evidence.paid) <= tolerance)
        if not _is_more_than_chance(lines, left, evidence):
            break
        found.append(Cause(RATE, f"at {as_percent(percent)} % of Medicare", lines))
        left &= ~lines
    return found


def by_fee(evidence: Evidence, open_: Flags, medicare: Integers, *, across: bool) -> list[Cause]:
    """Return codes that were paid one amount again and again: a fee of their own.

    ``across``: only where Medicare's amounts for those lines differ, so that no percent of them can pay one amount.
    """
    chosen = np.flatnonzero(open_ & (evidence.paid > 0))
    if not len(chosen):
        return []
    pairs = np.stack([evidence.fee[chosen], evidence.paid[chosen]])
    pairs_of, which, times = np.unique(pairs, axis=1, return_inverse=True, return_counts=True)
    which = which.ravel()
    of_code = np.bincount(evidence.fee[chosen])[pairs_of[0]]
    again = times >= np.maximum(_FEE_AGAIN, _FEE_SHARE * of_code)
    if across:
        differing = np.unique(np.stack([which, medicare[chosen]]), axis=1)[0]
        again &= np.bincount(differing, minlength=len(times)) > 1
    lines = np.zeros(len(open_), np.bool_)
    lines[chosen[again[which]]] = True
    return [Cause(RATE, "one amount for the code again and again: a fee of its own", lines)] if lines.any() else []


def by_ratio(expected: Integers, evidence: Evidence, open_: Flags, day: date, *, only_paid: Flags) -> list[Cause]:
    """Return lines paid a telling percent of what was expected.

    ``only_paid``: the patient's part is not known of them.
    """
    found, left = [], open_ & (expected > 0)
    for row in reference.rows_on("paid_ratio", day):
        usable = left & only_paid if row["class"] == PATIENT_SHARE else left
        share = at_percent(expected, int(Decimal(row["value"]) * _WHOLE / 100))
        lines = usable & (np.abs(share - evidence.paid) <= 1)
        if lines.any():
            found.append(Cause(row["class"], row["says"], lines))
            left &= ~lines
    return found


def _is_more_than_chance(lines: Flags, open_: Flags, evidence: Evidence) -> bool:
    fewest = max(_FEWEST_LINES, _FEWEST_SHARE * int(open_.sum()))
    return int(lines.sum()) >= fewest and evidence.services(lines) >= _FEWEST_SERVICES


def take(causes: Sequence[Cause], kind: Integers, says: list[str], detail: Integers, kinds: Sequence[str]) -> Flags:
    """Write causes into the lines' classes and details (numbers of ``says``); the lines that got one."""
    taken = np.zeros(len(kind), np.bool_)
    for cause in causes:
        kind[cause.lines] = kinds.index(cause.kind)
        says.append(cause.says)
        detail[cause.lines] = len(says) - 1
        taken |= cause.lines
    return taken
