"""Causes of a variance: other readings of the contract, repeated percents of Medicare, fixed fees, known ratios."""

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
from feecalc.contracts.terms.term import InferenceKind
from feecalc.errors import InputError
from feecalc.pricing.arrays import Flags, Integers

RATE, RULE, PATIENT_SHARE = "rate", "rule", "patient_share"
_RATES = tuple(term.name for term in TERMS if term.inferred == InferenceKind.PRICE)
_RULES = tuple(term.name for term in TERMS if term.inferred not in (None, InferenceKind.PRICE))
# What another release, locality or percent must explain before it counts as a cause and not as chance.
_FEWEST_LINES, _FEWEST_SERVICES = 3, 2
_FEWEST_SHARE = 0.01  # of the lines that are open
_FEE_SHARE = 0.10  # of a code's lines that are open
_MOST_PERCENTS = 5
_FEE_AGAIN = 3
_WHOLE = 10_000
Pay = Callable[[Contract, pl.DataFrame], Integers]


@dataclass(frozen=True)
class Cause:
    """A variance class, its explanation in words, and the lines it explains. Shape of ``lines``: [line]."""

    kind: str
    explanation: str
    lines: Flags


def by_reading(
    contract: Contract, frame: pl.DataFrame, evidence: Evidence, expected: Integers, unexplained: Flags, pay: Pay,
    choices: Choices, tolerance: int,
) -> list[Cause]:  # fmt: skip
    """Return the other readings of the contract that explain unexplained lines, the one that explains most first."""
    plain_contract = Contract.at(100)
    clause_readings = [
        (clause, reading) for clause in (*_RATES, *_RULES) for reading in readings(clause, plain_contract, choices)
    ]
    rivals: dict[bytes, Cause] = {}
    for clause, reading in clause_readings:
        try:
            amounts = pay(reading.terms(contract), frame)
        except InputError:
            continue  # for example a release that does not print the index without its floor
        fits = (amounts >= 0) & (amounts != expected) & (np.abs(amounts - evidence.paid) <= tolerance)
        kind = RATE if clause in _RATES else RULE
        explanation = f"as with {clause.replace('_', ' ')}: {reading.meaning}"
        if fits.any():
            rivals.setdefault(amounts.tobytes(), Cause(kind, explanation, fits))
    causes = []
    remaining = unexplained.copy()
    while rivals:
        key, best = max(rivals.items(), key=lambda rival: int((rival[1].lines & remaining).sum()))
        lines = rivals.pop(key).lines & remaining
        if not lines.any():
            break
        if best.kind == RATE and not _is_more_than_chance(lines, remaining, evidence):
            continue
        causes.append(Cause(best.kind, best.explanation, lines))
        remaining &= ~lines
    return causes


def by_percent(medicare: Integers, evidence: Evidence, unexplained: Flags, tolerance: int) -> list[Cause]:
    """Return percents of Medicare that explain unexplained lines of more than one service to the tolerance."""
    causes, remaining = [], unexplained & (medicare > 0)
    for _ in range(_MOST_PERCENTS):
        if int(remaining.sum()) < _FEWEST_LINES:
            break
        percent = common_percent(np.where(remaining, medicare, -1), evidence, tolerance)
        lines = remaining & (np.abs(at_percent(medicare, percent) - evidence.paid) <= tolerance)
        if not _is_more_than_chance(lines, remaining, evidence):
            break
        causes.append(Cause(RATE, f"at {as_percent(percent)} % of Medicare", lines))
        remaining &= ~lines
    return causes


def by_fee(evidence: Evidence, unexplained: Flags, medicare: Integers, *, differing_medicare: bool) -> list[Cause]:
    """Return the codes that were paid one amount repeatedly: a fee of their own.

    ``differing_medicare``: only where Medicare's amounts for those lines differ, so that no one percent of Medicare
    explains the amount.
    """
    chosen = np.flatnonzero(unexplained & (evidence.paid > 0))
    if not len(chosen):
        return []
    pairs = np.stack([evidence.fee[chosen], evidence.paid[chosen]])
    distinct_pairs, pair_of_line, times = np.unique(pairs, axis=1, return_inverse=True, return_counts=True)
    pair_of_line = pair_of_line.ravel()
    lines_of_code = np.bincount(evidence.fee[chosen])[distinct_pairs[0]]
    is_repeated = times >= np.maximum(_FEE_AGAIN, _FEE_SHARE * lines_of_code)
    if differing_medicare:
        differing = np.unique(np.stack([pair_of_line, medicare[chosen]]), axis=1)[0]
        is_repeated &= np.bincount(differing, minlength=len(times)) > 1
    lines = np.zeros(len(unexplained), np.bool_)
    lines[chosen[is_repeated[pair_of_line]]] = True
    return [Cause(RATE, "one amount for the code again and again: a fee of its own", lines)] if lines.any() else []


def by_ratio(expected: Integers, evidence: Evidence, unexplained: Flags, day: date, *, only_paid: Flags) -> list[Cause]:
    """Return lines paid a known percent of the expected amount, such as 80 where the patient's part is left out.

    ``only_paid``: lines whose file has the payment but no allowed amount.
    """
    causes, remaining = [], unexplained & (expected > 0)
    for row in reference.rows_on("paid_ratio", day):
        usable = remaining & only_paid if row["class"] == PATIENT_SHARE else remaining
        share = at_percent(expected, int(Decimal(row["value"]) * _WHOLE / 100))
        lines = usable & (np.abs(share - evidence.paid) <= 1)
        if lines.any():
            causes.append(Cause(row["class"], row["says"], lines))
            remaining &= ~lines
    return causes


def _is_more_than_chance(lines: Flags, unexplained: Flags, evidence: Evidence) -> bool:
    fewest = max(_FEWEST_LINES, _FEWEST_SHARE * int(unexplained.sum()))
    return int(lines.sum()) >= fewest and evidence.services(lines) >= _FEWEST_SERVICES


def apply_causes(
    causes: Sequence[Cause],
    class_number: Integers,
    explanations: list[str],
    explanation_number: Integers,
    classes: Sequence[str],
) -> Flags:
    """Write causes into the lines' classes and explanations (positions in ``explanations``). Return those lines."""
    explained = np.zeros(len(class_number), np.bool_)
    for cause in causes:
        class_number[cause.lines] = classes.index(cause.kind)
        explanations.append(cause.explanation)
        explanation_number[cause.lines] = len(explanations) - 1
        explained |= cause.lines
    return explained
