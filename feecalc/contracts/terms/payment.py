"""Lines as they are paid: the arrays that the terms of a day write into, one after the other."""

from __future__ import annotations

from datetime import date

import numpy as np

from feecalc.contracts.amounts import NONE, FixedAmounts, component_modifiers, share
from feecalc.contracts.lines import CHARGE, NOTHING, Allowed, Coded
from feecalc.pricing.arrays import Integers

NOT_SAID, BY_RULE, NOT_PRICED = "not_said", "rule", "not_priced"


class Payment:
    """What each line is paid, and the term that decided.

    Shape: ``percent`` and ``decided_by`` [distinct code], ``cents`` and ``basis`` [line]; -1 is no amount, or none yet.
    """

    def __init__(self, lines: Coded, allowed: Allowed, day: date) -> None:
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

    def take_percents(self) -> None:
        """Price the lines at the percents of their codes, each rounded once to the cent."""
        allowed, percent = self.allowed, self.percent[self.lines.code]
        known = allowed.is_priced & (percent != NONE)
        self.cents = np.where(known, share(allowed.cents, np.maximum(percent, 0)), NONE)
        self.basis = np.where(known, self.decided_by[self.lines.code], self.number(NOT_SAID))
        out = allowed.out
        if len(out):
            by_rule = allowed.cents[out] == 0
            self.cents[out[by_rule]] = 0
            self.basis[out] = np.where(by_rule, self.number(BY_RULE), self.number(NOT_PRICED))

    def lines_at_charge(self) -> Integers:
        """Return the lines without a Medicare amount that a percent of the charge may pay."""
        out = self.allowed.out
        found: Integers = out[(self.allowed.treatment(self.day) == CHARGE) & (self.allowed.cents[out] != 0)]
        return found

    def lines_of(self, table: FixedAmounts) -> tuple[Integers, Integers]:
        """Return the lines that a table of fixed amounts pays, and the row of each."""
        allowed = self.allowed
        found = self.lines.matched(table, component_modifiers(self.day))
        line, row = found.line, found.row
        unpriced = np.flatnonzero(~allowed.is_priced[line])
        if len(unpriced):
            kept = np.ones(len(line), np.bool_)
            pays = allowed.treatment(self.day)[np.searchsorted(allowed.out, line[unpriced])]
            kept[unpriced] = (pays != NOTHING) & (allowed.cents[line[unpriced]] != 0)
            line, row = line[kept], row[kept]
        return line, row

    def units_of(self, line: Integers) -> Integers:
        """Return the units that a fixed amount is paid for."""
        return np.broadcast_to(np.asarray(self.allowed.units), len(self.allowed.cents))[line]
