"""A contract written as TOML."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from feecalc.contracts.contract import Contract
from feecalc.contracts.terms import TERMS

_SHEETS = {term.sheet for term in TERMS if term.sheet}


def keys_of(contract: Contract) -> dict[str, Any]:
    """Return the contract's keys that say something, in the order of a file."""
    found: dict[str, Any] = contract.model_dump(exclude_none=True, exclude_defaults=True)
    return found


def contract_toml(contract: Contract) -> str:
    """Return a contract as TOML, which reads as the same contract."""
    keys = keys_of(contract)
    plain = {key: value for key, value in keys.items() if not (key in _SHEETS or isinstance(value, dict))}
    parts = ["\n".join(f"{key} = {_toml(value)}" for key, value in plain.items())]
    for key, value in keys.items():
        if key in plain:
            continue
        for row in value if isinstance(value, (list, tuple)) else [value]:
            head = f"[[{key}]]" if isinstance(value, (list, tuple)) else f"[{key}]"
            parts.append("\n".join([head, *(f"{name} = {_toml(cell)}" for name, cell in row.items())]))
    return "\n\n".join(parts) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (Decimal, int)):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(part) for part in value)}]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'
