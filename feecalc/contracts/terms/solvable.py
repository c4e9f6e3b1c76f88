"""Contract terms to solve for, in whole steps of a hundredth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from feecalc.contracts.fields import SectionT, with_keys

STEP = Decimal("0.01")  # of a percent, or of a dollar
MOST_PERCENT = Decimal(1000)


@dataclass(frozen=True)
class SolvableTerm:
    """A term to solve for, in steps of a hundredth of a percent or dollar from ``least`` to ``most``."""

    what: str  # for a person: "the percent of surgery and imaging"
    unit: str  # "percent", "points" or "USD"
    now: Decimal | None  # as the contract has it; None where it has none
    least: int
    most: int
    keys: Callable[[Any, Decimal], Mapping[str, Any]]  # the keys of a contract's head that a value changes

    def value(self, steps: int) -> Decimal:
        """Return the value at a number of steps. [percent, points or USD]"""
        return steps * STEP

    def contract(self, contract: SectionT, steps: int) -> SectionT:
        """Return the contract with the term's value at a number of steps."""
        return with_keys(contract, "", self.keys(contract, self.value(steps)))


def steps(value: Decimal) -> int:
    """Return a value as a number of steps."""
    return int(value / STEP)
