"""A contract from the tables of its file, whatever file that is, and what is checked of all its terms together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from feecalc.contracts.contract import Contract
from feecalc.contracts.files.sentences import sentence
from feecalc.contracts.terms import TERMS
from feecalc.errors import InvalidValue
from feecalc.files.toml import Places

_MOST_SHOWN = 5


def contract_of(tables: Mapping[str, Any], places: Places) -> Contract:
    """Return a contract from the tables of its file.

    Raises InvalidValue and DuplicateKey, naming the key and its place.
    """
    if not tables:
        raise InvalidValue(f"{places.name}: there is nothing in it; the least a contract says is payer and percent")
    try:
        contract = Contract.model_validate(dict(tables))
    except ValidationError as error:
        wrong = list(dict.fromkeys(sentence(one, places) for one in error.errors(include_url=False)))
        more = f"\nand {len(wrong) - _MOST_SHOWN} more" if len(wrong) > _MOST_SHOWN else ""
        raise InvalidValue("\n".join(wrong[:_MOST_SHOWN]) + more) from None
    _check(contract, places)
    return contract


def _check(contract: Contract, places: Places) -> None:
    """Check what no single key shows. Raises InvalidValue and DuplicateKey."""
    alone = sorted((term for term in TERMS if term.pays_alone), key=lambda term: _KEYS.index(term.name))
    if not any(term.is_given(term.of(contract)) for term in alone):
        *first, last = (term.pays_alone for term in alone)
        raise InvalidValue(f"{places.name}: nothing says what is paid; give {', '.join(first)} or {last}")
    for term in TERMS:
        term.check(term.of(contract), contract, places)


_KEYS = list(Contract.model_fields)
