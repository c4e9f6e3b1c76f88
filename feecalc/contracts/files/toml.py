"""A contract written as TOML."""

from __future__ import annotations

from typing import Any

from feecalc.contracts.contract import Contract
from feecalc.files.toml import toml_text


def keys_of(contract: Contract) -> dict[str, Any]:
    """Return the contract's keys that say something, in the order of a file."""
    found: dict[str, Any] = contract.model_dump(exclude_none=True, exclude_defaults=True)
    return found


def contract_toml(contract: Contract) -> str:
    """Return a contract as TOML, which reads as the same contract."""
    return toml_text(keys_of(contract))
