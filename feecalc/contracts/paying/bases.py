"""Bases, fee tables and pricers that contracts over the same lines share, each opened once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from feecalc.contracts.amounts import FixedAmounts
from feecalc.contracts.contract import Contract
from feecalc.contracts.paying.basis import OpenBasis, open_basis
from feecalc.contracts.terms.fee_table import fees_of
from feecalc.contracts.terms.medicare_year import CURRENT
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.schedule import FeeSchedule


class Bases:
    """A cache of contracts' bases, fee tables and pricers. Pricers are for one set of releases by day of service.

    ``schedules`` are releases that are open already.
    """

    def __init__(self, schedules: Sequence[FeeSchedule] = (), home: Path | None = None) -> None:
        self.home = home
        self._schedules = {schedule.release.name: schedule for schedule in schedules}
        self._opened: dict[object, OpenBasis] = {}
        self._fees: dict[str, FixedAmounts] = {}
        self._pricers: dict[object, ClaimPricer] = {}

    def fees_of(self, contract: Contract) -> FixedAmounts:
        """Return the contract's own fees, read once. Raises as ``terms.fee_table.read_fee_table``."""
        path = contract.fee_table.path if contract.fee_table else ""
        if path not in self._fees:
            self._fees[path] = fees_of(contract, contract.payer)
        return self._fees[path]

    def of(self, filled: Contract) -> OpenBasis:
        """Return the basis of a contract (``Contract.filled``). Raises NotInstalled, UnknownRelease."""
        key = (filled.basis, filled.rules)
        if key not in self._opened:
            schedule = self._schedules.get(filled.basis.release or "")
            if schedule is None:
                self._opened[key] = open_basis(filled, self.home)
            else:
                current = filled.basis.model_copy(update={"year": CURRENT, "release": None})
                opened = open_basis(filled.model_copy(update={"basis": current}), self.home)
                self._opened[key] = replace(opened, schedule=schedule)
        return self._opened[key]

    def pricer(self, key: object, make: Callable[[], ClaimPricer]) -> ClaimPricer:
        """Return the pricer of a key; ``make`` is called the first time only."""
        if key not in self._pricers:
            self._pricers[key] = make()
        return self._pricers[key]
