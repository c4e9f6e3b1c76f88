"""What a run over a claim file is to write, its counts and sums while the lines pass by, and its report at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import polars as pl

from feecalc.edits.pricing import DENIED_BY, WITHOUT
from feecalc.pricing.claims import outcomes

PRICED, DENIED_BY_EDIT = "priced", "denied_by_edit"
WRONG = outcomes.WRONG | {"unreadable"}  # the file's own status beside the engine's
_SUMS = ("billed_amount", "allowed_amount", "medicare_paid", "patient_share")
_ZERO = Decimal("0.00")


@dataclass(frozen=True)
class RunOutputs:
    """The files of a run; each is written beside its place and renamed when whole."""

    output: Path | None = None  # the file's columns, then the results; csv, parquet or xlsx by its ending
    rejects: Path | None = None  # the same of the lines that could not be priced as they were written
    receipts: Path | None = None  # a folder: one Markdown file a claim
    explain: str | None = None  # a claim whose receipts are wanted


@dataclass(frozen=True)
class ClaimReport:
    """What became of the lines. Sums are over all lines that have the amount. [USD]"""

    statuses: Mapping[str, int]  # pricing_status to lines
    releases: Mapping[str, int]  # release to lines
    billed_amount: Decimal
    allowed_amount: Decimal
    medicare_paid: Decimal
    patient_share: Decimal
    at_percents: Mapping[Decimal, Decimal] = field(default_factory=dict)  # percent of Medicare to its sum
    written: Mapping[str, int] = field(default_factory=dict)  # file or folder to the lines, or receipts, in it
    explained: tuple[str, ...] = ()  # receipts of the claim asked for, Markdown
    edit_rules: Mapping[str, int] = field(default_factory=dict)  # rule of an edit to the lines it denies
    allowed_without_edits: Decimal | None = None  # where edits were applied

    @property
    def lines(self) -> int:
        return sum(self.statuses.values())

    @property
    def priced(self) -> int:
        return self.statuses.get(PRICED, 0)

    @property
    def wrong(self) -> int:
        """Count the lines that could not be priced as written; what Medicare does not pay is not among them."""
        return sum(lines for status, lines in self.statuses.items() if status in WRONG)


class Tally:
    """Lines by status and by release, and exact sums. [USD]"""

    def __init__(self, also: Sequence[str] = ()) -> None:
        """Begin at nothing. ``also``: further columns of amounts to sum."""
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
