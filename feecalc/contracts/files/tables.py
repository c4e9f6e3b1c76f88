"""A contract built from the tables of its file, and the checks that need all of its terms."""

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

    Raises InvalidValue and DuplicateKey, with the key and where it is written.
    """
    if not tables:
        raise InvalidValue(f"{places.name}: the file is empty; a contract needs at least payer and percent")
    try:
        contract = Contract.model_validate(dict(tables))
    except ValidationError as error:
        mistakes = list(dict.fromkeys(sentence(mistake, places) for mistake in error.errors(include_url=False)))
        more = f"\nand {len(mistakes) - _MOST_SHOWN} more" if len(mistakes) > _MOST_SHOWN else ""
        raise InvalidValue("\n".join(mistakes[:_MOST_SHOWN]) + more) from None
    _check(contract, places)
    return contract


def _check(contract: Contract, places: Places) -> None:
    """Check what involves more than one key. Raises InvalidValue and DuplicateKey."""
    paying_terms = sorted((term for term in TERMS if term.pays_alone), key=lambda term: _KEYS.index(term.name))
    if not any(term.is_given(term.keys_of(contract)) for term in paying_terms):
        *first, last = (term.pays_alone for term in paying_terms)
        raise InvalidValue(f"{places.name}: nothing says what is paid; give {', '.join(first)} or {last}")
    for term in TERMS:
        term.check(term.keys_of(contract), contract, places)


_KEYS = list(Contract.model_fields)
