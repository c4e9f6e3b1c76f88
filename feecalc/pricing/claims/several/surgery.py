"""Several procedures, endoscopies among them, of one physician on one patient and day.

Source: Pub. 100-04 ch. 12 sec. 40.6 and 40.6.C. Ranked by the fee schedule amount after the bilateral rule, each unit a
procedure, the percent of its rank: reference/multiple_procedure.toml. Endoscopies of one family first pay the highest
in full and each other its amount less the base's; the family then ranks as one procedure. Assistants rank among
themselves. Equal amounts rank by line number, which changes no total.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import NONE, Decisions, Lines
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.claims.several import parts


@dataclass
class _Ranked:
    """The lines that rank, as arrays of their own. ``item``: the position of the line that stands for the procedure."""

    at: Whole  # position in the batch
    role: Whole
    item: Whole
    amount: Whole  # of the item, to rank by
    count: Whole  # procedures of the item
    first: Whole  # cents of the line's first procedure, before the percent of its rank
    other: Whole  # of each further one
    in_family: Flags  # one of several endoscopies of a family
    second: Whole  # position among the ranked of the line that is the other side, -1 for most


def several_procedures(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Decide ``several``, ``rank_percents`` and ``rank`` of surgery and endoscopy lines."""
    if not rules.surgery:
        return
    chosen = np.flatnonzero(lines.priced() & (era.several.is_surgery | era.several.is_endoscopy)[lines.row])
    decided.in_several_rule[chosen] = True
    decided.rank[chosen] = 1
    chosen = chosen[segments.shared(lines.group[chosen], decided.procedures[chosen])]
    if not len(chosen):
        return
    ranked = _as_they_are(lines, decided, chosen)
    if rules.endoscopy:
        _families(lines, decided, era, ranked)
    stands = np.flatnonzero(ranked.item == np.arange(len(chosen)))
    group, number = lines.group[chosen], lines.number[chosen]
    order = stands[segments.order(group[stands], ranked.role[stands], -ranked.amount[stands], number[stands])]
    before = np.zeros(len(chosen), np.int64)
    before[order] = segments.before(segments.starts(group[order], ranked.role[order]), ranked.count[order])
    before = before[ranked.item]
    alone = (ranked.item == np.arange(len(chosen))) & ~ranked.in_family
    rates = rates_of(era, rules)
    own = np.asarray(rates)[np.minimum(before, len(rates) - 1)]
    family_line = ranked.first + (decided.procedures[chosen] - 1) * ranked.other
    together = percent.share(family_line, own)
    decided.several[chosen] = np.where(
        alone, percent.by_rank(ranked.first, before, decided.procedures[chosen], rates), together
    )
    ones = np.full(len(chosen), percent.WHOLE)
    percents = percent.by_rank(ones, before, decided.procedures[chosen], rates)
    of_pair = own * decided.procedures[chosen]  # the other side of a procedure
    decided.rank_percents[chosen] = np.where(alone, percents, np.where(ranked.in_family, NONE, of_pair))
    decided.rank[chosen] = before + 1
    if decided.trail is not None:
        total = decided.several[chosen]
        stands_alone = alone.astype(np.int64)
        decided.trail.keep("surgery", chosen, family_line, total, higher=before, alone=stands_alone)
    late = chosen[before + np.where(alone, decided.procedures[chosen], 1) >= era.several.by_report_from_rank]
    decided.notes[late] |= Note.BY_REPORT


def rates_of(era: Era, rules: ClaimRules) -> list[int]:
    """The rate of each rank: a payer's own, else Medicare's. [ten-thousandths]"""
    return [percent.rate(each) for each in rules.surgery_percents] or era.several.surgery_rates


def _as_they_are(lines: Lines, decided: Decisions, chosen: Whole) -> _Ranked:
    """Each line a procedure, or several, of its own; a right and left pair is one."""
    position = np.full(len(lines), -1)
    position[chosen] = np.arange(len(chosen))
    item, amount = np.arange(len(chosen)), decided.sides[chosen].copy()
    partner = decided.pair[chosen]
    paired = np.flatnonzero(partner >= 0)
    paired = paired[position[partner[paired]] >= 0]
    stands = position[partner[paired]]
    item[paired] = stands
    second = np.full(len(chosen), -1)
    second[stands] = paired
    amount[stands] += amount[paired]
    role = lines.by_assistant[chosen].astype(np.int64)
    service = decided.service[chosen]
    return _Ranked(
        chosen,
        role,
        item,
        amount,
        decided.procedures[chosen].copy(),
        service,
        service.copy(),
        np.zeros(len(chosen), np.bool_),
        second,
    )


def _families(lines: Lines, decided: Decisions, era: Era, ranked: _Ranked) -> None:
    """Endoscopies of one family: the highest in full, the others less the base; the family becomes one item."""
    family = era.several.endoscopic_family[lines.row[ranked.at]]
    members = np.flatnonzero((family >= 0) & (ranked.item == np.arange(len(ranked.at))))  # a pair is its first line
    if not len(members):
        return
    at = ranked.at[members]
    keys = [lines.group[at], ranked.role[members], family[members]]
    order = segments.order(*keys, -decided.fee[at], lines.number[at])
    members, at, first = members[order], at[order], segments.starts(*(key[order] for key in keys))
    procedures = decided.procedures[at]
    is_member = era.several.is_endoscopy[lines.row[at]].astype(np.int64)
    held = (segments.of_each(first, procedures) > 1) & (segments.of_each(first, is_member) > 0)
    members, at, first, procedures = members[held], at[held], first[held], procedures[held]
    if not len(members):
        return
    is_base = ~era.several.is_endoscopy[lines.row[at]]
    lines.status[at[is_base]] = outcomes.ENDOSCOPIC_BASE_INCLUDED
    kin = _Kin(members, at, procedures, is_base, _top(first, is_base), ranked.second[members])
    base = _base_fees(lines, decided, era, at)
    base_paid = parts.through_percents(decided, at, base)
    ranked.first[members], ranked.other[members], second = kin.amounts(decided.service, base_paid, ranked.at)
    has = kin.second >= 0
    lines.status[ranked.at[kin.second[has & is_base]]] = outcomes.ENDOSCOPIC_BASE_INCLUDED
    ranked.first[kin.second[has]] = second[has]
    ranked.in_family[members] = ranked.in_family[kin.second[has]] = True
    ranked.item[members] = members[kin.top][np.cumsum(first) - 1]
    ranked.item[kin.second[has]] = ranked.item[members[has]]
    if decided.trail is not None:
        _keep_family(decided, ranked, kin, base_paid)
    ranked.count[members] = 1
    front, further, second = kin.amounts(decided.sides, base, ranked.at)
    ranked.amount[members] = segments.of_each(first, front + (procedures - 1) * further + second)


def _keep_family(decided: Decisions, ranked: _Ranked, kin: _Kin, base: Whole) -> None:
    assert decided.trail is not None
    has = kin.second >= 0
    members, bases = np.append(kin.members, kin.second[has]), np.append(base, base[has])
    top = np.append(kin.top, kin.top[has]).astype(np.int64)
    at = ranked.at[members]
    before = decided.service[at] * decided.procedures[at]
    after = ranked.first[members] + (decided.procedures[at] - 1) * ranked.other[members]
    decided.trail.keep("endoscopy", at, before, after, base=bases, top=top)


@dataclass(frozen=True)
class _Kin:
    """The members of families, those of a family together, the highest fee first."""

    members: Whole  # position among the ranked
    at: Whole  # position in the batch
    procedures: Whole
    is_base: Flags
    top: Flags  # the one that pays in full
    second: Whole  # position among the ranked of the line that is the other side, -1 for most

    def amounts(self, cents: Whole, base: Whole, ranked_at: Whole) -> tuple[Whole, Whole, Whole]:
        """What the first and each further procedure of a line pays, and the line of its other side.

        A right and left pair is one procedure: what the first line leaves of the base comes off the second.
        """
        own = cents[self.at]
        less = np.where(self.is_base, 0, np.maximum(0, own - base))
        other = np.where(self.second >= 0, cents[ranked_at[np.maximum(self.second, 0)]], 0)
        rest = np.where(self.is_base, 0, np.maximum(0, other - np.maximum(0, base - own)))
        return np.where(self.top, own, less), less, np.where(self.top, other, rest)


def _base_fees(lines: Lines, decided: Decisions, era: Era, at: Whole) -> Whole:
    """The base's fee where and as each line is paid; 0 where the release does not price it."""
    rows = era.several.endoscopic_base_row[lines.row[at]]
    fees = era.amounts.fees(np.maximum(rows, 0), lines.locality[at], lines.facility[at], lines.factor[at])
    return np.where(rows >= 0, fees, 0)


def _top(first: Flags, is_base: Flags) -> Flags:
    """The first position of each run that is not the base: runs are sorted by fee, the highest first."""
    candidate = (~is_base).astype(np.int64)
    found: Flags = (candidate == 1) & (segments.before(first, candidate) == 0)
    return found
