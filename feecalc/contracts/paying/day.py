"""A contract's terms on a day, ready for many lines: from what Medicare would allow to what the payer pays.

Each percent is of Medicare's amount in cents and is rounded once, half up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from feecalc.contracts.amounts import FixedAmounts
from feecalc.contracts.categories import Taxonomy
from feecalc.contracts.contract import Contract
from feecalc.contracts.lines import Allowed, Coded, Paid
from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.fee_table import fees_of
from feecalc.contracts.terms.payment import Payment
from feecalc.contracts.terms.term import ContractDay, DayTerm
from feecalc.pricing.arrays import Integers


@dataclass(frozen=True)
class DayTerms:
    """The terms of a contract that act on one day, in the order in which they do."""

    day: date
    terms: tuple[DayTerm, ...]

    @classmethod
    def of(
        cls, contract: Contract, day: date, taxonomy: Taxonomy | None = None, fees: FixedAmounts | None = None
    ) -> DayTerms:
        """Return the terms of a contract (``Contract.filled``). Raises InvalidValue where categories overlap.

        ``fees``: those of the contract's own table, where they have been read.
        """
        own_fees = fees if fees is not None else fees_of(contract, contract.payer)

        def risen(value: Decimal, places: int) -> Decimal:
            for term in TERMS:
                value = term.risen(term.of(contract), value, places, day)
            return value

        ready = ContractDay(contract.payer, day, taxonomy, own_fees, risen)
        terms = (term.on(term.of(contract), ready) for term in TERMS)
        return cls(day, tuple(term for term in terms if term is not None))

    def pay(self, lines: Coded, allowed: Allowed, claims: Integers | None = None) -> Paid:
        """Return what each line is paid. ``claims``: each line's claim as a number, if a claim's charges limit it."""
        rated = self.rated(lines, allowed)
        return Paid(self.cut(self.limited(rated.cents, lines, claims)), rated.cents, rated.basis, rated.labels)

    def rated(self, lines: Coded, allowed: Allowed) -> Payment:
        """Return what lines are paid by the percents and fixed amounts alone."""
        payment = Payment(lines, allowed, self.day)
        for term in self.terms:
            term.set_percents(payment)
        payment.take_percents()
        for term in self.terms:
            term.set_amounts(payment)
        return payment

    def limited(self, cents: Integers, lines: Coded, claims: Integers | None) -> Integers:
        """Return the amounts, no more than the ceilings."""
        for term in self.terms:
            cents = term.limit(cents, lines, claims)
        return cents

    def cut(self, cents: Integers) -> Integers:
        """Return the amounts less what is taken off at the end."""
        for term in self.terms:
            cents = term.cut(cents)
        return cents


def days_of_change(contract: Contract, days: Sequence[date]) -> list[date]:
    """Return the first of the ``days`` (in order) in each run of days with the same terms."""
    found: list[date] = []
    before: object = None
    keys = [(term, term.of(contract)) for term in TERMS]
    for day in days:
        now = [term.changes_with(own, day) for term, own in keys]
        if now != before:
            found.append(day)
        before = now
    return found
