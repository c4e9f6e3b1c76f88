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
        if (keys[order][1:] == keys[order][:-1]).any():
            order = np.lexsort((np.zeros_like(keys) if then is None else then, last, keys))
        own = keys[order]
        starts = np.flatnonzero(np.append(True, own[1:] != own[:-1])) if len(own) else own
        most = int(np.diff(starts, append=len(own)).max(initial=0))
        return cls(own, first[order], last[order], most), order

    def holding(self, wanted: Integers, day: Integers) -> Integers:
        """Return the first row of each wanted key that holds on its day, -1 where none does. Shape: [wanted]."""
        found = np.full(len(wanted), -1)
        open_ = np.arange(len(wanted))
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
