"""The contract that explains most of what a payer allowed, and how sure that is.

Each candidate basis is given the percents that explain most of its lines (``percents``). A line that is explained
counts for its candidate by a fixed weight of evidence, so that candidates are weighed against each other as odds are:
what explains ten services more is all but sure, what explains the same lines is even. Ten lines of one service count
as few, and a percent that is not round has to explain more than one that is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from feecalc.contracts.contract import CategoryTerm, Contract
from feecalc.contracts.inference import candidates
from feecalc.contracts.inference.candidates import Candidate
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.percents import NATS, Percents, as_percent, at_percent, best_percents, explained
from feecalc.contracts.readings.clauses import Choices
from feecalc.errors import InputError
from feecalc.pricing.arrays import Flags, Whole

SURE = Decimal("0.95")
_FEWEST_SERVICES = 4
_FEWEST_EXPLAINED = Decimal("0.60")
_SHARE = Decimal("0.001")
_OTHERS_SHOWN = 3
Medicare = Callable[[Contract], Whole]


@dataclass(frozen=True)
class Finding:
    """What the payments say of one clause: the reading, how sure (0 to 1), and others that fit them as well."""

    clause: str
    reading: str
    says: str
    sureness: Decimal
    alike: tuple[str, ...]  # the same amounts on these lines
    others: tuple[tuple[str, Decimal], ...]  # the next likely, with their odds

    @property
    def sure(self) -> bool:
        return self.sureness >= SURE


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

    @property
    def sure(self) -> bool:
        return not self.unsure

    @property
    def share(self) -> Decimal:
        """Of the lines that something was allowed for, those explained."""
        return _share(float(self.explained.sum()), self.paid)


@dataclass(frozen=True)
class _Weighed:
    candidate: Candidate
    medicare: Whole
    percents: Percents


def infer(payer: str, evidence: Evidence, medicare: Medicare, choices: Choices, *, tolerance: int = 1) -> Fingerprint:
    """The basis, rules and percents that explain most lines. ``tolerance``: cents a line may be off.

    ``medicare`` is what a contract at 100 percent pays by line [cents, -1 where nothing; shape: [line]].
    """
    listed, left_out = candidates.bases(payer, choices)
    weighed = _weigh(listed, evidence, medicare, tolerance)
    best = max(weighed, key=_score)
    findings = [_finding(clause, weighed, best) for clause in candidates.BASIS]
    tried = len(listed)
    for clause, others in candidates.variants(best.candidate, choices):
        rivals = [best, *_weigh([best.candidate.read(each) for each in others], evidence, medicare, tolerance)]
        best = max(rivals, key=_score)
        findings.append(_finding(clause, rivals, best))
        tried += len(others)
    return _told(payer, best, findings, evidence, tolerance, tried, left_out)


def _score(each: _Weighed) -> float:
    return each.percents.score


def _weigh(listed: Sequence[Candidate], evidence: Evidence, medicare: Medicare, tolerance: int) -> list[_Weighed]:
    """Each candidate with its best percents; those of equal amounts share them."""
    known: dict[bytes, tuple[Whole, Percents]] = {}
    found = []
    for each in listed:
        try:
            amounts = medicare(each.contract)
        except InputError:
            continue  # as of a release that does not print the index without its floor
        key = amounts.tobytes()
        if key not in known:
            known[key] = amounts, best_percents(amounts, evidence, tolerance)
        found.append(_Weighed(each, *known[key]))
    return found


def _finding(clause: str, weighed: Sequence[_Weighed], best: _Weighed) -> Finding:
    """The odds of each reading of a clause, whatever the others are; readings of equal amounts stand together."""
    scores = np.array([_score(each) for each in weighed])
    odds = np.exp(NATS * (scores - scores.max()))
    kinds: dict[bytes, list[int]] = {}
    for number, each in enumerate(weighed):
        kinds.setdefault(each.medicare.tobytes(), []).append(number)
    for same in kinds.values():  # candidates that cannot be told apart are one, not several
        odds[same] = odds[same] / len(same)
    odds = odds / odds.sum()
    alike = {weighed[number].candidate.name(clause) for number in kinds[best.medicare.tobytes()]}
    reading = next(each for each in best.candidate.chosen if each.clause == clause)
    by_name: dict[str, float] = {}
    for each, share in zip(weighed, odds, strict=True):
        by_name[each.candidate.name(clause)] = by_name.get(each.candidate.name(clause), 0.0) + float(share)
    sureness = sum(share for name, share in by_name.items() if name in alike)
    others = sorted(((name, share) for name, share in by_name.items() if name not in alike), key=lambda each: -each[1])
    shown = tuple((name, _share(share, 1)) for name, share in others[:_OTHERS_SHOWN] if _share(share, 1))
    same_amounts = tuple(sorted(alike - {reading.name}))
    return Finding(clause, reading.name, reading.says, _share(sureness, 1), same_amounts, shown)


def _told(
    payer: str,
    best: _Weighed,
    findings: Sequence[Finding],
    evidence: Evidence,
    tolerance: int,
    tried: int,
    left_out: int,
) -> Fingerprint:
    percents = best.percents
    fits = explained(best.medicare, percents, evidence, tolerance)
    paid = int((evidence.paid > 0).sum())
    own = {evidence.categories[number]: as_percent(each) for number, each in percents.own.items()}
    terms = tuple(CategoryTerm(name=name, percent=percent) for name, percent in own.items())
    expected_above = (evidence.billed >= 0) & (best.medicare > 0) & _above_charge(best, evidence)
    ceiling = _ceiling_of(expected_above, evidence)
    contract = best.candidate.contract.model_copy(
        update={"payer": payer, "percent": as_percent(percents.common), "category": terms, "lesser_of_billed": ceiling}
    )
    sureness, services = _share(percents.sureness, 1), evidence.services(fits)
    return Fingerprint(
        contract=contract,
        findings=tuple(findings),
        percent=as_percent(percents.common),
        percent_sureness=sureness,
        categories=tuple(own.items()),
        explained=fits,
        paid=paid,
        services=services,
        tried=tried,
        left_out=left_out,
        unsure=tuple(_doubts(findings, sureness, services, _share(float(fits.sum()), paid))),
    )


def _above_charge(best: _Weighed, evidence: Evidence) -> Flags:
    found: Flags = at_percent(best.medicare, best.percents.of_lines(evidence)) > evidence.billed
    return found


def _ceiling_of(above: Flags, evidence: Evidence) -> str:
    """Whether charges are a ceiling: whether most lines whose price is above the charge were paid no more than it."""
    at_charge = int((above & (evidence.paid <= evidence.billed)).sum())
    return "line" if 2 * at_charge >= int(above.sum()) else "no"


def _doubts(findings: Sequence[Finding], percent: Decimal, services: int, share: Decimal) -> list[str]:
    found = []
    if services < _FEWEST_SERVICES:
        found.append(
            f"only {services} different services are explained; many bases fit so few (needed: {_FEWEST_SERVICES})"
        )
    if share < _FEWEST_EXPLAINED:
        found.append(f"only {share:.0%} of the lines are explained (needed: {_FEWEST_EXPLAINED:.0%})")
    found += [
        f"{each.clause}: {each.reading} is {each.sureness:.0%} sure; also likely: "
        + ", ".join(f"{name} ({odds:.0%})" for name, odds in each.others)
        for each in findings
        if not each.sure
    ]
    if percent < SURE:
        found.append(f"the percent is {percent:.0%} sure")
    return found


def _share(part: float, whole: float) -> Decimal:
    return Decimal(str(part / whole if whole else 0)).quantize(_SHARE)
