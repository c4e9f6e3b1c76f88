"""The counts and sums of a run, kept while its lines pass by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from feecalc.edits.pricing import DENIED_BY, WITHOUT
from feecalc.runs.report import DENIED_BY_EDIT

_SUMS = ("billed_amount", "allowed_amount", "medicare_paid", "patient_share")
_ZERO = Decimal("0.00")


class Tally:
    """Lines by status and by release, and exact sums. [USD]"""

    def __init__(self, also: Sequence[str] = ()) -> None:
        """``also``: further columns of amounts to sum."""
        self.statuses: Counter[str] = Counter()
        self.releases: Counter[str] = Counter()
        self.sums = dict.fromkeys(_SUMS, _ZERO)
        self.edit_rules: Counter[str] = Counter()
        self.allowed_without_edits = _ZERO
        self.also = dict.fromkeys(also, _ZERO)

    def add(self, priced: pl.DataFrame) -> None:
        """Count a batch of priced lines."""
        grouped = priced.group_by("pricing_status", "release").agg(
            pl.len(), *(pl.col(name).sum() for name in _SUMS)
        )
        for status, release, lines, *sums in grouped.iter_rows():
            self.statuses[status] += lines
            if release is not None:
                self.releases[release] += lines
            for name, amount in zip(_SUMS, sums, strict=True):
                self.sums[name] += amount or _ZERO
        for name in self.also:
            self.also[name] += priced.select(pl.col(name).sum()).item() or _ZERO
        if DENIED_BY in priced.columns:
            self._add_edits(priced)

    def _add_edits(self, priced: pl.DataFrame) -> None:
        self.allowed_without_edits += priced.select(pl.col("allowed_amount" + WITHOUT).sum()).item() or _ZERO
        denied = priced.filter(pl.col("pricing_status") == DENIED_BY_EDIT)
        for rule, lines in denied.group_by(DENIED_BY).len().iter_rows():
            self.edit_rules[rule] += lines
