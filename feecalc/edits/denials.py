"""Which lines the edits deny, and nothing else of it: what a claim run needs, quick enough for millions of lines.

The same lines that ``checking.check`` denies; tests compare the two on random claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from feecalc.edits import rule_days
from feecalc.edits.coding import complexity, laterality, technical
from feecalc.edits.coding.bundles import refused
from feecalc.edits.coding.laterality import Bill
from feecalc.edits.coding.visits import denied_on_the_day
from feecalc.edits.finding import DENIES, no_findings
from feecalc.edits.lines.code_numbers import CodeNumbers
from feecalc.edits.lines.numbered import Numbered
from feecalc.edits.lines.prepared import prepared, with_indicators
from feecalc.edits.lines.traits import bit
from feecalc.edits.ncci import add_on, pairs, units
from feecalc.edits.policies import checking as coverage
from feecalc.edits.policies.loading import shipped_policies
from feecalc.edits.policies.policy import Policy
from feecalc.edits.rule_days import Cause, Causes
from feecalc.edits.tables import EditTables
from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims.columns import present
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.grouping import Groups, groups

STATUS = ("pricing_status", "reason", "carc", "rarc", "allowed_amount")


@dataclass(frozen=True)
class Denied:
    """What the edits deny of a batch. Shape of each: [line of the batch]."""

    causes: Causes  # of the edits; a line that pricing itself refuses has none
    lost: Flags  # lines that are no primary of an add-on: denied by an edit other than that of add-ons, or refused
    together: Groups
    alone: Flags  # lines whose price no other line changes, in the order of ``together``
    asks_all: Flags  # lines that any other line of the day changes, in that order

    @property
    def by_edit(self) -> Flags:
        """Lines that an edit denies."""
        found: Flags = self.causes.of_line >= 0
        return found


@dataclass(frozen=True)
class Denials:
    """The edits ready for batch after batch. ``policies``: those that come with feecalc where None; () for none."""

    pricer: ClaimPricer
    tables: EditTables
    policies: Sequence[Policy] | None = None
    history: pl.DataFrame | None = None
    bill: Bill = "professional"

    @cached_property
    def codes(self) -> CodeNumbers:
        return CodeNumbers.of(self.tables, [each.tables for each in self.pricer.releases], self.known_policies)

    @cached_property
    def known_policies(self) -> Sequence[Policy]:
        return shipped_policies() if self.policies is None else self.policies

    def denied(
        self, batch: pl.DataFrame, covered: pl.DataFrame | None = None, number: Whole | None = None
    ) -> Denied:
        """What is denied of a batch, whole patients together.

        ``covered``: what ``not_covered`` said of its lines. ``number``: their codes, as ``numbers`` has them.
        """
        claims = present(batch)
        together = groups(claims)
        lines = Numbered.of(claims, together.group, together.order)
        own = self.numbers(claims) if number is None else number
        number = own if lines.in_order else own[lines.row]
        causes = Causes(batch.height)
        for rule, at in (*self._pairs(lines, number), *self._units(lines, number), *self._visits(lines, number)):
            causes.add([(cause, lines.row[some]) for cause, some in rule_days.denied(rule, at, lines.day[at])])
        causes.add(causes_of(self.not_covered(self.of_policies(batch, own)) if covered is None else covered))
        causes.add(causes_of(self._sides(batch)))
        if self.bill == "professional":
            technical_parts = technical.find(claims, self.tables, [each.tables for each in self.pricer.releases])
            causes.add(causes_of(technical_parts.filter(pl.col("severity") == DENIES)))
        lost: Flags = causes.of_line >= 0
        if "denied" in claims.columns:
            lost |= claims["denied"].to_numpy()
        self._add_ons(lines, number, causes, lost, claims, together)
        alone = self.codes.alone[number] & ((lines.all_traits & _sides_bits()) == 0)
        return Denied(causes, lost, together, alone, self.codes.asks_all[number])

    def numbers(self, batch: pl.DataFrame) -> Whole:
        """The lines' codes in ``codes``; -1 for one that no edit knows."""
        found = batch["hcpcs"].cast(self.codes.kind, strict=False).to_physical().cast(pl.Int32).fill_null(-1)
        return found.to_numpy()

    def of_policies(self, batch: pl.DataFrame, number: Whole) -> pl.DataFrame:
        """The lines with a code that a policy speaks of, with their ``row``. ``number``: of each line."""
        at = np.flatnonzero(self.codes.in_policy[number])
        return batch[at].with_columns(pl.Series("row", at, pl.UInt32))

    def not_covered(self, lines: pl.DataFrame) -> pl.DataFrame:
        """What the policies deny: findings by row. ``lines``: those of ``meant``, with ``row``, whole patients."""
        if not lines.height:
            return no_findings()
        some = prepared(lines).with_columns(lines["row"])
        found = coverage.find(some, self.known_policies, self.history, denials_only=True)
        return found.filter(pl.col("severity") == DENIES)

    def _pairs(self, lines: Numbered, number: Whole) -> Iterable[tuple[str, Whole]]:
        index, own = self.tables.pair_index, self.codes.pair
        if index is not None and own is not None:
            met = pairs.met(lines, own[number], index)
            for place, rule in enumerate(pairs.RULES):
                denied = np.zeros(len(lines.row), np.bool_)
                denied[met.two[met.rule == place]] = True
                yield rule, np.flatnonzero(denied)

    def _units(self, lines: Numbered, number: Whole) -> Iterable[tuple[str, Whole]]:
        index, own = self.tables.unit_index, self.codes.unit
        if index is not None and own is not None:
            over = units.over(lines, own[number], index)
            for mai, rule in enumerate(units.RULES):
                if rule:
                    yield rule, over.at[over.mai == mai]

    def _visits(self, lines: Numbered, number: Whole) -> Iterable[tuple[str, Whole]]:
        visit, period = self.codes.visit, self.codes.period
        if len(visit) == 1:
            major, minor = denied_on_the_day(lines, visit[0][number], period[0][number])
        else:
            release = self._release(lines.day)
            known = release >= 0  # a line without a release has no indicators
            is_visit, periods = visit[release, number] & known, np.where(known, period[release, number], 0)
            major, minor = denied_on_the_day(lines, is_visit, periods)
        yield "visit_with_major", major
        yield "visit_with_minor", minor
        yield complexity.RULE, complexity.denied(lines, self.codes.complexity[number])

    def _release(self, day: Whole) -> Whole:
        """The place in the pricer's coverage of the release that prices each day, -1 for none."""
        place = {id(each.tables): number for number, each in enumerate(self.pricer.releases)}
        eras = self.pricer.eras
        of_era = np.array([*(place[id(era.tables)] for era in eras.listed), -1])
        return of_era[eras.numbers(day)]

    def _sides(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Sides deny nothing on a physician's claim."""
        if self.bill == "professional":
            return no_findings()
        ready = with_indicators(prepared(batch), [self.pricer.releases[0].tables])
        return laterality.find(ready, self.tables, self.bill).filter(pl.col("severity") == DENIES)

    def _add_ons(
        self, lines: Numbered, number: Whole, causes: Causes, lost: Flags, batch: pl.DataFrame, together: Groups
    ) -> None:
        """Add-ons whose primary is missing or not paid, to ``causes``; lines that pricing refuses, to ``lost``."""
        index, own = self.tables.add_on_index, self.codes.add_on
        if index is None or own is None:
            return
        company = add_on.Company.of(lines, own[number], index)
        rows = lines.row[company.at]
        before = -1
        while True:
            rule = company.rules(lost[rows])
            for place in add_on.DENIED:
                at = company.at[rule == place]
                found = rule_days.denied(add_on.RULES[place], at, lines.day[at])
                causes.add([(cause, lines.row[some]) for cause, some in found])
            denied = causes.of_line[rows] >= 0
            left, fallen = company.held & ~denied, int(np.count_nonzero(denied))
            if not left.any() or fallen == before:
                return  # nothing more fell: pricing refuses what it did
            before = fallen
            lost[self._refused(batch, together, company.group[left], causes, lines)] = True

    def _refused(
        self, batch: pl.DataFrame, together: Groups, group: Whole, causes: Causes, lines: Numbered
    ) -> Whole:
        """The rows that pricing refuses in the patients' days of some groups."""
        days = np.unique(together.patient_day[np.searchsorted(together.group, group)])
        meant = np.zeros(int(together.patient_day[-1]) + 1, np.bool_)
        meant[days] = True
        rows = np.sort(lines.row[meant[together.patient_day]])
        some = with_denied(batch[rows], causes.of_line[rows] >= 0)
        priced = self.pricer.price(some, STATUS)
        found: Whole = rows[refused(priced, some["date_of_service"])["row"].to_numpy()]
        return found


def _sides_bits() -> int:
    return bit("left") | bit("right") | bit("both_sides")


def with_denied(batch: pl.DataFrame, denied: Flags) -> pl.DataFrame:
    """The lines, those ``denied`` marked so beside those that are already."""
    mark = pl.Series("denied", denied)
    return batch.with_columns(mark | batch["denied"].fill_null(False) if "denied" in batch.columns else mark)


def causes_of(found: pl.DataFrame) -> list[tuple[Cause, Whole]]:
    """Findings as rows by their cause. ``found``: row, rule, carc, rarc."""
    if not found.height:
        return []
    return [
        (Cause(str(rule), str(carc), str(rarc)), each["row"].to_numpy())
        for (rule, carc, rarc), each in found.partition_by("rule", "carc", "rarc", as_dict=True).items()
    ]
