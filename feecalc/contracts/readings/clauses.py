"""The clauses a contract may be silent on, and the readings of each: words from reference/, keys from the terms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from feecalc import reference
from feecalc.contracts.contract import Contract
from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.silence import Choices, Reading
from feecalc.contracts.terms.term import Term

_CLAUSES: Mapping[str, Term[Any]] = {term.name: term for term in TERMS if term.may_be_unsaid}


def question(clause: str, day: date) -> str:
    """Return what the silence leaves open."""
    return str(reference.row_on("contract_clause", day, clause=clause)["question"])


def clauses(day: date) -> list[str]:
    """Return all clauses, in the order of reference/contract_clause.toml."""
    return [row["clause"] for row in reference.rows_on("contract_clause", day)]


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
