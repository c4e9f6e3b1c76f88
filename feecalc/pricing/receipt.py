"""The receipt of a price: its steps, fit to be read by a person and kept with a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from feecalc.money import MONEY_PLACES, exact, usd

_GLOBAL = ""


@dataclass(frozen=True)
class Step:
    """Hold one step: what was done (``detail``), what it gave, in what unit, and where the rule or figure stands."""

    name: str
    detail: str
    value: str
    unit: str
    source: str

    def as_dict(self) -> dict[str, str]:
        """Return the step as JSON holds it; figures stay text, with their zeros."""
        return {"name": self.name, "detail": self.detail, "value": self.value, "unit": self.unit, "source": self.source}


def shown(cents: int) -> str:
    """Return cents as a person reads them: $1,234.50."""
    return usd(exact(cents, MONEY_PLACES))


def dollars(amount: Decimal | None) -> float | None:
    """Return an amount as a JSON number. Two decimals of dollars survive the way through a float and back exactly."""
    return None if amount is None else float(amount)


def service_name(row: Mapping[str, Any]) -> str:
    """Return a code with its modifier, and what it is called."""
    modifier = f"-{row['modifier']}" if row["modifier"] != _GLOBAL else ""
    described = f" {row['description']}" if row["description"] else ""
    return f"{row['hcpcs']}{modifier}{described}"
