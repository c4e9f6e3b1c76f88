"""What may stand in a table of a contract's or scenario's file: numbers as they are written, texts, and days.

Percents are exact decimals of at most four places, amounts dollars and cents. None: the file does not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MOST_PERCENT = 10_000


def _exact(value: Any) -> Any:
    """Return a number as it is written: text, a whole number or a decimal. Binary fractions are not exact."""
    if isinstance(value, str):
        return value.strip().removesuffix("%").removeprefix("$").replace(",", "").strip()
    if isinstance(value, bool | float):
        raise ValueError(f"{value!r} is not a number that is exact; write 125 or 125.5")
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
    """A table of the file, or the keys of it that belong to one term: no other keys than these."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Dated(Section):
    """A table that holds on some days only; without a date it holds as long as the file does."""

    effective_from: date | None = None
    effective_to: date | None = None

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise ValueError(f"effective_to {self.effective_to} comes before effective_from {self.effective_from}")
        return self

    def holds_on(self, day: date) -> bool:
        """Return whether it holds on a day."""
        return (self.effective_from or date.min) <= day <= (self.effective_to or date.max)

    def meets(self, other: Dated) -> bool:
        """Return whether both hold on some day."""
        first = max(self.effective_from or date.min, other.effective_from or date.min)
        return first <= min(self.effective_to or date.max, other.effective_to or date.max)


SectionT = TypeVar("SectionT", bound=Section)


def with_keys(whole: SectionT, table: str, keys: Mapping[str, Any]) -> SectionT:
    """Return a contract with other values of some keys of one of its tables; "" is the head of the file."""
    if not table:
        return whole.model_copy(update=dict(keys))
    part: Section = getattr(whole, table)
    return whole.model_copy(update={table: part.model_copy(update=dict(keys))})
