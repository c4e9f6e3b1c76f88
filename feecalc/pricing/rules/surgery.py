"""Several procedures of one physician on one patient and day: the multiple procedure payment reduction of surgery.

Ranked by the fee schedule amount after the bilateral rule, each unit a procedure; each pays the percent of its rank,
and from the sixth on by report. Parts of one procedure (54, 55, 56) rank as one; a return to the operating room (78)
is left out: reference/modifier_in_rule.toml. Endoscopies of one family are merged before (``endoscopy``). Assistants
rank among themselves. Equal amounts rank by line number, which changes no total. Source: Pub. 100-04 ch. 12 sec. 40.6.
Physicians of one group and one specialty are one; two co-surgeons (62) of a code are not ranked with each other.
Percents: reference/multiple_procedure.toml, rule surgery.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import NONE, Decisions, Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.arrays.trail import Station
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules import endoscopy
from feecalc.pricing.rules.endoscopy import EndoscopyRows
from feecalc.pricing.rules.left_out import LeftOut
from feecalc.pricing.rules.ranking import (
    Ranked,
    RankedRows,
    StepWords,
    ever_ranked,
    meeting,
    procedures,
    rank_of,
    ranked_steps,
)
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, listed, percent_of, source_of
from feecalc.pricing.rules.rule import Others, Rule
from feecalc.pricing.rules.split_care import ANY_SPLIT

_PARTS_AFTER = ModifierEffect.POSTOPERATIVE | ModifierEffect.PREOPERATIVE  # of a procedure that another line holds
_SIDES = ModifierEffect.RIGHT | ModifierEffect.LEFT | ModifierEffect.BOTH_SIDES


_SPECIALTIES_UNKNOWN = (
    "of another physician of the same group: it is not known whether they are of one specialty; of one specialty they "
    "are one physician and rank together, and this line would pay the percent of a further procedure"
)


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
    is_ranked = lines.priced() & table.ranked[lines.row] & ((lines.does & era.look_up(LeftOut).of("surgery")) == 0)
    _ask_for_specialties(lines, decided, np.flatnonzero(is_ranked), rates_of(era, rules))
    chosen = meeting(lines.group, decided, np.flatnonzero(is_ranked), procedures)
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


def _ask_for_specialties(lines: Lines, decided: Decisions, chosen: Integers, rates: list[int]) -> None:
    """Note the procedures that would pay a lower rank's percent, were a colleague of unknown specialty of the same."""
    chosen = chosen[segments.shared(lines.practice[chosen], np.ones(len(chosen), np.int64))]
    if not lines.unsure[chosen].any():
        return
    first = segments.starts(lines.practice[chosen])
    physicians = segments.of_each(first, segments.starts(lines.group[chosen]).astype(np.int64))
    unsure = segments.of_each(first, lines.unsure[chosen].astype(np.int64))
    chosen = chosen[(physicians > 1) & (unsure > 0) & (decided.pair[chosen] < 0)]
    chosen = chosen[(lines.does[chosen] & _PARTS_AFTER) == 0]
    amount = decided.sides.copy()
    second = np.flatnonzero(decided.pair >= 0)
    amount[decided.pair[second]] += amount[second]
    rate, places = np.asarray(rates), []
    for physician in (lines.group, lines.practice):
        keys = physician[chosen], lines.surgeons_among(physician)[chosen]
        order = segments.order(*keys, -amount[chosen], lines.number[chosen])
        place = np.empty(len(chosen), np.int64)
        counts = decided.procedures[chosen[order]]
        place[order] = segments.before(segments.starts(*(key[order] for key in keys)), counts)
        places.append(rate[np.minimum(place, len(rates) - 1)])
    apart, as_one = places
    decided.notes[chosen[as_one < apart]] |= Note.SPECIALTIES_UNKNOWN


def rates_of(era: Era, rules: ClaimRules) -> list[int]:
    """Return the rate of each rank: a payer's own, else Medicare's. [ten-thousandths]"""
    return [percent.rate(own) for own in rules.surgery_percents] or era.look_up(SurgeryRows).rates


def _as_they_are(lines: Lines, decided: Decisions, chosen: Integers) -> Ranked:
    """Count each line as its own procedures; a right and left pair is one, and so are the parts of split care."""
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
    _join_parts(lines, chosen, item)
    service = decided.service[chosen]
    return Ranked(
        at=chosen,
        role=lines.surgeon[chosen],
        item=item,
        amount=amount,
        count=decided.procedures[chosen].copy(),
        first=service,
        other=service.copy(),
        in_family=np.zeros(len(chosen), np.bool_),
        second=second,
    )


def _join_parts(lines: Lines, chosen: Integers, item: Integers) -> None:
    """Let a surgeon's own aftercare (55) or preparation (56) stand with his operation (54), or the other part of it.

    Two lines are parts of one procedure where they are of one row and side, and split care in unlike ways; further
    lines of the same part are of the same procedure too (days of care in two spans), but for a second operation.
    """
    split = lines.does[chosen] & ANY_SPLIT
    at = np.flatnonzero((split != 0) & (item == np.arange(len(chosen))))
    if len(at) < 2:
        return
    is_pair = np.isin(at, item[np.flatnonzero(item != np.arange(len(chosen)))])
    side = np.where(is_pair, 0, lines.does[chosen[at]] & _SIDES)
    is_operation = (split[at] & ModifierEffect.INTRAOPERATIVE) != 0
    keys = [lines.group[chosen[at]], lines.row[chosen[at]], lines.surgeon[chosen[at]], side, is_pair]
    order = segments.order(*keys, ~is_operation, lines.number[chosen[at]])
    at, is_operation = at[order], is_operation[order]
    first = segments.starts(*(key[order] for key in keys))
    head = at[np.flatnonzero(first)][np.cumsum(first) - 1]
    parts = at[~first & ~is_operation]
    whole = head[~first & ~is_operation]
    others = np.flatnonzero(np.isin(item, parts))
    moved = item.copy()
    moved[parts] = whole
    item[others] = moved[item[others]]


def not_ranked_with(case: Case) -> list[str]:
    """Return with which lines a line was not ranked, because the physicians' specialties are not known."""
    priced, own = case.followed.priced, case.followed.line
    lines = priced.lines
    at = np.flatnonzero((lines.practice == lines.practice[own]) & (lines.group != lines.group[own]) & lines.priced())
    at = at[case.followed.era.look_up(SurgeryRows).ranked[lines.row[at]]]
    numbers = listed([str(number) for number in sorted(lines.number[at].tolist())])
    return [f"not ranked with line{'s' if len(at) > 1 else ''} {numbers} {_SPECIALTIES_UNKNOWN}"]


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
    family = "" if alone else "the family, the pair of sides, or the procedure it is a part of, "
    return f"{family}ranks {first}", percent_of(rates[0]), source_of(row)


RULE = Rule(
    "surgery",
    others=Others(lambda: ever_ranked("surgery", "endoscopy")),
    decide=decide,
    ranks=ranks,
    is_on=is_on,
    steps=steps,
    notes={
        Note.BY_REPORT: "the sixth procedure and those after it are paid by report: this is the least they pay",
        Note.SPECIALTIES_UNKNOWN: f"not ranked with the surgery {_SPECIALTIES_UNKNOWN}",
    },
)
