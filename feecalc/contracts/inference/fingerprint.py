"""The contract that explains most of a payer's allowed amounts, and how sure that is.

Each candidate basis, with and without sequestration, gets the percents that explain most of its lines (``percents``).
Every explained line adds a fixed weight of evidence to its candidate, so that scores compare as odds: a candidate that
explains ten services more is almost certain, two that explain the same lines are even. Then each reading of the rules
is tried on the best candidate, codes that are paid one amount whatever Medicare allows become carve-outs, and the
charge is tried as a ceiling. Ten lines of one service count as few, and a percent that is not round must explain more
lines than a round one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from feecalc.contracts.categories import known_categories
from feecalc.contracts.contract import Contract
from feecalc.contracts.fields import with_keys
from feecalc.contracts.inference import candidates
from feecalc.contracts.inference.candidates import Candidate
from feecalc.contracts.inference.ceilings import ceiling
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.findings import Finding, score_readings, share_of
from feecalc.contracts.inference.fixed_fees import FixedFee, fixed_fees
from feecalc.contracts.inference.percents import as_percent, best_percents
from feecalc.contracts.inference.scoring import CandidateScorer, Medicare, ScoredCandidate
from feecalc.contracts.inference.thresholds import Thresholds
from feecalc.contracts.readings import readings
from feecalc.contracts.terms.category import CategoryTerm
from feecalc.contracts.terms.silence import Choices
from feecalc.pricing.arrays import Flags


@dataclass(frozen=True)
class Fingerprint:
    """An inferred contract and its evidence. ``explained``: the lines whose amount it explains. Shape: [line]."""

    contract: Contract
    findings: tuple[Finding, ...]
    percent: Decimal
    percent_sureness: Decimal
    categories: tuple[tuple[str, Decimal], ...]  # those with a percent of their own
    explained: Flags
    paid: int  # lines with an allowed amount above 0
    services: int  # different services among the explained lines
    tried: int  # candidates
    left_out: int
    unsure: tuple[str, ...]  # reasons not to rely on it; empty where there are none
    fixed: tuple[FixedFee, ...] = ()  # carve-outs
    open_codes: tuple[str, ...] = ()  # codes whose payments it does not explain: do not rely on it for these

    @property
    def sure(self) -> bool:
        return not self.unsure

    @property
    def share(self) -> Decimal:
        """The share of the paid lines that the contract explains (0 to 1)."""
        return share_of(float(self.explained.sum()), self.paid)


def infer(
    payer: str, evidence: Evidence, medicare: Medicare, choices: Choices, *, tolerance: int = 1,
    prepare: Callable[[Iterable[Contract]], None] | None = None,
) -> Fingerprint:  # fmt: skip
    """Return the basis, rules, percents and carve-outs that explain most lines to the ``tolerance``. [cents]

    ``medicare`` returns what a contract pays for each line [cents, -1 where nothing; shape: [line]]; ``prepare`` gets
    the contracts that will be priced next, and may price them together.
    """
    thresholds = Thresholds.on(choices.day)
    scorer = CandidateScorer(evidence, medicare, tolerance, thresholds, thresholds.exact, prepare)
    base_candidates, left_out = _candidates(payer, choices)
    scored = scorer.score_candidates(base_candidates)
    best = max(scored, key=_score)
    if scorer.exact_share(best) < thresholds.exact_share:  # a payer that rounds in a way of its own
        scorer.exact = 0.0
        scored = scorer.score_candidates(base_candidates)
        best = max(scored, key=_score)
    clauses = (*candidates.BASIS, candidates.SEQUESTRATION)
    findings = [_finding(clause, scored, best, scorer) for clause in clauses]
    tried = len(base_candidates)
    for clause, others in candidates.variants(best.candidate, choices):
        rivals = [best, *scorer.score_candidates([best.candidate.read(reading) for reading in others])]
        best = max(rivals, key=_score)
        findings.append(_finding(clause, rivals, best, scorer))
        tried += len(others)
    best, fixed = _with_fixed_fees(best, scorer)
    return _fingerprint(payer, best, fixed, findings, scorer, choices, tried, left_out)


def _candidates(payer: str, choices: Choices) -> tuple[list[Candidate], int]:
    """Return the candidate bases, with and without sequestration, and how many were left out."""
    bases, left_out = candidates.bases(payer, choices)
    first_contract = bases[0].contract
    cut_readings = readings(candidates.SEQUESTRATION, first_contract, choices)
    return [candidate.read(cut_reading) for cut_reading in cut_readings for candidate in bases], left_out * len(
        cut_readings
    )


def _score(scored: ScoredCandidate) -> float:
    return scored.score


def _finding(clause: str, scored: Sequence[ScoredCandidate], best: ScoredCandidate, scorer: CandidateScorer) -> Finding:
    rivals = [candidate.as_rival(clause, scorer.evidence) for candidate in scored]
    best_rival = next(rival for rival, candidate in zip(rivals, scored, strict=True) if candidate is best)
    return score_readings(clause, best_rival, rivals, scorer.terms, scorer.tolerance)


def _with_fixed_fees(best: ScoredCandidate, scorer: CandidateScorer) -> tuple[ScoredCandidate, Mapping[int, FixedFee]]:
    """Return the candidate with percents found without the carve-outs' lines, and the carve-outs."""
    evidence, thresholds, exact_weight = scorer.evidence, scorer.terms, scorer.exact
    fixed = fixed_fees(best, evidence, thresholds, exact_weight)
    if not fixed:
        return best, fixed
    others = evidence.without_codes(tuple(fixed))
    if not others.weight.any():
        return best, {}
    best = replace(best, percents=best_percents(best.medicare, others, best.ranges, thresholds, exact_weight))
    return best, fixed_fees(best, evidence, thresholds, exact_weight)


def _fingerprint(
    payer: str, best: ScoredCandidate, fixed: Mapping[int, FixedFee], findings: Sequence[Finding],
    scorer: CandidateScorer, choices: Choices, tried: int, left_out: int,
) -> Fingerprint:  # fmt: skip
    evidence, thresholds, percents = scorer.evidence, scorer.terms, best.percents
    category_percents = {evidence.categories[number]: as_percent(percent) for number, percent in percents.own.items()}
    contract = best.candidate.contract.model_copy(
        update={
            "payer": payer,
            "percent": as_percent(percents.common),
            "category": _category_terms(category_percents, choices),
            "carve_out": tuple(fee.term for fee in fixed.values()),
        }
    )
    without_cut = with_keys(contract, "rules", {"sequestration": False})
    ceiling_readings = readings(candidates.CHARGE, contract, choices)
    charge = ceiling(
        scorer.medicare(without_cut),
        best.ranges.cut,
        evidence,
        ceiling_readings,
        thresholds,
        scorer.tolerance,
        scorer.exact,
    )
    contract = next(reading for reading in ceiling_readings if reading.name == charge.reading).terms(contract)
    is_paid = evidence.paid > 0
    explained = is_paid & (np.abs(scorer.medicare(contract) - evidence.paid) <= scorer.tolerance)
    paid_by_rate = is_paid & ~(
        explained & best.ranges.at_charge
    )  # a charge that is paid says nothing of the code's rate
    is_unexplained = evidence.by_code(explained & paid_by_rate) < thresholds.of_a_code * evidence.by_code(paid_by_rate)
    open_codes = tuple("-".join(filter(None, evidence.codes[code])) for code in np.flatnonzero(is_unexplained))
    paid, sureness, services = int(is_paid.sum()), share_of(percents.sureness, 1), evidence.services(explained)
    all_findings = (*findings, charge)
    return Fingerprint(
        contract=contract,
        findings=all_findings,
        percent=as_percent(percents.common),
        percent_sureness=sureness,
        categories=tuple(category_percents.items()),
        explained=explained,
        paid=paid,
        services=services,
        tried=tried + len(ceiling_readings),
        left_out=left_out,
        unsure=tuple(
            _reasons_unsure(all_findings, sureness, services, share_of(float(explained.sum()), paid), thresholds)
        ),
        fixed=tuple(fixed.values()),
        open_codes=open_codes,
    )


def _category_terms(category_percents: Mapping[str, Decimal], choices: Choices) -> tuple[CategoryTerm, ...]:
    """Return the terms of categories with percents of their own; a name that is not known is an RBCS category."""
    known = known_categories(choices.day)
    return tuple(
        CategoryTerm(name=name, rbcs=() if name.lower() in known else (name,), percent=percent)
        for name, percent in category_percents.items()
    )


def _reasons_unsure(
    findings: Sequence[Finding], percent: Decimal, services: int, share: Decimal, thresholds: Thresholds
) -> list[str]:
    reasons = []
    if services < thresholds.services:
        reasons.append(
            f"only {services} different services are explained; many bases fit so few (needed: {thresholds.services})"
        )
    if share < thresholds.explained:
        reasons.append(f"only {share:.0%} of the lines are explained (needed: {thresholds.explained:.0%})")
    reasons += [
        f"{finding.clause}: {finding.reading} is {finding.sureness:.0%} sure; also likely: "
        + ", ".join(f"{name} ({odds:.0%})" for name, odds in finding.others)
        for finding in findings
        if not finding.sure
    ]
    if percent < thresholds.sure:
        reasons.append(f"the percent is {percent:.0%} sure")
    return reasons
