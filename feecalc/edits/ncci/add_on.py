"""Add-on codes: paid only beside a primary code of the same patient, day and billing provider.

Type 1: one of the primaries listed. Type 3: one of those listed, or another the contractor accepts, which is warned of.
Type 2: the contractor defines the primaries; alone it is denied, beside another service the contractor's list is to be
looked at. Of a type that no rule here knows: without a listed primary it is warned of. A code whose primary a colleague
of the group may have billed is warned of. A primary that is not paid does not count: an add-on without its own
primary, or a line denied otherwise.
Source: CMS's add-on code edits (CR 7501); Pub. 100-04 ch. 12 sec. 30.D.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.edits.finding import findings, no_findings
from feecalc.edits.lines.numbered import Numbered
from feecalc.edits.ncci.add_on_index import AddOnIndex
from feecalc.edits.ncci.together import of_one_group
from feecalc.edits.tables import EditTables
from feecalc.pricing.arrays import Flags, Whole

RULES = (
    "", "add_on_without_primary", "add_on_with_wrong_primary", "add_on_alone", "add_on_primary_denied",
    "add_on_contractor_accepts", "add_on_contractor_defines", "add_on_of_group", "add_on_unknown_type",
)  # fmt: skip
_PAID, _WITHOUT, _WRONG, _ALONE, _PRIMARY_DENIED, _ACCEPTS, _DEFINES, _OF_GROUP, _UNKNOWN = range(len(RULES))
DENIED = (_WITHOUT, _WRONG, _ALONE, _PRIMARY_DENIED)
_NAMED = 6  # primaries that a sentence names


@dataclass(frozen=True)
class Company:
    """The groups that hold an add-on. ``at``: positions of their lines; ``group``, ``kind``: of each of these.

    Lines of one group and code are of one kind, and all that is listed holds of kinds. Shape of the others: [kind];
    ``one`` and ``two``: a kind and the add-on that it is a listed primary of.
    """

    at: Whole
    group: Whole
    kind: Whole
    held_kind: Flags  # whether it is an add-on on its day
    lenient: Flags  # whether another service than a listed primary may be enough
    free: Flags  # whether the contractor may accept another
    strange: Flags  # whether it is of a type that no rule knows
    of_group: Flags  # whether another physician of the group may have billed the primary
    one: Whole
    two: Whole

    @classmethod
    def of(cls, lines: Numbered, number: Whole, index: AddOnIndex) -> Company:
        """``number``: the lines' codes in ``index.codes``, -1 for others. Lines without a day or units are left out."""
        known = (lines.units > 0) & lines.dated()
        maybe = np.flatnonzero(index.is_add_on[number] & known)
        is_held, *_ = index.of_day(number[maybe], lines.day[maybe])
        meant = np.zeros(int(lines.group[-1]) + 1 if len(lines.group) else 0, np.bool_)
        meant[lines.group[maybe[is_held]]] = True
        at = np.flatnonzero(meant[lines.group] & known)
        keys = lines.group[at].astype(np.int64) * (index.count + 1) + np.where(number[at] < 0, index.count, number[at])
        _, first, kind = np.unique(keys, return_index=True, return_inverse=True)
        own, group, day = number[at][first].astype(np.int64), lines.group[at][first], lines.day[at][first]
        held, defined, free, strange = (np.zeros(len(first), np.bool_) for _ in range(4))
        listed = np.flatnonzero(index.is_add_on[own])
        held[listed], defined[listed], free[listed], strange[listed] = index.of_day(own[listed], day[listed])
        of_group = held & (index.of_group.holding(own, day) >= 0)
        met = [
            (one[some], two[some])
            for one, two in of_one_group(group, np.flatnonzero(own >= 0), np.flatnonzero(held))
            for some in (
                np.flatnonzero(
                    (own[one] != own[two])
                    & (index.primaries.holding(own[two] * index.count + own[one], day[two]) >= 0)
                ),
            )
        ]
        one, two = (np.concatenate(each) for each in zip(*met, strict=True)) if met else (first[:0], first[:0])
        return cls(at, lines.group[at], kind, held, defined | free, free, strange, of_group, one, two)

    @property
    def held(self) -> Flags:
        """Whether each line is an add-on on its day. Shape: [line of at]."""
        return self._of_lines(self.held_kind)

    def rules(self, unpaid: Flags) -> Whole:
        """What follows for each line, as a place in RULES. ``unpaid``: lines denied otherwise. Shape: [line of at]."""
        accompanied, paid = self._paid(np.zeros_like(unpaid))
        rule = np.where(self.lenient, _ALONE, np.where(accompanied, _WRONG, _WITHOUT))
        rule = np.where(self.of_group, _OF_GROUP, rule)
        leans = np.zeros_like(paid)
        leans[self.two[paid[self.one]]] = True
        doubtful = np.where(self.free, _ACCEPTS, _DEFINES)
        rule = np.where(paid, np.where(self.lenient & accompanied & ~leans, doubtful, _PAID), rule)
        rule = self._of_lines(np.where(self.held_kind & self.strange & ~leans, _UNKNOWN, rule))
        if unpaid.any():
            _, still = self._paid(unpaid)
            rule = np.where(self._of_lines(paid & ~still) & ~unpaid, _PRIMARY_DENIED, rule)
        return np.where(self.held, rule, _PAID)

    def _of_lines(self, of_kinds: Whole) -> Whole:
        found: Whole = of_kinds[self.kind]
        return found

    def _paid(self, unpaid: Flags) -> tuple[Flags, Flags]:
        """Of each kind, whether a paid line of no add-on is beside it, and whether its lines that are not denied
        otherwise are paid: what falls takes with it what leans on it.
        """
        left = np.zeros(len(self.held_kind), np.bool_)  # whether any line of the kind is not denied otherwise
        left[self.kind[~unpaid]] = True
        others = np.zeros(int(self.group[-1]) + 1 if len(self.group) else 0, np.bool_)
        others[self.group[~self.held & ~unpaid]] = True
        accompanied = np.zeros_like(left)
        accompanied[self.kind] = others[self.group]
        paid = ~self.held_kind | self.strange | (self.lenient & accompanied)
        while True:
            more = self.two[paid[self.one] & left[self.one] & ~paid[self.two]]
            if not len(more):
                return accompanied, paid
            paid[more] = True


def find(lines: pl.DataFrame, tables: EditTables, unpaid: pl.Series | None = None) -> pl.DataFrame:
    """The add-on lines without a primary, or with one nobody has listed. Shape: ``finding.SCHEMA``; ``lines`` prepared.

    ``unpaid``: rows denied otherwise, which are no primaries. A line with units of 0 or less, or without a date, is no
    primary and no add-on here.
    """
    index = tables.add_on_index
    if index is None or lines.height == 0:
        return no_findings()
    numbered = Numbered.of_prepared(lines)
    company = Company.of(numbered, numbered.codes(index.codes), index)
    rows = numbered.row[company.at]
    beside = lines.select("row", "date_of_service", "hcpcs")[rows].with_columns(
        pl.Series("group", company.group), pl.Series("held", company.held)
    )
    gone = np.zeros(len(rows), np.bool_)
    if unpaid is not None and len(unpaid):
        gone = np.isin(beside["row"].to_numpy(), unpaid.to_numpy())
    beside = beside.with_columns(pl.Series("rule", company.rules(gone)), pl.Series("unpaid", gone))
    found = beside.filter(pl.col("rule") != _PAID)
    if found.height == 0:
        return no_findings()
    worded = _worded(found, index.edits, beside)
    return pl.concat(
        findings(rule, worded.filter(pl.col("rule") == number)) for number, rule in enumerate(RULES) if rule
    ).sort("row")


def _worded(found: pl.DataFrame, edits: pl.DataFrame, beside: pl.DataFrame) -> pl.DataFrame:
    """The lines found with the primaries that would do (``primaries``), what stands beside (``others``), and what of
    that is not paid (``unpaid_lines``).
    """

    def first_few(name: str) -> pl.Expr:
        few = pl.col(name).head(_NAMED).str.join(", ")
        return pl.when(pl.len() > _NAMED).then(few + pl.lit(", ...")).otherwise(few).first()

    def of_groups(some: pl.DataFrame, name: str) -> pl.DataFrame:
        codes = some.join(found.select("group").unique(), on="group", how="semi").select("group", "hcpcs").unique()
        return codes.sort("hcpcs").group_by("group").agg(first_few("hcpcs").alias(name))

    key, day = ["hcpcs", "date_of_service"], pl.col("date_of_service")
    listed = found.select(key).unique().join(edits, on="hcpcs").filter(
        (pl.col("effective_from") <= day) & (pl.col("ends").is_null() | (pl.col("ends") >= day))
    )
    named = listed.select(*key, "primary").unique().sort("primary")
    told = found.join(named.group_by(key).agg(first_few("primary").alias("primaries")), on=key, how="left")
    told = told.join(of_groups(beside.filter(~pl.col("held")), "others"), on="group", how="left")
    lost = beside.filter("unpaid" if beside["unpaid"].any() else pl.lit(False))
    return told.join(of_groups(lost, "unpaid_lines"), on="group", how="left")
