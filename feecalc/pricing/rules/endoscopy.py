"""Endoscopies of one family on one day: the highest pays in full, each further one what it is above the family's base.

How much of the highest is paid, and how much of the base is taken off each further one, are dated rows. The base itself
pays nothing beside one of its family. The family then ranks among the day's surgery as one procedure,
of the sum of its lines. The release names each endoscopy's base; the base's fee is taken where and as the line is paid.
Source: Pub. 100-04 ch. 12 sec. 40.6.C; RVU25D.pdf, field Multiple Procedure (Modifier 51), indicator 3. Rows:
reference/multiple_procedure.toml, rule endoscopy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.arrays.trail import Station
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.eras.rows import GLOBAL, NONE
from feecalc.pricing.receipt import shown
from feecalc.pricing.rules import parts
from feecalc.pricing.rules.ranking import Ranked, RankedRows, StepWords, rank_of, ranked_steps
from feecalc.pricing.rules.receipt_steps import IN_FULL, Case, RuleStep, percent_of, source_of
from feecalc.pricing.rules.rule import Rule
from feecalc.pricing.rules.status import StatusRows


class EndoscopyRows(RankedRows):
    """Look up which rows are endoscopies, and of which family."""

    @cached_property
    def is_endoscopy(self) -> Flags:
        return self.of_rule("endoscopy")

    @cached_property
    def highest_rate(self) -> int:
        """Return what the highest of a family pays of its fee."""
        return percent.rate(self.ranks("endoscopy", "fee")[0]["value"])

    @cached_property
    def base_rate(self) -> int:
        """Return how much of the base's fee is taken off each further endoscopy."""
        return self.after_the_first("endoscopy", "base")

    @cached_property
    def family(self) -> Integers:
        """Return the number of a row's family, its base's code: members and the base itself; -1 elsewhere."""
        bases = self.rows.column("endoscopic_base").unique().drop_nulls().to_list()
        number = {code: self.rows.words.hcpcs.at.get(code, NONE) for code in bases if code}
        member = self.rows.by("endoscopic_base", number, NONE)
        own = self.rows.by("hcpcs", number, NONE)
        return np.where(self.is_endoscopy, member, np.where(self.rows.component == GLOBAL, own, NONE))

    @cached_property
    def base_row(self) -> Integers:
        """Return the priced row of each row's base, -1 where there is none."""
        code = self.family + self.rows.codes * self.rows.of_qp
        base = np.where(self.family >= 0, self.rows.global_row[code], NONE)
        return np.where((base >= 0) & self.era.look_up(StatusRows).is_priced[base], base, NONE)


def merge_families(lines: Lines, decided: Decisions, era: Era, ranked: Ranked) -> None:
    """Price each family of endoscopies, and make it one procedure among the ``ranked`` lines."""
    table = era.look_up(EndoscopyRows)
    family = table.family[lines.row[ranked.at]]
    members = np.flatnonzero((family >= 0) & (ranked.item == np.arange(len(ranked.at))))  # a pair is its first line
    if not len(members):
        return
    at = ranked.at[members]
    keys = [lines.group[at], ranked.role[members], family[members]]
    order = segments.order(*keys, -decided.fee[at], lines.number[at])
    members, at, first = members[order], at[order], segments.starts(*(key[order] for key in keys))
    procedures = decided.procedures[at]
    is_member = table.is_endoscopy[lines.row[at]].astype(np.int64)
    is_merged = (segments.of_each(first, procedures) > 1) & (segments.of_each(first, is_member) > 0)
    members, at, first, procedures = members[is_merged], at[is_merged], first[is_merged], procedures[is_merged]
    if not len(members):
        return
    is_base = ~table.is_endoscopy[lines.row[at]]
    lines.status[at[is_base]] = outcomes.ENDOSCOPIC_BASE_INCLUDED
    kin = _Family(members, at, procedures, is_base, _top(first, is_base), ranked.second[members])
    base = percent.share(_base_fees(lines, era, at), table.base_rate)
    base_paid = parts.through_percents(decided, at, base)
    highest = table.highest_rate
    ranked.first[members], ranked.other[members], second = kin.amounts(decided.service, base_paid, highest, ranked.at)
    has = kin.second >= 0
    lines.status[ranked.at[kin.second[has & is_base]]] = outcomes.ENDOSCOPIC_BASE_INCLUDED
    ranked.first[kin.second[has]] = second[has]
    nothing = (ranked.first[members] + (procedures - 1) * ranked.other[members] + second == 0) & ~is_base
    decided.notes[at[nothing]] |= Note.NOTHING_ABOVE_BASE
    ranked.in_family[members] = ranked.in_family[kin.second[has]] = True
    ranked.item[members] = members[kin.top][np.cumsum(first) - 1]
    ranked.item[kin.second[has]] = ranked.item[members[has]]
    if decided.trail is not None:
        _keep(decided, ranked, kin, base_paid)
    ranked.count[members] = 1
    front, further, second = kin.amounts(decided.sides, base, highest, ranked.at)
    ranked.amount[members] = segments.of_each(first, front + (procedures - 1) * further + second)


def _keep(decided: Decisions, ranked: Ranked, kin: _Family, base: Integers) -> None:
    assert decided.trail is not None
    has = kin.second >= 0
    members, bases = np.append(kin.members, kin.second[has]), np.append(base, base[has])
    top = np.append(kin.top, kin.top[has]).astype(np.int64)
    at = ranked.at[members]
    before = decided.service[at] * decided.procedures[at]
    after = ranked.first[members] + (decided.procedures[at] - 1) * ranked.other[members]
    decided.trail.keep("endoscopy", at, before, after, base=bases, top=top)


@dataclass(frozen=True)
class _Family:
    """Hold the members of families, those of a family together, the highest fee first."""

    members: Integers  # position among the ranked
    at: Integers  # position in the batch
    procedures: Integers
    is_base: Flags
    top: Flags  # the highest one that is not the base
    second: Integers  # position among the ranked of the line that is the other side, -1 for most

    def amounts(
        self, cents: Integers, base: Integers, highest: int, ranked_at: Integers
    ) -> tuple[Integers, Integers, Integers]:
        """Return what the first and each further procedure of a line pays, and the line of its other side.

        ``base``: what is taken off a further endoscopy. ``highest``: the rate of the highest. [ten-thousandths]
        A right and left pair is one procedure: what the first line leaves of the base comes off the second.
        """
        own = cents[self.at]
        less = np.where(self.is_base, 0, np.maximum(0, own - base))
        other = np.where(self.second >= 0, cents[ranked_at[np.maximum(self.second, 0)]], 0)
        rest = np.where(self.is_base, 0, np.maximum(0, other - np.maximum(0, base - own)))
        first = np.where(self.top, percent.share(own, highest), less)
        return first, less, np.where(self.top, percent.share(other, highest), rest)


def _base_fees(lines: Lines, era: Era, at: Integers) -> Integers:
    """Return the base's fee where and as each line is paid; 0 where the release does not price it."""
    rows = era.look_up(EndoscopyRows).base_row[lines.row[at]]
    fees = era.amounts.fees(np.maximum(rows, 0), lines.locality[at], lines.facility[at], lines.factor[at])
    return np.where(rows >= 0, fees, 0)


def _top(first: Flags, is_base: Flags) -> Flags:
    """Return the first position of each run that is not the base: runs are sorted by fee, the highest first."""
    candidate = (~is_base).astype(np.int64)
    found: Flags = (candidate == 1) & (segments.before(first, candidate) == 0)
    return found


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the family: the highest in full, or what is above the base."""
    return ranked_steps(case, "endoscopy", "endoscopy family", _words)


def _words(case: Case, station: Station) -> StepWords:
    line, decided = case.followed.line, case.followed.priced.decided
    rows = reference.rows_on("multiple_procedure", case.day, rule="endoscopy")
    highest, further = min(rows, key=rank_of), max(rows, key=rank_of)
    base = shown(case.figure(station, "base"))
    code = case.row["endoscopic_base"] or case.row["hcpcs"]
    procedures, top = int(decided.procedures[line]), case.figure(station, "top")
    if top and procedures == 1:
        rate = percent.rate(highest["value"])
        paid = IN_FULL if rate == percent.WHOLE else percent_of(rate)
        return f"the highest of the family of {code}: {paid}", paid, source_of(highest)
    which = "each further one" if top else "it"
    detail = f"a further endoscopy of the family of {code}: {which} pays what it is above the base's fee of {base}"
    count = procedures - top
    return detail, f"less {base}" + (f" x {count}" if count > 1 else ""), source_of(further)


RULE = Rule(
    "endoscopy",  # surgery merges the families before it ranks, and has its rows
    steps=steps,
    bundles={
        outcomes.ENDOSCOPIC_BASE_INCLUDED: "RVU25D.pdf, field Multiple Procedure; Pub. 100-04 ch. 12 sec. 40.6",
    },
    notes={
        Note.NOTHING_ABOVE_BASE: "a further endoscopy of its family pays what its fee is above the family's base, and "
        "its fee is not above it",
    },
)
