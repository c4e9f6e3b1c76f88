"""Field types of a contract's or scenario's file: exact numbers, texts and dates.

Percents are exact decimals of at most four places, amounts dollars and cents. None: the file does not specify it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MOST_PERCENT = 10_000


def _exact(value: Any) -> Any:
    """Return a number as written: text, a whole number or a decimal. Raise ValueError for a binary fraction."""
    if isinstance(value, str):
        return value.strip().removesuffix("%").removeprefix("$").replace(",", "").strip()
    if isinstance(value, bool | float):
        raise ValueError(f"{value!r} is not an exact number; write 125 or 125.5")
    return value


def _positive(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError(f"{value} is below 0")
    return value


Percent = Annotated[
    Decimal,
    BeforeValidator(_exact),
    AfterValidator(_positive),
    Field(le=MOST_PERCENT, decimal_places=4, allow_inf_nan=False),
]
RulePercent = Annotated[
    Decimal,
    BeforeValidator(_exact),
    AfterValidator(_positive),
    Field(le=MOST_PERCENT, decimal_places=2, allow_inf_nan=False),
]
SignedPercent = Annotated[Decimal, BeforeValidator(_exact), Field(gt=-100, le=100, decimal_places=4)]
Amount = Annotated[
    Decimal,
    BeforeValidator(_exact),
    AfterValidator(_positive),
    Field(le=10_000_000, decimal_places=2, allow_inf_nan=False),
]
Factor = Annotated[
    Decimal,
    BeforeValidator(_exact),
    AfterValidator(_positive),
    Field(gt=0, le=1000, decimal_places=4, allow_inf_nan=False),
]
Words = Annotated[str, Field(min_length=1, max_length=200)]


class Section(BaseModel):
    """A table of a file, or the keys of one term. Other keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class DatedSection(Section):
    """A table that is in force from one day to another; without a date it is in force as long as the file."""

    effective_from: date | None = None
    effective_to: date | None = None

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise ValueError(f"effective_to {self.effective_to} comes before effective_from {self.effective_from}")
        return self

    def applies_on(self, day: date) -> bool:
        """Return whether it is in force on a day."""
        return (self.effective_from or date.min) <= day <= (self.effective_to or date.max)

    def overlaps(self, other: DatedSection) -> bool:
        """Return whether both are in force on some day."""
        first = max(self.effective_from or date.min, other.effective_from or date.min)
        return first <= min(self.effective_to or date.max, other.effective_to or date.max)


SectionT = TypeVar("SectionT", bound=Section)


def with_keys(contract: SectionT, table: str, keys: Mapping[str, Any]) -> SectionT:
    """Return a copy of a contract with new values for some keys of one of its tables; "" is the head of the file."""
    if not table:
        return contract.model_copy(update=dict(keys))
    section: Section = getattr(contract, table)
    return contract.model_copy(update={table: section.model_copy(update=dict(keys))})
