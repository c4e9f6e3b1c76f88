"""Candidates with the percents that suit them best, and what speaks for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from feecalc.contracts.contract import Contract
from feecalc.contracts.fields import with_keys
from feecalc.contracts.inference.candidates import Candidate
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.findings import Rival
from feecalc.contracts.inference.percents import Percents, at_percent, best_percents
from feecalc.contracts.inference.reach import Reach
from feecalc.contracts.inference.thresholds import Thresholds
from feecalc.contracts.terms.sequestration import after_cut
from feecalc.errors import InputError
from feecalc.pricing.arrays import Integers

Medicare = Callable[[Contract], Integers]


@dataclass(frozen=True)
class Weighed:
    """A candidate, what Medicare allows on its basis, and its percents. ``same`` is the number of these amounts."""

    candidate: Candidate
    medicare: Integers
    percents: Percents
    reach: Reach
    score: float
    same: int

    def before(self, evidence: Evidence) -> Integers:
        """Return what its percents come to before the charge and the cut. [cents, -1 where Medicare has no amount]"""
        return np.where(self.medicare > 0, at_percent(self.medicare, self.percents.of_lines(evidence)), -1)

    def rival(self, clause: str, evidence: Evidence) -> Rival:
        """Return it as one reading of a clause."""

        def amounts() -> Integers:
            before = self.before(evidence)
            limited = self.reach.at_charge & (before >= evidence.billed)
            return after_cut(np.where(limited, evidence.billed, before), self.reach.cut)

        reading = self.candidate.reading(clause)
        return Rival(reading.name, reading.says, self.score, self.same, amounts)


@dataclass
class Weighing:
    """Weighs candidates on one payer's lines; ``medicare`` is what a contract at 100 percent pays by line."""

    evidence: Evidence
    medicare: Medicare
    tolerance: int
    terms: Thresholds
    exact: float = 0.0  # what a line counts more that is explained to the cent
    prepare: Callable[[Iterable[Contract]], None] | None = None  # prices contracts together before ``medicare`` is used
    _reaches: dict[bool, Reach] = field(default_factory=dict)
    _amounts: dict[Contract, Integers | None] = field(default_factory=dict)
    _kinds: dict[bytes, int] = field(default_factory=dict)
    _percents: dict[tuple[int, bool, float], Percents] = field(default_factory=dict)

    def weigh(self, listed: Sequence[Candidate]) -> list[Weighed]:
        """Return each candidate that can be priced, with its best percents; those of equal amounts share them."""
        if self.prepare is not None:
            self.prepare(_before_cut(candidate.contract) for candidate in listed)
        return [found for candidate in listed for found in self._weighed(candidate)]

    def _weighed(self, candidate: Candidate) -> list[Weighed]:
        taken = candidate.contract.rules.sequestration is True
        amounts = self._priced(candidate.contract)
        if amounts is None:
            return []
        kind = self._kinds.setdefault(amounts.tobytes(), len(self._kinds))
        cuts, reach = taken and bool(self.evidence.cut.any()), self.reach(taken=taken)
        key = (kind, cuts, self.exact)
        if key not in self._percents:
            self._percents[key] = best_percents(amounts, self.evidence, reach, self.terms, self.exact)
        percents = self._percents[key]
        score = percents.score - self.terms.sequestration * cuts
        return [Weighed(candidate, amounts, percents, reach, score, 2 * kind + cuts)]

    def reach(self, *, taken: bool) -> Reach:
        """Return which amounts explain the payments, with sequestration taken off or without."""
        if taken not in self._reaches:
            self._reaches[taken] = Reach.of(self.evidence, self.tolerance, taken=taken)
        return self._reaches[taken]

    def _priced(self, contract: Contract) -> Integers | None:
        """Return what Medicare allows before sequestration.

        None where it cannot be said, as of a release that does not print the index without its floor.
        """
        plain = _before_cut(contract)
        if plain not in self._amounts:
            try:
                self._amounts[plain] = self.medicare(plain)
            except InputError:
                self._amounts[plain] = None
        return self._amounts[plain]

    def exact_share(self, best: Weighed) -> float:
        """Return the part of what it explains that it explains to the cent."""
        before, evidence = best.before(self.evidence), self.evidence
        known = (best.medicare > 0) & (evidence.paid > 0)
        explained = known & best.reach.explains(before, evidence.billed)
        exactly = known & best.reach.exactly(before, evidence.billed)
        whole = float(evidence.weight[explained].sum())
        return float(evidence.weight[exactly].sum()) / whole if whole else 0.0


def _before_cut(contract: Contract) -> Contract:
    return with_keys(contract, "rules", {"sequestration": False})
