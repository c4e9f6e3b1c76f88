"""What is paid where Medicare has no price: nothing, or a percent of the charge.

Which lines it may pay stands in reference/payer_pricing_status.toml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal

import numpy as np

from feecalc import reference
from feecalc.contracts.amounts import NONE, RATE_PLACES, share
from feecalc.contracts.fields import Percent, Section
from feecalc.contracts.terms.cells import Box, Cell, Kind, Part, text_of
from feecalc.contracts.terms.payment import NOT_SAID, Payment
from feecalc.contracts.terms.term import ContractDay, DayTerm, Keys, Term
from feecalc.money import whole

NOT_PAID, OF_CHARGE = "not_paid", "percent_of_charge"


class WithoutPrice(Section):
    """What is paid where Medicare has no price: a percent of the charge, 0 for nothing."""

    percent_of_charge: Percent


class WithoutMedicarePriceKeys(Section):
    """The clause for what Medicare does not price."""

    without_medicare_price: Literal["not_paid"] | WithoutPrice | None = None


def _read(text: str) -> Any:
    return text if re.search(r"[a-z]", text) else {OF_CHARGE: text}


def _written(value: Any) -> str:
    return text_of(value.get(OF_CHARGE) if isinstance(value, dict) else value)


@dataclass(frozen=True)
class _OnDay(DayTerm):
    """``percent``: of the charge [ten-thousandths], None for nothing; not ``is_said``: the amount is not known."""

    percent: int | None
    is_said: bool

    def set_amounts(self, payment: Payment) -> None:
        if not len(payment.allowed.out):
            return
        lines = payment.lines_at_charge()
        if not self.is_said:
            payment.basis[lines] = payment.number(NOT_SAID)
        elif self.percent is None:
            payment.cents[lines], payment.basis[lines] = 0, payment.number(NOT_PAID)
        else:
            billed = payment.lines.billed[lines]
            payment.cents[lines] = np.where(billed >= 0, share(np.maximum(billed, 0), self.percent), NONE)
            payment.basis[lines] = payment.number(OF_CHARGE)


class WithoutMedicarePrice(Term[WithoutMedicarePriceKeys]):
    """What is paid for what Medicare does not price. Unsaid, the amount is not known."""

    name = "without_medicare_price"
    section = WithoutMedicarePriceKeys
    cells: ClassVar = {
        "without_medicare_price": Cell(
            "where Medicare has no price: not_paid, or a percent of the charge, 60",
            _read,
            _written,
            Box(
                "Where Medicare has no price",
                Part.LIMITS,
                kind=Kind.CHOICE_OR_PERCENT,
                choices={NOT_PAID: "nothing", OF_CHARGE: "a percent of the charge"},
            ),
        )
    }
    can_be: ClassVar = {"without_medicare_price": 'is neither "not_paid" nor { percent_of_charge = 60 }'}
    may_be_unsaid = True

    def as_medicare_allows(self, keys: WithoutMedicarePriceKeys) -> Keys:
        return {"without_medicare_price": None}

    def on(self, keys: WithoutMedicarePriceKeys, day: ContractDay) -> DayTerm:
        clause = keys.without_medicare_price
        percent = whole(clause.percent_of_charge, RATE_PLACES) if isinstance(clause, WithoutPrice) else None
        return _OnDay(percent, clause is not None)

    def is_said(self, keys: WithoutMedicarePriceKeys) -> bool:
        return keys.without_medicare_price is not None

    def read_as(self, row: reference.Row) -> Keys:
        percent = next((Decimal(percent) for percent in row["percents"]), None)
        clause = NOT_PAID if percent is None else WithoutPrice(percent_of_charge=percent)
        return {"without_medicare_price": clause}
