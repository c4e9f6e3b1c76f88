"""Several cardiovascular, or several ophthalmology, tests of one day: technical parts after the highest pay less.

The technical parts of each kind rank by themselves; professional parts are paid in full. A whole test without component
rows has the technical part of the codes named for it (reference/technical_sister.toml); where none is named its
technical part is not known, the line is not reduced, and says so. Source: Pub. 100-04 ch. 12 sec. 40.6 (indicators 6
and 7); CY 2013 PFS final rule, 77 FR 68891. Percents and days: reference/multiple_procedure.toml, rules cardiovascular
and ophthalmology.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np

from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules import parts
from feecalc.pricing.rules.ranking import RankedRows, ever_ranked, meeting, ranked_steps
from feecalc.pricing.rules.receipt_steps import Case, RuleStep
from feecalc.pricing.rules.rule import Others, Rule

CARDIOVASCULAR_RULE, OPHTHALMOLOGY_RULE = "cardiovascular", "ophthalmology"


class DiagnosticRows(RankedRows):
    """Look up which rows are tests of each kind, and what a further technical part pays."""

    @cached_property
    def is_cardiovascular(self) -> Flags:
        return self.of_rule(CARDIOVASCULAR_RULE)

    @cached_property
    def is_ophthalmology(self) -> Flags:
        return self.of_rule(OPHTHALMOLOGY_RULE)

    @cached_property
    def cardiovascular_rate(self) -> int:
        return self.after_the_first(CARDIOVASCULAR_RULE, "technical")

    @cached_property
    def ophthalmology_rate(self) -> int:
        return self.after_the_first(OPHTHALMOLOGY_RULE, "technical")


def is_on(rules: ClaimRules) -> bool:
    """Return whether tests are reduced."""
    return rules.diagnostic


def _ranks_cardiovascular(era: Era) -> Flags:
    return era.look_up(DiagnosticRows).is_cardiovascular & ~era.rows.is_professional_row


def _ranks_ophthalmology(era: Era) -> Flags:
    return era.look_up(DiagnosticRows).is_ophthalmology & ~era.rows.is_professional_row


def _decide_cardiovascular(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    if rules.diagnostic:
        table = era.look_up(DiagnosticRows)
        _rank(lines, decided, era, table.is_cardiovascular, table.cardiovascular_rate)


def _decide_ophthalmology(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    if rules.diagnostic:
        table = era.look_up(DiagnosticRows)
        _rank(lines, decided, era, table.is_ophthalmology, table.ophthalmology_rate)


def _rank(lines: Lines, decided: Decisions, era: Era, is_kind: Flags, rate: int) -> None:
    """Rank the technical parts of one kind: decide ``technical_before`` and its rate."""
    chosen = np.flatnonzero(lines.priced() & is_kind[lines.row])
    chosen = chosen[~era.rows.is_professional_row[lines.row[chosen]]]
    chosen = meeting(lines.practice, decided, chosen, parts.count)
    if not len(chosen):
        return
    part = parts.technical(lines, decided, era, chosen, to_rank=True)
    is_unknown = era.look_up(parts.PartRows).technical_part_is_unknown
    decided.notes[chosen[(part < 0) & is_unknown[lines.row[chosen]]]] |= Note.TECHNICAL_PART_UNKNOWN
    at, part = chosen[part >= 0], part[part >= 0]
    decided.technical_before[at] = parts.before(lines, decided, at, part, np.zeros_like(at))
    decided.technical_rate[at] = rate
    decided.rank[at] = decided.technical_before[at] + 1


def _steps_of(name: str) -> Callable[[Case], Iterator[RuleStep]]:
    def steps(case: Case) -> Iterator[RuleStep]:
        return ranked_steps(case, name, name, parts.part_words, of_practice=True)

    return steps


CARDIOVASCULAR = Rule(
    CARDIOVASCULAR_RULE,
    others=Others(lambda: ever_ranked(CARDIOVASCULAR_RULE)),
    decide=_decide_cardiovascular,
    ranks=_ranks_cardiovascular,
    is_on=is_on,
    steps=_steps_of(CARDIOVASCULAR_RULE),
    notes={Note.TECHNICAL_PART_UNKNOWN: "no rule names this test's technical part: it was not reduced"},
)
OPHTHALMOLOGY = Rule(
    OPHTHALMOLOGY_RULE,
    others=Others(lambda: ever_ranked(OPHTHALMOLOGY_RULE)),
    decide=_decide_ophthalmology,
    ranks=_ranks_ophthalmology,
    is_on=is_on,
    steps=_steps_of(OPHTHALMOLOGY_RULE),
)
