"""Several procedures of one physician on one patient and day: the multiple procedure payment reduction of surgery.

Ranked by the fee schedule amount after the bilateral rule, each unit a procedure; each pays the percent of its rank,
and from the sixth on by report. Endoscopies of one family are merged before (``endoscopy``). Assistants rank among
themselves. Equal amounts rank by line number, which changes no total. Source: Pub. 100-04 ch. 12 sec. 40.6. Percents:
reference/multiple_procedure.toml, rule surgery.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import NONE, Decisions, Lines
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.arrays.trail import Station
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules import endoscopy
from feecalc.pricing.rules.endoscopy import EndoscopyRows
from feecalc.pricing.rules.ranking import Ranked, RankedRows, StepWords, meeting, procedures, rank_of, ranked_steps
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of
from feecalc.pricing.rules.rule import Rule


class SurgeryRows(RankedRows):
    """Look up which rows rank as surgery, and at what percents."""

    @cached_property
    def ranked(self) -> Flags:
        """Look up the rows of surgery and endoscopies."""
        return self.of_rule("surgery") | self.era.look_up(EndoscopyRows).is_endoscopy

    @cached_property
    def rates(self) -> list[int]:
        """Return the percent of each rank; the last holds for every rank after it."""
        return [percent.rate(row["value"]) for row in self.ranks("surgery", "fee")]

    @cached_property
    def by_report_from_rank(self) -> int:
        return min(rank_of(row) for row in self.ranks("surgery", "fee") if row.get("by_report"))


def ranks(era: Era) -> Flags:
    """Mark the rows that rank as surgery."""
    return era.look_up(SurgeryRows).ranked


def is_on(rules: ClaimRules) -> bool:
    """Return whether procedures are ranked."""
    return rules.surgery


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Decide ``several``, ``rank_percents`` and ``rank`` of surgery and endoscopy lines."""
    if not rules.surgery:
        return
    table = era.look_up(SurgeryRows)
    chosen = meeting(lines, decided, np.flatnonzero(lines.priced() & table.ranked[lines.row]), procedures)
    if not len(chosen):
        return
    ranked = _as_they_are(lines, decided, chosen)
    if rules.endoscopy:
        endoscopy.merge_families(lines, decided, era, ranked)
    is_item = ranked.item == np.arange(len(chosen))
    items = np.flatnonzero(is_item)
    group, number = lines.group[chosen], lines.number[chosen]
    order = items[segments.order(group[items], ranked.role[items], -ranked.amount[items], number[items])]
    before = np.zeros(len(chosen), np.int64)
    before[order] = segments.before(segments.starts(group[order], ranked.role[order]), ranked.count[order])
    before = before[ranked.item]
    alone = is_item & ~ranked.in_family
    rates = rates_of(era, rules)
    own = np.asarray(rates)[np.minimum(before, len(rates) - 1)]
    count = decided.procedures[chosen]
    family_line = ranked.first + (count - 1) * ranked.other
    together = percent.share(family_line, own)
    decided.several[chosen] = np.where(alone, percent.by_rank(ranked.first, before, count, rates), together)
    percents = percent.by_rank(np.full(len(chosen), percent.WHOLE), before, count, rates)
    of_pair = own * count  # the other side of a procedure
    decided.rank_percents[chosen] = np.where(alone, percents, np.where(ranked.in_family, NONE, of_pair))
    decided.rank[chosen] = before + 1
    if decided.trail is not None:
        total = decided.several[chosen]
        decided.trail.keep("surgery", chosen, family_line, total, higher=before, alone=alone.astype(np.int64))
    late = chosen[before + np.where(alone, count, 1) >= table.by_report_from_rank]
    decided.notes[late] |= Note.BY_REPORT


def rates_of(era: Era, rules: ClaimRules) -> list[int]:
    """Return the rate of each rank: a payer's own, else Medicare's. [ten-thousandths]"""
    return [percent.rate(own) for own in rules.surgery_percents] or era.look_up(SurgeryRows).rates


def _as_they_are(lines: Lines, decided: Decisions, chosen: Integers) -> Ranked:
    """Count each line as its own procedures; a right and left pair is one."""
    position = np.full(len(lines), -1)
    position[chosen] = np.arange(len(chosen))
    item, amount = np.arange(len(chosen)), decided.sides[chosen].copy()
    partner = decided.pair[chosen]
    paired = np.flatnonzero(partner >= 0)
    paired = paired[position[partner[paired]] >= 0]
    front = position[partner[paired]]
    item[paired] = front
    second = np.full(len(chosen), -1)
    second[front] = paired
    amount[front] += amount[paired]
    service = decided.service[chosen]
    return Ranked(
        at=chosen,
        role=lines.by_assistant[chosen].astype(np.int64),
        item=item,
        amount=amount,
        count=decided.procedures[chosen].copy(),
        first=service,
        other=service.copy(),
        in_family=np.zeros(len(chosen), np.bool_),
        second=second,
    )


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the rank and its percent."""
    return ranked_steps(case, "surgery", "several procedures", _words)


def _words(case: Case, station: Station) -> StepWords:
    line, decided = case.followed.line, case.followed.priced.decided
    rules = sorted(reference.rows_on("multiple_procedure", case.day, rule="surgery", part="fee"), key=rank_of)
    first, alone = case.figure(station, "higher") + 1, case.figure(station, "alone")
    last = first + (int(decided.procedures[line]) - 1 if alone else 0)
    rates = [percent.rate(str(rules[min(rank, len(rules)) - 1]["value"])) for rank in range(first, last + 1)]
    row = rules[min(last, len(rules)) - 1]
    if last > first:
        factor = " + ".join(f"{rates.count(rate)} x {percent_of(rate)}" for rate in dict.fromkeys(rates))
        return f"its units rank {first} to {last}", factor, source_of(row)
    family = "" if alone else "the family, or the pair of sides, "
    return f"{family}ranks {first}", percent_of(rates[0]), source_of(row)


RULE = Rule(
    "surgery",
    decide=decide,
    ranks=ranks,
    is_on=is_on,
    steps=steps,
    notes={
        Note.BY_REPORT: "the sixth procedure and those after it are paid by report: this is the least they pay",
    },
)
