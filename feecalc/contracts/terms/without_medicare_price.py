"""Payment of services without a Medicare price: nothing, or a percent of the charge.

reference/payer_pricing_status.toml lists the pricing statuses to which it applies.
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
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart, InputKind, text_of
from feecalc.contracts.terms.payment import UNSPECIFIED, Payment
from feecalc.contracts.terms.term import ContractDay, DayTerm, Keys, Term
from feecalc.money import whole

NOT_PAID, OF_CHARGE = "not_paid", "percent_of_charge"


class WithoutPrice(Section):
    """The percent of the charge that is paid where Medicare has no price; 0 for nothing."""

    percent_of_charge: Percent


class WithoutMedicarePriceKeys(Section):
    """The payment of services without a Medicare price."""

    without_medicare_price: Literal["not_paid"] | WithoutPrice | None = None


def _read(text: str) -> Any:
    return text if re.search(r"[a-z]", text) else {OF_CHARGE: text}


def _written(value: Any) -> str:
    return text_of(value.get(OF_CHARGE) if isinstance(value, dict) else value)


@dataclass(frozen=True)
class _DayChargePercent(DayTerm):
    """The percent of the charge on a day [ten-thousandths of a percent], None for nothing.

    Where it is not ``is_specified``, the amount is not known.
    """

    percent: int | None
    is_specified: bool

    def set_amounts(self, payment: Payment) -> None:
        if not len(payment.allowed.unpriced_lines):
            return
        lines = payment.lines_at_charge()
        if not self.is_specified:
            payment.basis[lines] = payment.number(UNSPECIFIED)
        elif self.percent is None:
            payment.cents[lines], payment.basis[lines] = 0, payment.number(NOT_PAID)
        else:
            billed = payment.lines.billed[lines]
            payment.cents[lines] = np.where(billed >= 0, share(np.maximum(billed, 0), self.percent), NONE)
            payment.basis[lines] = payment.number(OF_CHARGE)


class WithoutMedicarePrice(Term[WithoutMedicarePriceKeys]):
    """The payment of services without a Medicare price. Where it is not specified, the amount is not known."""

    name = "without_medicare_price"
    section = WithoutMedicarePriceKeys
    cells: ClassVar = {
        "without_medicare_price": Cell(
            "where Medicare has no price: not_paid, or a percent of the charge, 60",
            _read,
            _written,
            FormBox(
                "Where Medicare has no price",
                FormPart.LIMITS,
                kind=InputKind.CHOICE_OR_PERCENT,
                choices={NOT_PAID: "nothing", OF_CHARGE: "a percent of the charge"},
            ),
        )
    }
    can_be: ClassVar = {"without_medicare_price": 'is neither "not_paid" nor { percent_of_charge = 60 }'}
    may_be_unspecified = True

    def as_medicare_allows(self, keys: WithoutMedicarePriceKeys) -> Keys:
        return {"without_medicare_price": None}

    def on(self, keys: WithoutMedicarePriceKeys, day: ContractDay) -> DayTerm:
        clause = keys.without_medicare_price
        percent = whole(clause.percent_of_charge, RATE_PLACES) if isinstance(clause, WithoutPrice) else None
        return _DayChargePercent(percent, clause is not None)

    def is_specified(self, keys: WithoutMedicarePriceKeys) -> bool:
        return keys.without_medicare_price is not None

    def read_as(self, row: reference.Row) -> Keys:
        percent = next((Decimal(percent) for percent in row["percents"]), None)
        clause = NOT_PAID if percent is None else WithoutPrice(percent_of_charge=percent)
        return {"without_medicare_price": clause}
