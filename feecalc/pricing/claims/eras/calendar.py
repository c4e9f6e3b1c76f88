"""Which rules and which release hold on a day: spans within which nothing changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.arrays.lines import NO_DAY
from feecalc.pricing.claims.arrays.vocabulary import Vocabulary
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.outcomes import Outcomes
from feecalc.pricing.release_tables import ReleaseTables

# The tables whose rows a claim's price may turn on.
_DATED = (
    "anesthesia_conversion_factor", "anesthesia_service", "assistant", "bilateral", "coinsurance", "conversion_factor",
    "cosurgery", "modifier", "multiple_procedure", "opps_cap", "participation", "place_of_service", "provider_type",
    "reduced_service", "return_to_surgery", "sequestration", "split_care", "status_indicator", "technical_component",
    "technical_sister", "work_gpci_floor",
)  # fmt: skip
_CITES = ("effective_from", "effective_to", "source", "basis", "note")
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class ReleaseDays:
    """The days a release prices, both ends included.

    ``factors``: the conversion factors of everybody else and of QPs in place of Medicare's, for all but anesthesia.
    [ten-thousandths of a dollar per RVU]
    """

    tables: ReleaseTables
    first: date
    last: date
    factors: tuple[int, int] | None = None

    @classmethod
    def of_year(cls, tables: ReleaseTables) -> ReleaseDays:
        """A release pinned by the person: it prices every day of its year."""
        year = tables.release.year
        return cls(tables, date(year, 1, 1), date(year, 12, 31))


@dataclass(frozen=True)
class Eras:
    """Eras in order of their days. Days between releases belong to none.

    ``of_every_day``: the one era prices lines of every day that can be read.
    """

    listed: tuple[Era, ...]
    of_every_day: bool = False

    @classmethod
    def of(cls, releases: Sequence[ReleaseDays], words: Vocabulary, outcomes: Outcomes, *, gpci_floor: bool) -> Eras:
        """Cut the releases' days where a rule begins or ends."""
        found = []
        for span in sorted(releases, key=lambda each: each.first):
            changes = [] if span.first == span.last else _days_of_changes()
            cuts = [span.first, *(day for day in changes if span.first < day <= span.last)]
            ends = [*(day - timedelta(days=1) for day in cuts[1:]), span.last]
            found += [
                Era(first, last, span.tables, words, outcomes, gpci_floor, own_factors=span.factors)
                for first, last in zip(cuts, ends, strict=True)
            ]
        return cls(tuple(found))

    @classmethod
    def of_day(
        cls, release: ReleaseDays, day: date, words: Vocabulary, outcomes: Outcomes, *, gpci_floor: bool
    ) -> Eras:
        """Price lines of every day by one release and the rules of one day."""
        era = Era(day, day, release.tables, words, outcomes, gpci_floor, own_factors=release.factors)
        return cls((era,), of_every_day=True)

    @cached_property
    def same_rules(self) -> Whole:
        """The first of the eras up to each that have its rules and release, but for their sources; -1 after the last.

        An act that prolongs a rule begins an era, and changes no price.
        """
        if len(self.listed) == 1:
            return np.array([0, -1])
        said = [(id(era.tables), era.own_factors, _rules_on(era.first)) for era in self.listed]
        is_same = [former == latter for former, latter in pairwise(said)]
        first = np.maximum.accumulate(np.where([False, *is_same], 0, np.arange(len(said))))
        return np.append(first, -1)

    def numbers(self, days: Whole) -> Whole:
        """The era of each day (days since 1970), -1 where no release prices it."""
        if self.of_every_day:
            return np.where(days == NO_DAY, -1, 0)
        first, era_of = self._calendar
        found: Whole = era_of[np.clip(days - first, -1, len(era_of) - 1)]
        return found

    @cached_property
    def _calendar(self) -> tuple[int, Whole]:
        """The first day of all, and the era of each day from then on; the last of them stands for all other days."""
        days = [(number, (era.first - _EPOCH).days, (era.last - _EPOCH).days) for number, era in enumerate(self.listed)]
        begin = min(first for _, first, _ in days)
        era_of = np.full(max(last for *_, last in days) - begin + 2, -1, np.int32)
        for number, first, last in days:
            era_of[first - begin : last - begin + 1] = number
        return begin, era_of


def _days_of_changes() -> list[date]:
    """Return the days on which a row that a price may turn on begins to hold, or no longer holds."""
    return sorted({day for name in _DATED for row in reference.rows(name) for day in _changes(row)})


def _rules_on(day: date) -> list[dict[str, object]]:
    """What the rows of a day say that a price may turn on."""
    said = [(name, row) for name in _DATED for row in reference.rows_on(name, day)]
    return [{"rule": name, **{key: value for key, value in row.items() if key not in _CITES}} for name, row in said]


def _changes(row: reference.Row) -> list[date]:
    first: date = row["effective_from"]
    return [first, row["effective_to"] + timedelta(days=1)] if "effective_to" in row else [first]
