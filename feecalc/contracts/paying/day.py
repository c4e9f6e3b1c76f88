"""A contract's terms on one day, applied to many lines: from what Medicare allows to what the payer pays.

A percent applies to Medicare's amount in cents and is rounded once, half up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from feecalc.contracts.amounts import FixedAmounts
from feecalc.contracts.categories import Taxonomy
from feecalc.contracts.contract import Contract
from feecalc.contracts.lines import AllowedAmounts, CodedLines, PaidAmounts
from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.fee_table import fees_of
from feecalc.contracts.terms.payment import Payment
from feecalc.contracts.terms.term import ContractDay, DayTerm
from feecalc.pricing.arrays import Integers


@dataclass(frozen=True)
class DayTerms:
    """The terms of a contract that are in force on one day, in the order in which they apply."""

    day: date
    terms: tuple[DayTerm, ...]

    @classmethod
    def of(
        cls, contract: Contract, day: date, taxonomy: Taxonomy | None = None, fees: FixedAmounts | None = None
    ) -> DayTerms:
        """Return the terms of a contract (``Contract.filled``) on a day. Raises InvalidValue where categories overlap.

        ``fees``: the contract's own fee table, where it has been read.
        """
        own_fees = fees if fees is not None else fees_of(contract, contract.payer)

        def risen(value: Decimal, places: int) -> Decimal:
            for term in TERMS:
                value = term.escalated(term.keys_of(contract), value, places, day)
            return value

        contract_day = ContractDay(contract.payer, day, taxonomy, own_fees, risen)
        terms = (term.on(term.keys_of(contract), contract_day) for term in TERMS)
        return cls(day, tuple(term for term in terms if term is not None))

    def pay(self, lines: CodedLines, allowed: AllowedAmounts, claims: Integers | None = None) -> PaidAmounts:
        """Return what each line is paid. ``claims``: each line's claim as a number, for a ceiling by claim."""
        rated = self.rated(lines, allowed)
        return PaidAmounts(self.cut(self.limited(rated.cents, lines, claims)), rated.cents, rated.basis, rated.labels)

    def rated(self, lines: CodedLines, allowed: AllowedAmounts) -> Payment:
        """Return what lines are paid by percents and fixed amounts, before ceilings and cuts."""
        payment = Payment(lines, allowed, self.day)
        for term in self.terms:
            term.set_percents(payment)
        payment.price_at_percents()
        for term in self.terms:
            term.set_amounts(payment)
        return payment

    def limited(self, cents: Integers, lines: CodedLines, claims: Integers | None) -> Integers:
        """Return the amounts after the charge ceiling. [cents]"""
        for term in self.terms:
            cents = term.limit(cents, lines, claims)
        return cents

    def cut(self, cents: Integers) -> Integers:
        """Return the amounts after sequestration. [cents]"""
        for term in self.terms:
            cents = term.cut(cents)
        return cents


def days_of_change(contract: Contract, days: Sequence[date]) -> list[date]:
    """Return the first day of each run of ``days`` (sorted) with the same terms."""
    first_days: list[date] = []
    previous: object = None
    keys = [(term, term.keys_of(contract)) for term in TERMS]
    for day in days:
        current = [term.state_on(term_keys, day) for term, term_keys in keys]
        if current != previous:
            first_days.append(day)
        previous = current
    return first_days
