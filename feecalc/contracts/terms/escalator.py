"""A rise of the percents and fixed amounts once a year, each year on the year before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from feecalc.contracts.fields import Section, SignedPercent
from feecalc.contracts.terms.cells import Box, Cell, Kind, Part
from feecalc.contracts.terms.cells import day as read_day
from feecalc.contracts.terms.term import Keys, Term
from feecalc.contracts.terms.unknown import Unknown, steps
from feecalc.errors import InvalidValue
from feecalc.money import rounded_to

_MOST_RISE = Decimal(100)


class Escalator(Section):
    """A rise of the percents and fixed amounts, once a year from a first day, each year on the year before."""

    percent: SignedPercent
    first_applied: date

    def times(self, day: date) -> int:
        """Return how often it has been applied by a day."""
        first = self.first_applied
        years = day.year - first.year - ((day.month, day.day) < (first.month, first.day))
        return max(0, years + 1)


class EscalatorKeys(Section):
    """The rise a year."""

    escalator: Escalator | None = None


class YearlyRise(Term[EscalatorKeys]):
    """The rise of the percents and amounts of the other terms."""

    name = "escalator"
    section = EscalatorKeys
    cells: ClassVar = {
        "escalator.percent": Cell("rise a year, 3", box=Box("Rise a year, percent", Part.LIMITS, empty="none")),
        "escalator.first_applied": Cell(
            "first day of the first rise, 2027-01-01",
            read_day,
            box=Box("First rise", Part.LIMITS, kind=Kind.DAY),
        ),
    }

    def as_medicare_allows(self, keys: EscalatorKeys) -> Keys:
        return {"escalator": None}

    def risen(self, keys: EscalatorKeys, value: Decimal, places: int, day: date) -> Decimal:
        """Return a percent or amount on a day, after the rises until then: compounded, rounded once, half up."""
        times = self.changes_with(keys, day)
        if not times or keys.escalator is None:
            return value
        return rounded_to(value * (1 + keys.escalator.percent / 100) ** times, places)

    def changes_with(self, keys: EscalatorKeys, day: date) -> int:
        return keys.escalator.times(day) if keys.escalator else 0


def unknown(keys: EscalatorKeys, day: date, payer: str, first_applied: date | None = None) -> Unknown:
    """Return the rise of a year, to be solved for, as it has been applied by ``day``.

    Raises InvalidValue where it has not been yet.
    """
    given = keys.escalator
    first = first_applied or (given.first_applied if given else None)
    if first is None:
        raise InvalidValue(f"{payer}: no escalator, so no day it is first applied on; give that day")
    if Escalator(percent=Decimal(0), first_applied=first).times(day) < 1:
        raise InvalidValue(
            f"the escalator is first applied on {first}, after {day}, the day that is priced: no rise reaches the "
            "target; price a later day"
        )

    def with_rise(_: EscalatorKeys, percent: Decimal) -> Keys:
        return {"escalator": Escalator(percent=percent, first_applied=first)}

    now = given.percent if given else None
    return Unknown("the escalator a year", "percent", now, 1 - steps(_MOST_RISE), steps(_MOST_RISE), with_rise)
