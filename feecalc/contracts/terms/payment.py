"""Payment of lines under way: the arrays that the terms of a day write into, one after another."""

from __future__ import annotations

from datetime import date

import numpy as np

from feecalc.contracts.amounts import NONE, FixedAmounts, component_modifiers, share
from feecalc.contracts.lines import CHARGE, NOTHING, AllowedAmounts, CodedLines
from feecalc.pricing.arrays import Integers

UNSPECIFIED, BY_RULE, NOT_PRICED = "not_said", "rule", "not_priced"


class Payment:
    """The payment of every line, and the term that decided it.

    Shape: ``percent`` and ``decided_by`` [distinct code], ``cents`` and ``basis`` [line]; -1 is no amount, or none yet.
    """

    def __init__(self, lines: CodedLines, allowed: AllowedAmounts, day: date) -> None:
        self.lines, self.allowed, self.day = lines, allowed, day
        self.percent: Integers = np.full(len(lines.distinct), NONE, np.int64)  # [ten-thousandths of a percent]
        self.decided_by: Integers = np.zeros(len(lines.distinct), np.int64)
        self.cents: Integers = np.full(len(lines.code), NONE, np.int64)
        self.basis: Integers = np.zeros(len(lines.code), np.int64)  # number of the term in ``labels``
        self._numbers: dict[str, int] = {}

    def number(self, label: str) -> int:
        """Return the number of a term in ``labels``."""
        return self._numbers.setdefault(label, len(self._numbers))

    @property
    def labels(self) -> tuple[str, ...]:
        """The terms that decided, by their numbers."""
        return tuple(self._numbers)

    def price_at_percents(self) -> None:
        """Price the lines at the percents of their codes, each rounded once to the cent."""
        allowed, percent = self.allowed, self.percent[self.lines.code]
        known = allowed.is_priced & (percent != NONE)
        self.cents = np.where(known, share(allowed.cents, np.maximum(percent, 0)), NONE)
        self.basis = np.where(known, self.decided_by[self.lines.code], self.number(UNSPECIFIED))
        unpriced = allowed.unpriced_lines
        if len(unpriced):
            by_rule = allowed.cents[unpriced] == 0
            self.cents[unpriced[by_rule]] = 0
            self.basis[unpriced] = np.where(by_rule, self.number(BY_RULE), self.number(NOT_PRICED))

    def lines_at_charge(self) -> Integers:
        """Return the lines without a Medicare amount that may be paid a percent of the charge."""
        unpriced = self.allowed.unpriced_lines
        lines: Integers = unpriced[(self.allowed.treatment(self.day) == CHARGE) & (self.allowed.cents[unpriced] != 0)]
        return lines

    def lines_of(self, table: FixedAmounts) -> tuple[Integers, Integers]:
        """Return the lines that a table of fixed amounts pays, and the table's row of each."""
        allowed = self.allowed
        matched = self.lines.matched(table, component_modifiers(self.day))
        line, row = matched.line, matched.row
        unpriced = np.flatnonzero(~allowed.is_priced[line])
        if len(unpriced):
            kept = np.ones(len(line), np.bool_)
            pays = allowed.treatment(self.day)[np.searchsorted(allowed.unpriced_lines, line[unpriced])]
            kept[unpriced] = (pays != NOTHING) & (allowed.cents[line[unpriced]] != 0)
            line, row = line[kept], row[kept]
        return line, row

    def units_of(self, line: Integers) -> Integers:
        """Return the units that a fixed amount is paid for."""
        return np.broadcast_to(np.asarray(self.allowed.units), len(self.allowed.cents))[line]
