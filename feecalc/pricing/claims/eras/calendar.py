"""Which rules and which release hold on a day: spans within which nothing changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from operator import is_

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays.lines import NO_DAY
from feecalc.pricing.claims.arrays.vocabulary import Vocabulary
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.outcomes import Outcomes
from feecalc.pricing.release_tables import ReleaseTables

_CITES = ("effective_from", "effective_to", "source", "basis", "note")
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class ReleaseDays:
    """Hold the days a release prices, both ends included.

    ``factors``: the conversion factors of everybody else and of QPs in place of Medicare's, for all but anesthesia.
    [ten-thousandths of a dollar per RVU]
    """

    tables: ReleaseTables
    first: date
    last: date
    factors: tuple[int, int] | None = None

    @classmethod
    def of_year(cls, tables: ReleaseTables) -> ReleaseDays:
        """Pin a release: it prices every day of its year."""
        year = tables.release.year
        return cls(tables, date(year, 1, 1), date(year, 12, 31))


@dataclass(frozen=True)
class Eras:
    """Hold eras in order of their days. Days between releases belong to none.

    ``ends``: the last day of each. ``read``: the tables on whose days they are cut. ``of_every_day``: the one era
    prices lines of every day that can be read.
    """

    listed: tuple[Era, ...]
    ends: tuple[date, ...]
    read: frozenset[str]
    of_every_day: bool = False

    @classmethod
    def of(
        cls,
        releases: Sequence[ReleaseDays],
        words: Vocabulary,
        outcomes: Outcomes,
        *,
        gpci_floor: bool,
        former: Eras | None = None,
    ) -> Eras:
        """Cut the releases' days where a row of a table that was looked up by day begins or ends.

        ``former``: the eras as they were cut before more tables were read; those that begin as before are kept, with
        what they have looked up.
        """
        kept = {(id(era.tables), era.first): era for era in former.listed} if former else {}
        read = reference.read_by_day()
        found, last_days = [], []
        for span in sorted(releases, key=lambda each: each.first):
            changes = [] if span.first == span.last else _days_of_changes(read)
            cuts = [span.first, *(day for day in changes if span.first < day <= span.last)]
            last_days += [*(day - timedelta(days=1) for day in cuts[1:]), span.last]
            found += [
                kept.get((id(span.tables), first))
                or Era(first, span.tables, words, outcomes, gpci_floor, own_factors=span.factors)
                for first in cuts
            ]
        return cls(tuple(found), tuple(last_days), read)

    @classmethod
    def of_day(
        cls, release: ReleaseDays, day: date, words: Vocabulary, outcomes: Outcomes, *, gpci_floor: bool
    ) -> Eras:
        """Price lines of every day by one release and the rules of one day."""
        era = Era(day, release.tables, words, outcomes, gpci_floor, own_factors=release.factors)
        return cls((era,), (day,), reference.read_by_day(), of_every_day=True)

    def are(self, others: Eras) -> bool:
        """Return whether the others are the same eras, of the same days."""
        return self.ends == others.ends and all(map(is_, self.listed, others.listed))

    @cached_property
    def same_rules(self) -> Integers:
        """Return for each era the first one with its rules and release, sources aside; -1 after the last.

        An act that prolongs a rule begins an era, and changes no price.
        """
        if len(self.listed) == 1:
            return np.array([0, -1])
        said = [(id(era.tables), era.own_factors, _rules_on(era.first, self.read)) for era in self.listed]
        is_same = [former == latter for former, latter in pairwise(said)]
        first = np.maximum.accumulate(np.where([False, *is_same], 0, np.arange(len(said))))
        return np.append(first, -1)

    def numbers(self, days: Integers) -> Integers:
        """Return the era of each day (days since 1970), -1 where no release prices it."""
        if self.of_every_day:
            return np.where(days == NO_DAY, -1, 0)
        first, era_of = self._calendar
        found: Integers = era_of[np.clip(days - first, -1, len(era_of) - 1)]
        return found

    @cached_property
    def _calendar(self) -> tuple[int, Integers]:
        """Return the first day of all, and the era of each day from then on; the last is that of all other days."""
        spans = enumerate(zip(self.listed, self.ends, strict=True))
        days = [(number, (era.first - _EPOCH).days, (last - _EPOCH).days) for number, (era, last) in spans]
        begin = min(first for _, first, _ in days)
        era_of = np.full(max(last for *_, last in days) - begin + 2, -1, np.int32)
        for number, first, last in days:
            era_of[first - begin : last - begin + 1] = number
        return begin, era_of


def _days_of_changes(tables: Iterable[str]) -> list[date]:
    """Return the days on which a row of the tables begins to hold, or no longer holds."""
    return sorted({day for name in tables for row in reference.rows(name) for day in _changes(row)})


def _rules_on(day: date, tables: Iterable[str]) -> list[dict[str, object]]:
    """Return what the rows of the tables say on a day that a price may turn on."""
    said = [(name, row) for name in sorted(tables) for row in reference.rows_on(name, day)]
    return [{"rule": name, **{key: value for key, value in row.items() if key not in _CITES}} for name, row in said]


def _changes(row: reference.Row) -> list[date]:
    first: date = row["effective_from"]
    return [first, row["effective_to"] + timedelta(days=1)] if "effective_to" in row else [first]
