"""The escalator: percents and fixed amounts rise once a year, compounded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from feecalc.contracts.fields import Section, SignedPercent
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart, InputKind
from feecalc.contracts.terms.cells import day as read_day
from feecalc.contracts.terms.solvable import SolvableTerm, steps
from feecalc.contracts.terms.term import Keys, Term
from feecalc.errors import InvalidValue
from feecalc.money import rounded_to

_MOST_RISE = Decimal(100)


class Escalator(Section):
    """A yearly rise of the percents and fixed amounts from a first day on, compounded."""

    percent: SignedPercent
    first_applied: date

    def times_applied(self, day: date) -> int:
        """Return how often the rise has been applied by a day."""
        first = self.first_applied
        years = day.year - first.year - ((day.month, day.day) < (first.month, first.day))
        return max(0, years + 1)


class EscalatorKeys(Section):
    """The yearly rise."""

    escalator: Escalator | None = None


class YearlyRise(Term[EscalatorKeys]):
    """The yearly rise of the percents and amounts of the other terms."""

    name = "escalator"
    section = EscalatorKeys
    cells: ClassVar = {
        "escalator.percent": Cell("rise a year, 3", box=FormBox("Rise a year, percent", FormPart.LIMITS, empty="none")),
        "escalator.first_applied": Cell(
            "first day of the first rise, 2027-01-01",
            read_day,
            box=FormBox("First rise", FormPart.LIMITS, kind=InputKind.DAY),
        ),
    }

    def as_medicare_allows(self, keys: EscalatorKeys) -> Keys:
        return {"escalator": None}

    def escalated(self, keys: EscalatorKeys, value: Decimal, places: int, day: date) -> Decimal:
        """Return a percent or amount after the rises applied by a day: compounded, rounded once, half up."""
        times = self.state_on(keys, day)
        if not times or keys.escalator is None:
            return value
        return rounded_to(value * (1 + keys.escalator.percent / 100) ** times, places)

    def state_on(self, keys: EscalatorKeys, day: date) -> int:
        return keys.escalator.times_applied(day) if keys.escalator else 0


def solvable(keys: EscalatorKeys, day: date, payer: str, first_applied: date | None = None) -> SolvableTerm:
    """Return the yearly rise, as applied by a day, to solve for. Raises InvalidValue before the first rise."""
    escalator = keys.escalator
    first = first_applied or (escalator.first_applied if escalator else None)
    if first is None:
        raise InvalidValue(f"{payer}: no escalator, so no day it is first applied on; give that day")
    if Escalator(percent=Decimal(0), first_applied=first).times_applied(day) < 1:
        raise InvalidValue(
            f"the escalator is first applied on {first}, after {day}, the day that is priced: no rise reaches the "
            "target; price a later day"
        )

    def with_rise(_: EscalatorKeys, percent: Decimal) -> Keys:
        return {"escalator": Escalator(percent=percent, first_applied=first)}

    now = escalator.percent if escalator else None
    return SolvableTerm("the escalator a year", "percent", now, 1 - steps(_MOST_RISE), steps(_MOST_RISE), with_rise)
