"""Percents and sources in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from feecalc import reference
from feecalc.pricing.claims.arrays import percent

_ASSUMED = "assumed"


def percent_of(rate: int) -> str:
    """A rate in ten-thousandths: 6250 is 62.5 percent."""
    return f"{plain(Decimal(rate) / (percent.WHOLE // 100))} percent"


def plain(number: Decimal) -> str:
    """A number without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def source_of(row: reference.Row) -> str:
    """Where a rule's row comes from, and that it is assumed where it is."""
    text = str(row["source"])
    return f"assumed: {text}" if row.get("basis") == _ASSUMED else text


def rule_source(name: str, day: date, **key: Any) -> str:
    """The source of the rule of a table that holds on a day; of several rows the first."""
    rows = reference.rows_on(name, day, **key)
    return source_of(rows[0]) if rows else f"feecalc/reference: {name}"


def listed(numbers: list[str]) -> str:
    """1, 2 and 4."""
    return numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
