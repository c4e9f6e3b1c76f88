"""What is to be reached: a revenue, an effective percent of Medicare, or a change of what is paid now."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import numpy as np

from feecalc.contracts.amounts import NONE
from feecalc.contracts.contract import Contract
from feecalc.contracts.trials import Trials, total
from feecalc.errors import InvalidValue
from feecalc.money import MONEY_PLACES, rounded_to

_CENT = Decimal("0.01")
Revenue = Callable[[Contract], int]


def revenue_of(trials: Trials) -> Revenue:
    """What a contract pays in all. [cents]"""
    return lambda contract: total(trials.pay(contract))


def revenue_beside_medicare(trials: Trials) -> tuple[Revenue, int]:
    """What a contract pays for what current Medicare prices too, and what Medicare allows for it. [cents]"""
    medicare = trials.medicare()
    known = medicare > 0

    def revenue(contract: Contract) -> int:
        return total(np.where(known, trials.pay(contract), NONE))

    return revenue, total(np.where(known, medicare, NONE))


def effective_target(percent: Decimal, medicare: int) -> Decimal:
    """The revenue that is a percent of what Medicare allows, to the cent. [USD]  Raises InvalidValue."""
    if medicare <= 0:
        raise InvalidValue("current Medicare prices none of the lines: there is no effective percent; give a revenue")
    return rounded_to(medicare * _CENT * percent / 100, MONEY_PLACES)


def changed_target(percent: Decimal, now: int) -> Decimal:
    """What is paid now and a percent more, to the cent. [USD]"""
    return rounded_to(now * _CENT * (100 + percent) / 100, MONEY_PLACES)
