"""A contract's terms on a day, ready for many lines: from what Medicare would allow to what the payer pays.

Order of the terms: a carve-out, the payer's fee table, a category's percent, the percent for all else. Then the lower
of the charge, then sequestration where it is passed on. Each percent is of Medicare's amount in cents and is rounded
once, half up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path

import numpy as np

from feecalc import reference
from feecalc.contracts.categories import Categories, Taxonomy, contract_categories
from feecalc.contracts.contract import CLAIM, LINE, CategoryTerm, Contract, WithoutPrice
from feecalc.contracts.paying.cents import held_to_claims, own_fee, share
from feecalc.contracts.paying.fixed import (
    NONE,
    RATE_PLACES,
    FixedAmounts,
    component_modifiers,
    holding_modifiers,
    read_fee_table,
)
from feecalc.contracts.paying.lines import CHARGE, NOTHING, Allowed, Coded, Paid
from feecalc.errors import FeeCalcError
from feecalc.money import whole
from feecalc.pricing.arrays import Whole

CARVE_OUT, FEE_TABLE, DEFAULT, OF_CHARGE = "carve_out", "fee_table", "default", "percent_of_charge"
NOT_PAID, NOT_SAID, BY_RULE, NOT_PRICED = "not_paid", "not_said", "rule", "not_priced"
LABELS = (CARVE_OUT, FEE_TABLE, DEFAULT, OF_CHARGE, NOT_PAID, NOT_SAID, BY_RULE, NOT_PRICED)
_AT = {label: number for number, label in enumerate(LABELS)}
CATEGORY = "category "  # before its name


def escalated(contract: Contract, value: Decimal, places: int, day: date) -> Decimal:
    """A percent or amount on a day, after the rises until then: compounded, rounded once, half up."""
    escalator = contract.escalator
    times = escalator.times(day) if escalator else 0
    if not times or escalator is None:
        return value
    risen = value * (1 + escalator.percent / 100) ** times
    return risen.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@dataclass(frozen=True)
class DayTerms:
    """The terms of a contract on one day."""

    contract: Contract
    day: date
    categories: Categories
    percents: Whole  # of each category, then of all else; -1 where there is none. [ten-thousandths of a percent]
    carve_outs: FixedAmounts
    fee_table: FixedAmounts

    @classmethod
    def of(
        cls, contract: Contract, day: date, taxonomy: Taxonomy | None = None, fees: FixedAmounts | None = None
    ) -> DayTerms:
        """Raises InvalidValue where categories overlap; the contract is ``Contract.filled``."""
        terms = [(number, term) for number, term in enumerate(contract.category, 1) if term.holds_on(day)]
        where = [f"{contract.payer}, [[category]] {number} ({term.name})" for number, term in terms]
        held: list[CategoryTerm] = [term for _, term in terms]
        values = [*(term.percent for term in held), contract.percent]
        percents = [
            NONE if value is None else whole(escalated(contract, value, RATE_PLACES, day), RATE_PLACES)
            for value in values
        ]
        carve_outs = [
            term.model_copy(update={"amount": escalated(contract, term.amount, 2, day)})
            for term in contract.carve_out
            if term.holds_on(day)
        ]
        table = contract.fee_table
        fees = fees if fees is not None else fee_table_of(contract)
        of_table = fees.times(escalated(contract, table.percent, RATE_PLACES, day)) if table else fees
        categories = contract_categories(held, day, taxonomy, where)
        return cls(contract, day, categories, np.array(percents), FixedAmounts.of_carve_outs(carve_outs), of_table)

    @property
    def labels(self) -> tuple[str, ...]:
        return (*LABELS, *(CATEGORY + name for name in self.categories.names))

    def pay(self, lines: Coded, allowed: Allowed, claims: Whole | None = None) -> Paid:
        """What each line is paid. ``claims``: each line's claim as a number, where charges are held against claims."""
        before, basis = self.rated(lines, allowed)
        return Paid(self.cut(self.capped(before, lines, claims)), before, basis, self.labels)

    def rated(self, lines: Coded, allowed: Allowed) -> tuple[Whole, Whole]:
        """Cents by the rates and fixed amounts alone, and the number of the term that decided."""
        number = self.categories.numbers(lines.keys)  # -1 is the last percent: of all else
        percent = self.percents[number][lines.code]
        label = np.where(number == NONE, _AT[DEFAULT], number + len(LABELS))[lines.code]
        known = allowed.is_priced & (percent != NONE)
        cents = np.where(known, share(allowed.cents, np.maximum(percent, 0)), NONE)
        basis = np.where(known, label, _AT[NOT_SAID])
        if len(allowed.out):
            self._pay_unpriced(lines, allowed, cents, basis)
        self._pay_fixed(lines, allowed, cents, basis)
        return cents, basis

    def capped(self, cents: Whole, lines: Coded, claims: Whole | None) -> Whole:
        """No more than the charge, by line, or by claim where the claims are given."""
        way = self.contract.lesser_of_billed
        if way == CLAIM and claims is not None:
            return held_to_claims(cents, lines.billed, claims)
        if way in (LINE, CLAIM):
            held = (lines.billed >= 0) & (cents >= 0)
            return np.where(held, np.minimum(cents, lines.billed), cents)
        return cents

    def cut(self, cents: Whole) -> Whole:
        """Less sequestration, where it is passed on."""
        if not self.contract.rules.sequestration:
            return cents
        return np.where(cents > 0, cents - share(cents, self._sequestration), cents)

    def _pay_unpriced(self, lines: Coded, allowed: Allowed, cents: Whole, basis: Whole) -> None:
        """Lines without a Medicare amount: the contract's clause for them, or nothing."""
        out, pays = allowed.out, allowed.treatment(self.day)
        by_rule = allowed.cents[out] == 0
        cents[out[by_rule]], basis[out] = 0, np.where(by_rule, _AT[BY_RULE], _AT[NOT_PRICED])
        chosen = out[(pays == CHARGE) & ~by_rule]
        clause = self.contract.without_medicare_price
        if isinstance(clause, WithoutPrice):
            billed = lines.billed[chosen]
            rate = whole(clause.percent_of_charge, RATE_PLACES)
            cents[chosen] = np.where(billed >= 0, share(np.maximum(billed, 0), rate), NONE)
            basis[chosen] = _AT[OF_CHARGE]
        elif clause is None:
            basis[chosen] = _AT[NOT_SAID]
        else:
            cents[chosen], basis[chosen] = 0, _AT[NOT_PAID]

    def _pay_fixed(self, lines: Coded, allowed: Allowed, cents: Whole, basis: Whole) -> None:
        """Fixed amounts in place of all else: the fee table's, as the rules have the line, then carve-outs."""
        for table, name in ((self.fee_table, FEE_TABLE), (self.carve_outs, CARVE_OUT)):
            if table.is_empty:
                continue
            found = lines.matched(table, self._components)
            chosen, row = found.line, found.row
            own = np.flatnonzero(~allowed.is_priced[chosen])
            if len(own):
                kept = np.ones(len(chosen), np.bool_)
                pays = allowed.treatment(self.day)[np.searchsorted(allowed.out, chosen[own])]
                kept[own] = (pays != NOTHING) & (allowed.cents[chosen[own]] != 0)
                chosen, row = chosen[kept], row[kept]
            amount = table.cents[row]
            units = np.broadcast_to(np.asarray(allowed.units), len(allowed.cents))[chosen]
            if name == FEE_TABLE and allowed.factors is not None:
                holds = [table.has(modifiers)[row] for modifiers in self._holding]
                amount = own_fee(amount, units, allowed.factors[chosen], *holds)
            else:
                amount = amount * units
            cents[chosen], basis[chosen] = amount, _AT[name]

    @cached_property
    def _holding(self) -> tuple[frozenset[str], frozenset[str]]:
        return holding_modifiers(self.day, "sides"), holding_modifiers(self.day, "percents")

    @cached_property
    def _components(self) -> frozenset[str]:
        return component_modifiers(self.day)

    @cached_property
    def _sequestration(self) -> int:
        return sequestration_cut(self.day)


def sequestration_cut(day: date) -> int:
    """What is taken off an amount: the cut of the plan's part, the coinsurance left out. [10^-4 of a percent]"""
    cut = Decimal(reference.row_on("sequestration", day)["value"])
    plan_share = 100 - Decimal(reference.row_on("coinsurance", day, kind="general")["value"])
    return whole((cut * plan_share / 100).quantize(Decimal("0.0001")), RATE_PLACES)


def fee_table_of(contract: Contract) -> FixedAmounts:
    """The fees of a contract's own table; none where it has none. Errors as ``read_fee_table``, the contract named."""
    if contract.fee_table is None:
        return FixedAmounts.of_carve_outs(())
    try:
        return read_fee_table(Path(contract.fee_table.path))
    except FeeCalcError as error:
        raise type(error)(f"{contract.payer}, [fee_table], key 'path': {error}") from error


def term_days(contract: Contract, days: Sequence[date]) -> list[date]:
    """The first of the ``days`` (in order) in each run of days with the same terms."""
    found: list[date] = []
    before: object = None
    for day in days:
        rows = [row.holds_on(day) for row in (*contract.category, *contract.carve_out)]
        rule_days = reference.row_on("sequestration", day)["effective_from"] if contract.rules.sequestration else None
        now = (rows, contract.escalator.times(day) if contract.escalator else 0, rule_days)
        if now != before:
            found.append(day)
        before = now
    return found
