"""What a case is, and how its lines and what they come to are written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pricing.claims.made_up import DAY, LOCALITY, MAC

MADE_UP, STARTER_2026 = "made up", "RVU26C"


@dataclass(frozen=True)
class Case:
    """Lines, and what each must come to: an allowed amount, a status, or columns by name."""

    name: str
    source: str
    lines: tuple[dict[str, Any], ...]
    expected: tuple[dict[str, Any], ...]
    schedule: str = MADE_UP
    options: dict[str, Any] = field(default_factory=dict)


def line(hcpcs: str, *modifiers: str, units: int = 1, place: str = "11", **more: Any) -> dict[str, Any]:
    """A claim line in canonical columns, numbered later."""
    named = {f"modifier_{at}": "" for at in range(1, 5)}
    named |= {f"modifier_{at}": modifier for at, modifier in enumerate(modifiers, start=1)}
    return {
        "claim_id": "A", "date_of_service": DAY, "hcpcs": hcpcs, **named, "place_of_service": place, "mac": MAC,
        "locality": LOCALITY, "units": units, "billed_amount": None, **more,
    }


def pays(amount: str, **columns: Any) -> dict[str, Any]:
    """A priced line; other columns by name, amounts and factors as text."""
    return {"pricing_status": "priced", "allowed_amount": Decimal(amount), **_exact(columns)}


def is_(status: str, **columns: Any) -> dict[str, Any]:
    """A line without a price."""
    return {"pricing_status": status, "allowed_amount": None, **_exact(columns)}


def denied(status: str, carc: str, **columns: Any) -> dict[str, Any]:
    """A line that another line denies: nothing is paid for it."""
    return {"pricing_status": status, "allowed_amount": Decimal("0.00"), "carc": carc, **_exact(columns)}


def _exact(columns: dict[str, Any]) -> dict[str, Any]:
    texts = {"setting", "release", "carc"}
    return {
        name: Decimal(value) if isinstance(value, str) and name not in texts else value
        for name, value in columns.items()
    }


class Cases(list[Case]):
    """The cases of a file, in their order."""

    def add(self, name: str, source: str, *pairs: tuple[dict[str, Any], dict[str, Any]], **more: Any) -> None:
        """Add a case: pairs of a line and what it comes to. Lines are numbered from 1 unless they say."""
        lines = tuple({"line": at, **each} for at, (each, _) in enumerate(pairs, start=1))
        self.append(Case(name, source, lines, tuple(expected for _, expected in pairs), **more))


NO = "modifier_does_not_apply"
