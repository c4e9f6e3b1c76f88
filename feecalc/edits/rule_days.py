"""The rules of the edits by day, for many lines at once: which of them deny, and with which codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from feecalc.edits.finding import DENIES
from feecalc.edits.ncci.spans import NO_DAY, day_number
from feecalc.edits.precedence import turn
from feecalc.pricing.arrays import Whole
from feecalc.reference import rows


@dataclass(frozen=True)
class Cause:
    """Why a line is denied: the rule, and the codes of the remittance."""

    rule: str
    carc: str
    rarc: str

    @property
    def order(self) -> tuple[int, str, str, str]:
        """The lower goes before: a rule that yields to none, then by name."""
        return turn(self.rule), self.rule, self.carc, self.rarc


@cache
def _denying(rule: str) -> tuple[tuple[int, int, Cause], ...]:
    """The spans of days in which a rule denies."""
    return tuple(
        (
            day_number(row["effective_from"]),
            day_number(row.get("effective_to", date.max)),
            Cause(rule, row.get("carc", ""), row.get("rarc", "")),
        )
        for row in rows("edit_rule")
        if row["rule"] == rule and row["severity"] == DENIES
    )


def denied(rule: str, at: Whole, day: Whole) -> list[tuple[Cause, Whole]]:
    """Which of the lines ``at`` (each of a ``day``) a rule denies, by its cause."""
    found = []
    for first, last, cause in _denying(rule):
        some = at[(day >= first) & (day <= last) & (day != NO_DAY)]
        if len(some):
            found.append((cause, some))
    return found


class Causes:
    """Causes by number, as a batch's lines get them: where a line has several, the first by their ``order`` stands."""

    def __init__(self, lines: int) -> None:
        self.listed: list[Cause] = []
        self.of_line = np.full(lines, -1, np.int16)

    def add(self, found: list[tuple[Cause, Whole]]) -> None:
        """Lines (rows of the batch) and why."""
        for cause, row in found:
            self._put(cause, row)

    def _put(self, cause: Cause, row: Whole) -> None:
        if cause not in self.listed:
            self.listed.append(cause)
        number = self.listed.index(cause)
        later = np.array([each.order > cause.order for each in self.listed] + [True])  # the last: no cause yet
        self.of_line[row[later[self.of_line[row]]]] = number

    def put_first(self, found: list[tuple[Cause, Whole]]) -> None:
        """The same, in place of what they have."""
        for cause, row in found:
            if cause not in self.listed:
                self.listed.append(cause)
            self.of_line[row] = self.listed.index(cause)
