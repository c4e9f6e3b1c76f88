"""Contracts written as TOML."""

from __future__ import annotations

from typing import Any

from feecalc.contracts.contract import Contract
from feecalc.files.toml import toml_text


def keys_of(contract: Contract) -> dict[str, Any]:
    """Return the contract's keys that have a value other than the default, in the order of a file."""
    keys: dict[str, Any] = contract.model_dump(exclude_none=True, exclude_defaults=True)
    return keys


def contract_toml(contract: Contract) -> str:
    """Return a contract as TOML that reads back as the same contract."""
    return toml_text(keys_of(contract))
