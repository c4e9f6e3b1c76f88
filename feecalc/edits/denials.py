"""The edits ready for batch after batch: what they find of the lines, and which lines they deny, and why.

``feecalc check`` words all that is found here; a claim run takes the denials, from the same finders.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from feecalc.edits.bill_pricer import BillPricer
from feecalc.edits.coding import duplicates, physicians, questions, unpaid
from feecalc.edits.edit import Edit, Found, may_deny, wordings
from feecalc.edits.lines.codes import Bill, Codes, Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.lines.spans import NO_DAY, day_number
from feecalc.edits.listed import ADD_ONS, EDITS, OF_PHYSICIANS, POLICY_EDITS, QUESTIONS, UNPAID, turn
from feecalc.edits.ncci import add_ons
from feecalc.edits.ncci.add_ons import AddOnGroups, AddOns
from feecalc.edits.policies.edit import found_by_policies
from feecalc.edits.policies.lines import PolicyTables
from feecalc.edits.policies.loading import shipped_policies
from feecalc.edits.policies.policy import Policy
from feecalc.edits.severity import DENIES
from feecalc.edits.tables import EditTables
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.grouping import billed_by_physicians, without_physicians
from feecalc.reference import Row


@dataclass(frozen=True)
class Cause:
    """Why a line is denied: the rule, and the codes of the remittance."""

    rule: str
    carc: str
    rarc: str

    @property
    def order(self) -> tuple[int, str, str, str]:
        """Return the order of the rule; the lower goes first: a rule that yields to none, then by name."""
        return turn(self.rule), self.rule, self.carc, self.rarc


class Causes:
    """Why each line of a batch is denied. ``of_line``: the place in ``listed``, -1 for a line that is not. [line]

    Of several causes of one line the first by ``Cause.order`` is kept.
    """

    def __init__(self, lines: int) -> None:
        self.listed: list[Cause] = []
        self.of_line = np.full(lines, -1, np.int16)

    def add(self, found: Iterable[Found], day: Integers, *, first: bool = False) -> None:
        """Add what denies of what was found. ``day``: of each line; ``first``: goes before all other causes."""
        for each in found:
            for row in each.dated:
                if row["severity"] == DENIES:
                    self._put(_cause(row), _on_the_days(each.row, day, row), first=first)

    def _put(self, cause: Cause, row: Integers, *, first: bool) -> None:
        if not len(row):
            return
        if cause not in self.listed:
            self.listed.append(cause)
        number = self.listed.index(cause)
        if not first:
            later = np.array([each.order > cause.order for each in self.listed] + [True])  # the last: no cause yet
            row = row[later[self.of_line[row]]]
        self.of_line[row] = number

    def named(self, name: str) -> pl.Series:
        """Return the rule, carc or rarc of each line's cause, null where it has none. Shape: [line]."""
        words = pl.Series([*(getattr(each, name) for each in self.listed), None], dtype=pl.Categorical())
        return words[np.where(self.of_line < 0, len(self.listed), self.of_line)]


def _cause(row: Row) -> Cause:
    return Cause(row["rule"], row.get("carc", ""), row.get("rarc", ""))


def _on_the_days(lines: Integers, day: Integers, row: Row) -> Integers:
    own = day[lines]
    first, last = day_number(row["effective_from"]), day_number(row.get("effective_to", date.max))
    found: Integers = lines[(own >= first) & (own <= last) & (own != NO_DAY)]
    return found


@dataclass(frozen=True)
class Denied:
    """What the edits find of a batch, without what pricing itself refuses."""

    lines: EditLines
    found: list[Found]
    causes: Causes
    unpaid: Flags  # lines that are no primary of an add-on: denied by an edit other than that of add-ons, or refused

    @property
    def by_edit(self) -> Flags:
        """Mark the lines that an edit denies. Shape: [line of the batch]."""
        denied: Flags = self.causes.of_line >= 0
        return denied


def found_in_turn(
    look_ups: Sequence[tuple[Edit, Any]], lines: EditLines, left_out: Collection[str], *, denials_only: bool
) -> tuple[list[Found], EditLines]:
    """Return what edits find of lines, and the lines with those marked that are denied as duplicates.

    What comes after the duplicates counts no service twice, nor denies it for itself. ``left_out``: rules of which
    nothing is returned. Not confirmed: that a contractor denies the duplicate before NCCI's edits look at the claim.
    """
    found: list[Found] = []
    for edit, look_up in look_ups:
        of_edit = [
            each
            for each in edit.find(lines, look_up, edit.wanted(denials_only=denials_only))
            if each.rule not in left_out
        ]
        found += of_edit
        if edit is duplicates.EDIT:
            causes = Causes(len(lines.row))
            causes.add(of_edit, lines.by_row(lines.day))
            lines = lines.without_repeats(np.flatnonzero(causes.of_line >= 0))
    return found, lines


@dataclass(frozen=True)
class Denials:
    """The edits ready for batch after batch. ``policies``: those that come with feecalc where None; () for none."""

    pricer: BillPricer
    tables: EditTables
    policies: Sequence[Policy] | None = None
    history: pl.DataFrame | None = None
    bill: Bill = "professional"
    only: pl.Series | None = None  # the codes of all lines that will come, where they are few; None: any code
    more: tuple[Edit, ...] = ()  # edits of the caller's own

    def limited_to(self, lines: pl.DataFrame) -> Denials:
        """Return the edits for these lines alone: their look-up tables hold the lines' codes only."""
        return replace(self, only=lines["hcpcs"].cast(pl.String).drop_nulls().unique())

    @cached_property
    def sources(self) -> Sources:
        """Return what the look-up tables are made of."""
        releases = tuple(each.tables for each in self.pricer.releases)
        return Sources(self.tables, releases, self.known_policies, self.history, self.bill, self.only)

    @property
    def codes(self) -> Codes:
        """Return every code that the edits know, by number."""
        return self.sources.codes

    @cached_property
    def known_policies(self) -> Sequence[Policy]:
        """Return the policies that lines are judged by."""
        return shipped_policies() if self.policies is None else self.policies

    @property
    def checked(self) -> list[Edit]:
        """Return the edits that can be checked: those whose tables are installed."""
        return [edit for edit, _ in self._look_ups]

    @cached_property
    def _look_ups(self) -> list[tuple[Edit, Any]]:
        """Return the edits that can be checked, each with its look-up tables."""
        left_out = () if self.bill == "professional" else OF_PHYSICIANS
        made = [(edit, edit.prepare(self.sources)) for edit in (*EDITS, *self.more) if edit not in left_out]
        return [(edit, look_up) for edit, look_up in made if look_up is not None]

    @cached_property
    def _add_ons(self) -> AddOns | None:
        return add_ons.prepare(self.sources)

    @cached_property
    def _policies(self) -> tuple[Flags, list[PolicyTables]]:
        """Return whether a policy speaks of a code [code + 1], and the policies' look-up tables."""
        codes = [code for policy in self.known_policies for code in policy.codes()]
        return self.codes.named(codes), [PolicyTables(policy, self.history) for policy in self.known_policies]

    def prepare(self) -> None:
        """Make all look-up tables, before batches ask for them side by side."""
        _ = self._look_ups, self._add_ons, self._policies

    def denied(self, batch: pl.DataFrame, *, denials_only: bool = True) -> Denied:
        """Find what the edits say of a batch, whole patients together; with ``denials_only`` only what may deny."""
        if self.bill != "professional":
            batch = without_physicians(batch)  # the facility is the provider
        lines = EditLines.of(batch, self.codes, self.pricer.eras)
        found, lines = found_in_turn(self._look_ups, lines, self.tables.left_out, denials_only=denials_only)
        found += self.not_covered(batch, lines, denials_only=denials_only)
        found = [each for each in found if each.rule not in self.tables.left_out]
        causes = Causes(batch.height)
        day = lines.by_row(lines.day)
        causes.add(found, day)
        lost: Flags = causes.of_line >= 0
        if "denied" in lines.frame.columns:
            lost |= lines.frame["denied"].to_numpy()
        if self._add_ons is not None:
            found += self._find_add_ons(self._add_ons, lines, day, causes, lost, denials_only=denials_only)
        return Denied(lines, found, causes, lost)

    def refused(self, batch: pl.DataFrame, priced: pl.DataFrame, *, denials_only: bool = True) -> list[Found]:
        """Find what pricing itself refuses. ``priced``: results of the batch with the denied lines marked."""
        return list(unpaid.find(batch, priced, _wanted(UNPAID, denials_only=denials_only), self.bill))

    def questions(self, batch: pl.DataFrame, priced: pl.DataFrame) -> list[Found]:
        """Find what pricing assumed or could not know. ``priced``: as for ``refused``, with the bits of the notes."""
        return list(questions.find(batch, priced, _wanted(QUESTIONS, denials_only=False)))

    def of_one_physician(self, denied: Denied, priced: pl.DataFrame) -> list[Found]:
        """Find what would follow if physicians of one group whose specialty is not known were one.

        ``priced``: results of the batch with the denied lines marked.
        """
        asked = None if denied.lines.groups.unsure is None else physicians.as_one(denied.lines.given)
        if asked is None:
            return []
        rows, lines = asked
        together = self.denied(lines, denials_only=False)
        results = self.pricer.price(with_denied(lines, together.by_edit), unpaid.NEEDED)
        carc = pl.when(pl.Series(together.by_edit)).then(together.causes.named("carc").cast(pl.String)).alias("carc")
        found = physicians.found(rows, priced[rows], results.select("allowed_amount", carc))
        return [*found, *physicians.visits_found(rows, denied.found, together.found)]

    def not_covered(self, batch: pl.DataFrame, lines: EditLines, *, denials_only: bool) -> list[Found]:
        """Find what the coverage policies say of a batch."""
        in_policy, policies = self._policies
        at = np.flatnonzero(in_policy[lines.by_row(lines.code)])
        if not len(at):
            return []
        meant = billed_by_physicians(batch)[at].with_columns(pl.Series("row", at, pl.UInt32))
        return list(found_by_policies(meant, policies, POLICY_EDITS, denials_only=denials_only))

    def _find_add_ons(
        self, edits: AddOns, lines: EditLines, day: Integers, causes: Causes, lost: Flags, *, denials_only: bool
    ) -> list[Found]:
        """Find the add-ons whose primary is missing or not paid; add the lines that pricing refuses to ``lost``."""
        groups = AddOnGroups.of(lines, edits)
        rows = lines.row[groups.at]
        wanted = _wanted(ADD_ONS, denials_only=denials_only)
        before, others = -1, causes.of_line.copy()
        while True:
            found = list(add_ons.find(lines, edits, groups, lost[rows], wanted, self.bill))
            causes.of_line[:] = others  # what an earlier round said of a line may be said otherwise now
            causes.add(found, day)
            denied = causes.of_line[rows] >= 0
            left, fallen = groups.is_add_on & ~denied, int(np.count_nonzero(denied))
            if not left.any() or fallen == before:
                return found  # nothing more fell: pricing refuses what it did
            before = fallen
            lost[self._refused(lines, groups.at[left], causes)] = True

    def _refused(self, lines: EditLines, at: Integers, causes: Causes) -> Integers:
        """Return the rows that pricing refuses in the patients' days of the lines at some positions."""
        patient_day = lines.groups.patient_day
        days = np.unique(patient_day[at])
        meant = np.zeros(int(patient_day[-1]) + 1, np.bool_)
        meant[days] = True
        rows = np.sort(lines.row[meant[patient_day]])
        some = with_denied(lines.frame[rows], causes.of_line[rows] >= 0)
        priced = self.pricer.price(some, unpaid.NEEDED, lines.groups.of_rows(rows))
        refused = Causes(len(rows))
        refused.add(self.refused(some, priced), some["date_of_service"].to_physical().fill_null(NO_DAY).to_numpy())
        found: Integers = rows[refused.of_line >= 0]
        return found


def _wanted(rules: Sequence[str], *, denials_only: bool) -> frozenset[str]:
    return frozenset(rule for rule in rules if not denials_only or may_deny(wordings(rule)))


def with_denied(batch: pl.DataFrame, denied: Flags) -> pl.DataFrame:
    """Return the lines, those ``denied`` marked so beside those that are already."""
    mark = pl.Series("denied", denied)
    return batch.with_columns(mark | batch["denied"].fill_null(False) if "denied" in batch.columns else mark)
