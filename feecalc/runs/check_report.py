"""What a check of a claim file found: the findings, and what they add up to over all batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import polars as pl

from feecalc.edits.checking import Findings
from feecalc.edits.policies.documentation import SCHEMA as CHECKLIST
from feecalc.edits.severity import SEVERITIES

DOCUMENT = (
    "claim_id", "line", "rule", "severity", "carc", "rarc", "amount_at_stake", "remedy", "source"
)  # fmt: skip
WRITTEN: Mapping[str, pl.DataType] = {
    "claim_id": pl.String(),
    "line": pl.Int32(),
    "date_of_service": pl.Date(),
    "hcpcs": pl.String(),
    "rule": pl.String(),
    "severity": pl.String(),
    "carc": pl.String(),
    "rarc": pl.String(),
    "amount_at_stake": pl.Decimal(18, 2),
    "stake_reason": pl.String(),
    "detail": pl.String(),
    "remedy": pl.String(),
    "source": pl.String(),
}
_FEW = ("rule", "severity", "carc", "rarc", "remedy", "source", "detail", "stake_reason")  # these repeat themselves
_NAMED = 200  # clean claims that are named


@dataclass
class Stake:
    """Lines, each once and by the worst that is said of it, and the dollars on them."""

    lines: int = 0
    unknown: int = 0  # of them without an amount
    amount: Decimal = Decimal("0.00")

    @property
    def known(self) -> Decimal | None:
        """The dollars; None where there are lines and none of them has an amount. [USD]"""
        return None if self.unknown and self.unknown == self.lines else self.amount


@dataclass
class CheckReport:
    """What was found; ``found`` holds the findings kept, columns of ``WRITTEN``, those that repeat as categories."""

    lines: int = 0
    claims: int = 0
    clean_claims: int = 0
    clean: list[str] = field(default_factory=list)  # the names of the first of them
    clean_allowed: Decimal = Decimal("0.00")
    findings: int = 0
    stakes: dict[str, Stake] = field(default_factory=lambda: {name: Stake() for name in SEVERITIES})
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)  # severity and rule to findings
    statuses: Counter[str] = field(default_factory=Counter)  # of lines that could not be priced as they were written
    kept: list[pl.DataFrame] = field(default_factory=list)
    checklists: list[pl.DataFrame] = field(default_factory=list)
    unchecked: tuple[str, ...] = ()
    written: dict[str, int] = field(default_factory=dict)

    @property
    def denies(self) -> bool:
        """Whether anything found denies a line."""
        return self.stakes[SEVERITIES[0]].lines > 0

    @property
    def found(self) -> pl.DataFrame:
        """The findings that were kept, in the file's order."""
        if not self.kept:
            return pl.DataFrame(schema=dict(WRITTEN))
        return pl.concat(self.kept).sort("place", maintain_order=True).drop("place")

    @property
    def documentation(self) -> pl.DataFrame:
        """The checklists that were kept."""
        return pl.concat(self.checklists) if self.checklists else pl.DataFrame(schema=CHECKLIST)

    def count(self, lines: pl.DataFrame, findings: Findings, found: pl.DataFrame, only: str | None) -> None:
        """Add a batch; of ``only`` one claim where it is given."""
        own = findings.priced if only is None else findings.priced.filter(pl.col("claim_id") == only)
        self.lines += own.height
        by_claim = own.group_by("claim_id", maintain_order=True).agg(pl.col("allowed_amount").sum())
        clean = by_claim.join(found, on="claim_id", how="anti", maintain_order="left")
        self.claims += by_claim.height
        self.clean_claims += clean.height
        self.clean += clean["claim_id"].head(_NAMED - len(self.clean)).to_list()
        self.clean_allowed += clean.select(pl.col("allowed_amount").sum()).item() or Decimal(0)
        self.findings += found.height
        for severity, rule, count in found.group_by("severity", "rule").len().iter_rows():
            self.rules[severity, rule] += count
        rank = pl.col("severity").cast(pl.Enum(SEVERITIES))
        worst = found.filter(rank == rank.min().over("row")).group_by("row").agg(
            pl.col("severity").first(), pl.col("amount_at_stake").max()
        )  # fmt: skip
        for severity, count, unknown, amount in (
            worst.group_by("severity")
            .agg(pl.len(), pl.col("amount_at_stake").null_count().alias("unknown"), pl.col("amount_at_stake").sum())
            .iter_rows()
        ):
            stake = self.stakes[severity]
            stake.lines += count
            stake.unknown += unknown
            stake.amount += amount or Decimal(0)

    def keep(self, found: pl.DataFrame, most: int | None) -> None:
        """Keep findings of a batch, in all at most ``most``."""
        left = None if most is None else most - sum(each.height for each in self.kept)
        if left is None or left > 0:
            kept = found if left is None else found.head(left)
            self.kept.append(kept.select(*WRITTEN, "place").cast({name: pl.Categorical() for name in _FEW}))


@dataclass(frozen=True)
class CheckWanted:
    """What a check is asked for beside its report."""

    output: Path | None = None  # the findings: csv, parquet or xlsx by its ending
    claim: str | None = None  # only this one; its patient's others bear on it
    documentation: bool = False
    most: int | None = None  # findings kept in memory; None for all
