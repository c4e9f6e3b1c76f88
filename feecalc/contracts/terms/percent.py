"""The common percent of Medicare, for services that no other term covers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from feecalc.contracts.amounts import NONE, RATE_PLACES
from feecalc.contracts.fields import Percent, Section
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart
from feecalc.contracts.terms.payment import Payment
from feecalc.contracts.terms.solvable import MOST_PERCENT, SolvableTerm, steps
from feecalc.contracts.terms.term import ContractDay, DayTerm, Keys, Term
from feecalc.money import whole

_LABEL = "default"


class CommonPercentKeys(Section):
    """The common percent."""

    percent: Percent | None = None  # of Medicare, for what no other term covers


@dataclass(frozen=True)
class _DayPercent(DayTerm):
    percent: int  # -1: none. [ten-thousandths of a percent]

    def set_percents(self, payment: Payment) -> None:
        payment.percent[:] = self.percent
        payment.decided_by[:] = payment.number(_LABEL)


class CommonPercent(Term[CommonPercentKeys]):
    """The percent of Medicare for services that no other term covers."""

    name = "percent"
    section = CommonPercentKeys
    cells: ClassVar = {
        "percent": Cell(
            "percent of Medicare for services that no other sheet covers, 125",
            box=FormBox(
                "Percent of Medicare",
                FormPart.BASIS,
                "For services that no category, carve-out or fee table covers.",
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
        return _DayPercent(
            NONE if keys.percent is None else whole(day.escalated(keys.percent, RATE_PLACES), RATE_PLACES)
        )


def solvable(keys: CommonPercentKeys) -> SolvableTerm:
    """Return the common percent as a term to solve for."""

    def with_percent(_: CommonPercentKeys, percent: Decimal) -> Keys:
        return {"percent": percent}

    return SolvableTerm("the percent", "percent", keys.percent, 0, steps(MOST_PERCENT), with_percent)
