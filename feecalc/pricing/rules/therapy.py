"""Several units of therapy on one day, whatever the discipline: the practice expense of all but one is reduced.

The unit with the highest practice expense is paid in full (equal ones: the higher fee), the practice expense of every
other unit at the day's percent, inside the formula with one rounding: as CMS's own therapy amounts are made.
Source: Pub. 100-04 ch. 5 sec. 10.7; SSA 1848(b)(7). Percents: reference/multiple_procedure.toml, rule therapy.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims.arrays import segments
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.trail import Station
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.receipt import shown
from feecalc.pricing.rules import parts
from feecalc.pricing.rules.ranking import RankedRows, StepWords, ever_ranked, meeting, procedures, rank_of, ranked_steps
from feecalc.pricing.rules.receipt_steps import IN_FULL, Case, RuleStep, source_of
from feecalc.pricing.rules.rule import Others, Rule


class TherapyRows(RankedRows):
    """Look up which rows are therapy, and what a further unit's practice expense pays."""

    @cached_property
    def is_therapy(self) -> Flags:
        return self.of_rule("therapy")

    @cached_property
    def rate(self) -> int:
        return self.after_the_first("therapy", "practice_expense")


def ranks(era: Era) -> Flags:
    """Mark the rows of therapy."""
    return era.look_up(TherapyRows).is_therapy


def is_on(rules: ClaimRules) -> bool:
    """Return whether therapy is reduced."""
    return rules.therapy


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Decide ``several`` and ``rank`` of therapy lines."""
    if not rules.therapy:
        return
    table = era.look_up(TherapyRows)
    chosen = np.flatnonzero(lines.priced() & table.is_therapy[lines.row])
    chosen = meeting(lines.practice, decided, chosen, procedures)
    if not len(chosen):
        return
    pe = era.amounts.practice_expense(lines.row[chosen], lines.facility[chosen])
    role = lines.surgeon[chosen]
    order = segments.order(lines.practice[chosen], role, -pe, -decided.fee[chosen], lines.number[chosen])
    at = chosen[order]
    before = segments.before(segments.starts(lines.practice[at], role[order]), decided.procedures[at])
    reduced = era.amounts.fees_with_reduced_practice_expense(
        lines.row[at], lines.locality[at], lines.facility[at], lines.factor[at], table.rate
    )
    reduced = parts.through_percents(decided, at, parts.both_sides(decided, at, reduced))
    reduced = np.where(decided.bilateral_rate[at] == parts.BOTH_APART, 2 * reduced, reduced)
    in_full = (before == 0).astype(np.int64)
    decided.several[at] = in_full * decided.service[at] + (decided.procedures[at] - in_full) * reduced
    decided.rank[at] = before + 1
    if decided.trail is not None:
        total, whole = decided.several[at], decided.before_several[at]
        decided.trail.keep("therapy", at, whole, total, reduced=reduced, in_full=in_full)


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of therapy: the unit paid in full, and the further ones."""
    return ranked_steps(case, "therapy", "therapy", _words, of_practice=True)


def _words(case: Case, station: Station) -> StepWords:
    line, decided = case.followed.line, case.followed.priced.decided
    row = max(reference.rows_on("multiple_procedure", case.day, rule="therapy"), key=rank_of)
    in_full = case.figure(station, "in_full")
    further = int(decided.procedures[line]) - in_full
    reduced = shown(case.figure(station, "reduced"))
    said = ["the unit with the day's highest practice expense in full"] if in_full else []
    if further:
        rate = row["value"]
        said.append(f"{further} further at {reduced} each: the fee with {rate} percent of its practice expense")
    factor = " + ".join(([IN_FULL] if in_full else []) + ([f"{further} x {reduced}"] if further else []))
    return "; ".join(said), factor, source_of(row)


RULE = Rule(
    "therapy", decide=decide, ranks=ranks, is_on=is_on, steps=steps, others=Others(lambda: ever_ranked("therapy")),
)  # fmt: skip
