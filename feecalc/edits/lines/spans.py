"""Dated rows under whole-number keys, looked up by the million: which row of a key holds on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Integers

NO_DAY = -(10**6)  # a day of service that is missing: no row holds
_ALWAYS, _FOREVER = -(10**6) + 1, 10**7
_EPOCH = date(1970, 1, 1)
_PLACE, _IN_PLACE = 6, 63  # 64 bits in one number


def day_number(day: date) -> int:
    """Return days since 1970."""
    return (day - _EPOCH).days


def first_days(days: pl.Series) -> Integers:
    """Return first days as numbers; a missing one holds since ever."""
    return days.to_physical().fill_null(_ALWAYS).to_numpy()


def last_days(days: pl.Series) -> Integers:
    """Return last days as numbers; a missing one never comes."""
    return days.to_physical().fill_null(_FOREVER).to_numpy()


@dataclass(frozen=True)
class Spans:
    """Rows by key; of one key the one that ends first stands first. Shape of each: [row]."""

    keys: Integers
    first: Integers
    last: Integers
    most: int  # rows of one key

    @classmethod
    def of(
        cls, keys: Integers, first: Integers, last: Integers, then: Integers | None = None
    ) -> tuple[Spans, Integers]:
        """Return the rows in their order, and that order. ``then``: what decides between rows that end on one day."""
        order = np.argsort(keys, kind="stable")
        own = keys[order]
        if not (own[1:] == own[:-1]).any():
            return cls(own, first[order], last[order], min(len(own), 1)), order
        order = np.lexsort((np.zeros_like(keys) if then is None else then, last, keys))
        own = keys[order]
        most = int(np.diff(np.flatnonzero(np.append(True, own[1:] != own[:-1])), append=len(own)).max())
        return cls(own, first[order], last[order], most), order

    def holding(self, wanted: Integers, day: Integers, at: Integers | None = None) -> Integers:
        """Return the first row of each wanted key that holds on its day, -1 where none does. Shape: [wanted].

        ``at``: the first row of each key, where it is known.
        """
        found = np.full(len(wanted), -1)
        open_ = np.arange(len(wanted))
        if at is None:
            several, which = np.unique(wanted, return_inverse=True)
            at = np.searchsorted(self.keys, several)[which]
        for _ in range(self.most):
            within = at < len(self.keys)
            open_, at = open_[within], at[within]
            same = self.keys[at] == wanted[open_]
            open_, at = open_[same], at[same]
            holds = (self.first[at] <= day[open_]) & (self.last[at] >= day[open_])
            found[open_[holds]] = at[holds]
            open_, at = open_[~holds], at[~holds] + 1
            if not len(open_):
                break
        return found


@dataclass(frozen=True)
class SpansOfTwo:
    """``Spans`` by two numbers of fewer than ``width``: a bit for every two, for most of which there is no row."""

    spans: Spans  # by the one x width + the other
    width: int
    bits: Integers  # of every two, as 64 in one number
    before: Integers  # how many of the bits before each of these numbers are set
    starts: Integers | None  # the first row of each bit that is set; None: there is one row for each

    @classmethod
    def of(cls, spans: Spans, width: int) -> SpansOfTwo:
        """Set the bits of the rows."""
        is_first = np.append(True, spans.keys[1:] != spans.keys[:-1])[: len(spans.keys)]
        starts = None if is_first.all() else np.flatnonzero(is_first)
        keys = spans.keys if starts is None else spans.keys[starts]
        place = keys >> _PLACE
        runs = np.flatnonzero(np.append(True, place[1:] != place[:-1])[: len(place)])
        bits = np.zeros((width**2 >> _PLACE) + 1, np.uint64)
        if len(keys):
            bits[place[runs]] = np.bitwise_or.reduceat(np.uint64(1) << (keys & _IN_PLACE).astype(np.uint64), runs)
        count = np.bitwise_count(bits)
        return cls(spans, width, bits, np.cumsum(count, dtype=np.int32) - count, starts)

    def rows(self, one: Integers, two: Integers) -> tuple[Integers, Integers]:
        """Return the positions for whose two numbers there is a row on any day, and the first row of each of these."""
        key = one.astype(np.int64) * self.width + two
        place = key >> _PLACE
        of_place, bit = self.bits[place], (key & _IN_PLACE).astype(np.uint64)
        at = np.flatnonzero((of_place >> bit) & np.uint64(1))
        lower = of_place[at] & ((np.uint64(1) << bit[at]) - np.uint64(1))
        row = self.before[place[at]] + np.bitwise_count(lower)
        return at, row if self.starts is None else self.starts[row]

    def holding(self, one: Integers, two: Integers, day: Integers, first: Integers) -> Integers:
        """Return the row of each two numbers that holds on its day, -1 where none. ``first``: of ``rows``."""
        return self.spans.holding(one.astype(np.int64) * self.width + two, day, first)
