"""Scores of candidate bases, each with the percents that explain most lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from feecalc.contracts.contract import Contract
from feecalc.contracts.fields import with_keys
from feecalc.contracts.inference.amount_ranges import AmountRanges
from feecalc.contracts.inference.candidates import Candidate
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.findings import RivalReading
from feecalc.contracts.inference.percents import Percents, at_percent, best_percents
from feecalc.contracts.inference.thresholds import Thresholds
from feecalc.contracts.terms.sequestration import after_cut
from feecalc.errors import InputError
from feecalc.pricing.arrays import Integers

Medicare = Callable[[Contract], Integers]


@dataclass(frozen=True)
class ScoredCandidate:
    """A candidate with Medicare's amounts on its basis, its percents and its score.

    Candidates of one ``amounts_number`` have the same amounts.
    """

    candidate: Candidate
    medicare: Integers
    percents: Percents
    ranges: AmountRanges
    score: float
    amounts_number: int

    def contract_amounts(self, evidence: Evidence) -> Integers:
        """Return the amounts at its percents, before charge and sequestration. [cents, -1: no Medicare amount]"""
        return np.where(self.medicare > 0, at_percent(self.medicare, self.percents.of_lines(evidence)), -1)

    def as_rival(self, clause: str, evidence: Evidence) -> RivalReading:
        """Return the candidate as one reading of a clause."""

        def amounts() -> Integers:
            before = self.contract_amounts(evidence)
            limited = self.ranges.at_charge & (before >= evidence.billed)
            return after_cut(np.where(limited, evidence.billed, before), self.ranges.cut)

        reading = self.candidate.reading(clause)
        return RivalReading(reading.name, reading.meaning, self.score, self.amounts_number, amounts)


@dataclass
class CandidateScorer:
    """A scorer of candidates on one payer's lines; ``medicare`` returns what a contract at 100 percent pays by line."""

    evidence: Evidence
    medicare: Medicare
    tolerance: int
    terms: Thresholds
    exact: float = 0.0  # added for a line that is explained to the cent
    prepare: Callable[[Iterable[Contract]], None] | None = None  # prices contracts together before ``medicare`` is used
    _ranges: dict[bool, AmountRanges] = field(default_factory=dict)
    _amounts: dict[Contract, Integers | None] = field(default_factory=dict)
    _amount_numbers: dict[bytes, int] = field(default_factory=dict)
    _percents: dict[tuple[int, bool, float], Percents] = field(default_factory=dict)

    def score_candidates(self, candidates: Sequence[Candidate]) -> list[ScoredCandidate]:
        """Return each candidate that can be priced, with its best percents and score."""
        if self.prepare is not None:
            self.prepare(_before_cut(candidate.contract) for candidate in candidates)
        return [scored for candidate in candidates for scored in self._scored(candidate)]

    def _scored(self, candidate: Candidate) -> list[ScoredCandidate]:
        with_cut = candidate.contract.rules.sequestration is True
        amounts = self._priced(candidate.contract)
        if amounts is None:
            return []
        amounts_number = self._amount_numbers.setdefault(amounts.tobytes(), len(self._amount_numbers))
        cuts, ranges = with_cut and bool(self.evidence.cut.any()), self.ranges(with_cut=with_cut)
        key = (amounts_number, cuts, self.exact)
        if key not in self._percents:
            self._percents[key] = best_percents(amounts, self.evidence, ranges, self.terms, self.exact)
        percents = self._percents[key]
        score = percents.score - self.terms.sequestration * cuts
        return [ScoredCandidate(candidate, amounts, percents, ranges, score, 2 * amounts_number + cuts)]

    def ranges(self, *, with_cut: bool) -> AmountRanges:
        """Return the ranges of amounts that explain the payments, with or without sequestration."""
        if with_cut not in self._ranges:
            self._ranges[with_cut] = AmountRanges.of(self.evidence, self.tolerance, with_cut=with_cut)
        return self._ranges[with_cut]

    def _priced(self, contract: Contract) -> Integers | None:
        """Return what Medicare allows before sequestration.

        None where it is not known, for example from a release that does not print the index without its floor.
        """
        without_cut = _before_cut(contract)
        if without_cut not in self._amounts:
            try:
                self._amounts[without_cut] = self.medicare(without_cut)
            except InputError:
                self._amounts[without_cut] = None
        return self._amounts[without_cut]

    def exact_share(self, best: ScoredCandidate) -> float:
        """Return the share of the explained lines that is explained to the cent (0 to 1)."""
        contract_amounts, evidence = best.contract_amounts(self.evidence), self.evidence
        known = (best.medicare > 0) & (evidence.paid > 0)
        explained = known & best.ranges.explains(contract_amounts, evidence.billed)
        exactly = known & best.ranges.exactly(contract_amounts, evidence.billed)
        explained_weight = float(evidence.weight[explained].sum())
        return float(evidence.weight[exactly].sum()) / explained_weight if explained_weight else 0.0


def _before_cut(contract: Contract) -> Contract:
    return with_keys(contract, "rules", {"sequestration": False})
