"""The percent of Medicare for all that no other term speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from feecalc.contracts.amounts import NONE, RATE_PLACES
from feecalc.contracts.fields import Percent, Section
from feecalc.contracts.terms.cells import Box, Cell, Part
from feecalc.contracts.terms.payment import Payment
from feecalc.contracts.terms.term import ContractDay, DayTerm, Keys, Term
from feecalc.contracts.terms.unknown import MOST_PERCENT, Unknown, steps
from feecalc.money import whole

_LABEL = "default"


class CommonPercentKeys(Section):
    """The percent of all else."""

    percent: Percent | None = None  # of Medicare, for what no other term speaks of


@dataclass(frozen=True)
class _OnDay(DayTerm):
    percent: int  # -1: none. [ten-thousandths of a percent]

    def set_percents(self, payment: Payment) -> None:
        payment.percent[:] = self.percent
        payment.decided_by[:] = payment.number(_LABEL)


class CommonPercent(Term[CommonPercentKeys]):
    """The percent of Medicare of all else."""

    name = "percent"
    section = CommonPercentKeys
    cells: ClassVar = {
        "percent": Cell(
            "percent of Medicare for all that no other sheet speaks of, 125",
            box=Box(
                "Percent of Medicare",
                Part.BASIS,
                "For all that no category, carve-out or fee table speaks of.",
                empty="",
            ),
        )
    }
    pays_alone = "percent"

    def is_given(self, keys: CommonPercentKeys) -> bool:
        return keys.percent is not None

    def as_medicare_allows(self, keys: CommonPercentKeys) -> Keys:
        return {"percent": Decimal(100)}

    def on(self, keys: CommonPercentKeys, day: ContractDay) -> DayTerm:
        return _OnDay(NONE if keys.percent is None else whole(day.risen(keys.percent, RATE_PLACES), RATE_PLACES))


def unknown(keys: CommonPercentKeys) -> Unknown:
    """Return the percent of all that no other term speaks of, to be solved for."""

    def with_percent(_: CommonPercentKeys, percent: Decimal) -> Keys:
        return {"percent": percent}

    return Unknown("the percent", "percent", keys.percent, 0, steps(MOST_PERCENT), with_percent)
