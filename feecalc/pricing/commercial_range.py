"""What commercial payers pay beside Medicare, by published percents: where a negotiation starts, and no price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from feecalc import reference
from feecalc.money import MONEY_PLACES, exact, percent_of, whole

PROFESSIONAL = "professional"
_NATION = "US"
_ASSUMED = "assumed"


@dataclass(frozen=True)
class Benchmark:
    """Hold a published percent of Medicare, and the amount it makes of one. [USD, rounded to the cent, half up]

    ``area``: US, or a state. ``bound``: point (an average), low or high (the ends of a range). ``confirmed``: whether a
    study stands behind it.
    """

    publisher: str
    area: str
    bound: str
    year: int
    percent: str
    amount: Decimal
    confirmed: bool
    source: str


def commercial_range(amount: Decimal, day: date, setting: str = PROFESSIONAL) -> list[Benchmark]:
    """Return every benchmark of a setting in force on ``day``, applied to a Medicare amount, the lowest first.

    Source: reference/commercial_benchmark.toml, with what is not confirmed marked so.
    """
    cents = whole(str(amount), MONEY_PLACES)
    found = [
        Benchmark(
            publisher=row["publisher"],
            area=row["area"],
            bound=row["bound"],
            year=row["year"],
            percent=row["value"],
            amount=exact(percent_of(cents, row["value"]), MONEY_PLACES),
            confirmed=row.get("basis") != _ASSUMED,
            source=row["source"],
        )
        for row in reference.rows_on("commercial_benchmark", day, setting=setting)
    ]
    return sorted(found, key=lambda benchmark: (Decimal(benchmark.percent), benchmark.publisher))


def national_averages(benchmarks: list[Benchmark]) -> list[Benchmark]:
    """Return the confirmed averages of the whole nation among them."""
    return [row for row in benchmarks if row.confirmed and row.area == _NATION and row.bound == "point"]
