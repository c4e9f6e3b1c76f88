"""What a run over a claim file is asked to write, and what it tells at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from feecalc.pricing.claims import outcomes

PRICED, DENIED_BY_EDIT = "priced", "denied_by_edit"
WRONG = outcomes.WRONG | {"unreadable"}  # the file's own status beside the engine's


@dataclass(frozen=True)
class Wanted:
    """The files of a run; each is written beside its place and renamed when whole."""

    output: Path | None = None  # the file's columns, then the results; csv, parquet or xlsx by its ending
    rejects: Path | None = None  # the same of the lines that could not be priced as they were written
    receipts: Path | None = None  # a folder: one Markdown file a claim
    explain: str | None = None  # a claim whose receipts are told


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
        """Lines that could not be priced as they were written; what Medicare does not pay is not among them."""
        return sum(lines for status, lines in self.statuses.items() if status in WRONG)
