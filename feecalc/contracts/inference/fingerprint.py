"""The contract that explains most of what a payer allowed, and how sure that is.

Each candidate basis, with sequestration taken off and without, is given the percents that explain most of its lines
(``percents``). A line that is explained counts for its candidate by a fixed weight of evidence, so that candidates are
weighed against each other as odds are: what explains ten services more is all but sure, what explains the same lines
is even. Then the rules are read each way on the best of them, codes are looked at that are paid one amount whatever
Medicare allows, and the charge as a ceiling. Ten lines of one service count as few, and a percent that is not round
has to explain more than one that is.
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
from feecalc.contracts.inference.findings import Finding, share_of, weigh_readings
from feecalc.contracts.inference.fixed_fees import FixedFee, fixed_fees
from feecalc.contracts.inference.percents import as_percent, best_percents
from feecalc.contracts.inference.thresholds import Thresholds
from feecalc.contracts.inference.weighing import Medicare, Weighed, Weighing
from feecalc.contracts.readings import readings
from feecalc.contracts.terms.category import CategoryTerm
from feecalc.contracts.terms.silence import Choices
from feecalc.pricing.arrays import Flags


@dataclass(frozen=True)
class Fingerprint:
    """What a payer seems to pay by. ``contract`` prices it; ``explained`` are the lines it explains. Shape: [line]."""

    contract: Contract
    findings: tuple[Finding, ...]
    percent: Decimal
    percent_sureness: Decimal
    categories: tuple[tuple[str, Decimal], ...]  # with a percent of their own
    explained: Flags
    paid: int  # lines that something was allowed for
    services: int  # different ones among the explained lines
    tried: int  # candidates
    left_out: int
    unsure: tuple[str, ...]  # why it is not to be relied on; empty where it is
    fixed: tuple[FixedFee, ...] = ()  # carve-outs
    open_codes: tuple[str, ...] = ()  # whose payments it does not explain: it is not to be relied on for these

    @property
    def sure(self) -> bool:
        return not self.unsure

    @property
    def share(self) -> Decimal:
        """Of the lines that something was allowed for, those explained."""
        return share_of(float(self.explained.sum()), self.paid)


def infer(
    payer: str, evidence: Evidence, medicare: Medicare, choices: Choices, *, tolerance: int = 1,
    prepare: Callable[[Iterable[Contract]], None] | None = None,
) -> Fingerprint:  # fmt: skip
    """Return the basis, rules, percents and carve-outs that explain most lines. ``tolerance``: cents a line may be off.

    ``medicare`` is what a contract pays by line [cents, -1 where nothing; shape: [line]]; ``prepare`` is told which
    contracts it will be asked of, and may price them together.
    """
    terms = Thresholds.on(choices.day)
    weighing = Weighing(evidence, medicare, tolerance, terms, terms.exact, prepare)
    listed, left_out = _listed(payer, choices)
    weighed = weighing.weigh(listed)
    best = max(weighed, key=_score)
    if weighing.exact_share(best) < terms.exact_share:  # a payer that rounds in a way of its own
        weighing.exact = 0.0
        weighed = weighing.weigh(listed)
        best = max(weighed, key=_score)
    clauses = (*candidates.BASIS, candidates.SEQUESTRATION)
    findings = [_finding(clause, weighed, best, weighing) for clause in clauses]
    tried = len(listed)
    for clause, others in candidates.variants(best.candidate, choices):
        rivals = [best, *weighing.weigh([best.candidate.read(reading) for reading in others])]
        best = max(rivals, key=_score)
        findings.append(_finding(clause, rivals, best, weighing))
        tried += len(others)
    best, fixed = _with_fixed_fees(best, weighing)
    return _told(payer, best, fixed, findings, weighing, choices, tried, left_out)


def _listed(payer: str, choices: Choices) -> tuple[list[Candidate], int]:
    """Return the bases, each with sequestration and without; and how many were left out."""
    listed, left_out = candidates.bases(payer, choices)
    plain = listed[0].contract
    ways = readings(candidates.SEQUESTRATION, plain, choices)
    return [candidate.read(way) for way in ways for candidate in listed], left_out * len(ways)


def _score(weighed: Weighed) -> float:
    return weighed.score


def _finding(clause: str, weighed: Sequence[Weighed], best: Weighed, weighing: Weighing) -> Finding:
    rivals = [one.rival(clause, weighing.evidence) for one in weighed]
    own = next(rival for rival, one in zip(rivals, weighed, strict=True) if one is best)
    return weigh_readings(clause, own, rivals, weighing.terms, weighing.tolerance)


def _with_fixed_fees(best: Weighed, weighing: Weighing) -> tuple[Weighed, Mapping[int, FixedFee]]:
    """Return the carve-outs, and the percents anew without their lines."""
    evidence, terms, exact = weighing.evidence, weighing.terms, weighing.exact
    fixed = fixed_fees(best, evidence, terms, exact)
    if not fixed:
        return best, fixed
    others = evidence.without_codes(tuple(fixed))
    if not others.weight.any():
        return best, {}
    best = replace(best, percents=best_percents(best.medicare, others, best.reach, terms, exact))
    return best, fixed_fees(best, evidence, terms, exact)


def _told(
    payer: str, best: Weighed, fixed: Mapping[int, FixedFee], findings: Sequence[Finding], weighing: Weighing,
    choices: Choices, tried: int, left_out: int,
) -> Fingerprint:  # fmt: skip
    evidence, terms, percents = weighing.evidence, weighing.terms, best.percents
    own = {evidence.categories[number]: as_percent(percent) for number, percent in percents.own.items()}
    contract = best.candidate.contract.model_copy(
        update={
            "payer": payer,
            "percent": as_percent(percents.common),
            "category": _category_terms(own, choices),
            "carve_out": tuple(fee.term for fee in fixed.values()),
        }
    )
    plain = with_keys(contract, "rules", {"sequestration": False})
    ways = readings(candidates.CHARGE, contract, choices)
    charge = ceiling(
        weighing.medicare(plain), best.reach.cut, evidence, ways, terms, weighing.tolerance, weighing.exact
    )
    contract = next(way for way in ways if way.name == charge.reading).terms(contract)
    given = evidence.paid > 0
    explained = given & (np.abs(weighing.medicare(contract) - evidence.paid) <= weighing.tolerance)
    direct = given & ~(explained & best.reach.at_charge)  # a charge that is paid says nothing of the code's rate
    short = evidence.by_code(explained & direct) < terms.of_a_code * evidence.by_code(direct)
    open_codes = tuple("-".join(filter(None, evidence.codes[code])) for code in np.flatnonzero(short))
    paid, sureness, services = int(given.sum()), share_of(percents.sureness, 1), evidence.services(explained)
    all_findings = (*findings, charge)
    return Fingerprint(
        contract=contract,
        findings=all_findings,
        percent=as_percent(percents.common),
        percent_sureness=sureness,
        categories=tuple(own.items()),
        explained=explained,
        paid=paid,
        services=services,
        tried=tried + len(ways),
        left_out=left_out,
        unsure=tuple(_doubts(all_findings, sureness, services, share_of(float(explained.sum()), paid), terms)),
        fixed=tuple(fixed.values()),
        open_codes=open_codes,
    )


def _category_terms(own: Mapping[str, Decimal], choices: Choices) -> tuple[CategoryTerm, ...]:
    """Return categories with percents of their own; a name that is not a known one is RBCS's."""
    known = known_categories(choices.day)
    return tuple(
        CategoryTerm(name=name, rbcs=() if name.lower() in known else (name,), percent=percent)
        for name, percent in own.items()
    )


def _doubts(
    findings: Sequence[Finding], percent: Decimal, services: int, share: Decimal, terms: Thresholds
) -> list[str]:
    found = []
    if services < terms.services:
        found.append(
            f"only {services} different services are explained; many bases fit so few (needed: {terms.services})"
        )
    if share < terms.explained:
        found.append(f"only {share:.0%} of the lines are explained (needed: {terms.explained:.0%})")
    found += [
        f"{finding.clause}: {finding.reading} is {finding.sureness:.0%} sure; also likely: "
        + ", ".join(f"{name} ({odds:.0%})" for name, odds in finding.others)
        for finding in findings
        if not finding.sure
    ]
    if percent < terms.sure:
        found.append(f"the percent is {percent:.0%} sure")
    return found
