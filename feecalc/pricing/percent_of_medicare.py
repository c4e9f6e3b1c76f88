"""The simplest contract, a percent of Medicare, beside the percents that commercial payers are reported to pay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from feecalc.money import MONEY_PLACES, exact, percent_of, whole
from feecalc.pricing.commercial_range import commercial_range

if TYPE_CHECKING:
    from feecalc.pricing.price import Price

_SHORT_NAME = 4  # letters: RAND, HCCI
_AVERAGE = "point"


def at_percents(price: Price, percents: Sequence[Decimal]) -> Iterator[dict[str, Any]]:
    """Give the amount at each percent, and for a range at each published percent too, the lowest first.

    Each row: percent, amount (USD, rounded once, half up; None where Medicare has no price), what, source.
    """
    rows = [(percent, "as asked", "") for percent in percents]
    rows += [(row["percent"], row["what"], row["source"]) for row in published_beside(percents, price.day)]
    for percent, what, source in sorted(rows):
        yield {"percent": percent, "amount": _amount(price, percent), "what": what, "source": source}


def published_beside(percents: Sequence[Decimal], day: date) -> list[dict[str, Any]]:
    """Return the published percents of commercial payers, the lowest first; none unless ``percents`` are a range.

    Each row: percent (of Medicare, for professional services), what, source.
    """
    return sorted(_published(day), key=lambda row: tuple(row.values())) if len(percents) > 1 else []


def _amount(price: Price, percent: Decimal) -> Decimal | None:
    if price.allowed_amount is None:
        return None
    return exact(percent_of(whole(price.allowed_amount, MONEY_PLACES), str(percent)), MONEY_PLACES)


def _published(day: date) -> Iterator[dict[str, Any]]:
    for benchmark in commercial_range(Decimal(0), day):
        name = benchmark.publisher
        name = name.upper() if len(name) <= _SHORT_NAME else name.replace("_", " ").capitalize()
        end = "" if benchmark.bound == _AVERAGE else f", {benchmark.bound} end"
        doubt = "" if benchmark.confirmed else " (not confirmed)"
        what = f"{name} {benchmark.year}, {benchmark.area}{end}{doubt}"
        yield {"percent": Decimal(benchmark.percent), "what": what, "source": benchmark.source}
