"""What a check of a claim file found: the findings, and what they add up to over all batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import polars as pl

from feecalc.edits.answers import ANSWER, ANSWERS, NOT_LOOKED_AT, NOTHING_FOUND, OF_SEVERITY, without_policy
from feecalc.edits.checking import Allowed, Findings
from feecalc.edits.policies.documentation import SCHEMA as CHECKLIST
from feecalc.edits.severity import REDUCES, SEVERITIES
from feecalc.money import usd

DOCUMENT = (
    "claim_id", "line", "answer", "rule", "severity", "carc", "rarc", "amount_at_stake", "stake_reason", "remedy",
    "source",
)  # fmt: skip
WRITTEN: Mapping[str, pl.DataType] = {
    "claim_id": pl.String(),
    "line": pl.Int32(),
    "date_of_service": pl.Date(),
    "hcpcs": pl.String(),
    "answer": pl.String(),
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
_FEW = (  # these repeat themselves
    "answer", "rule", "severity", "carc", "rarc", "remedy", "source", "detail", "stake_reason"
)  # fmt: skip


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")


_BY_CLAIM: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "claim_id": pl.String, "answer": ANSWER, "lines": pl.UInt32, "not_looked_at": pl.UInt32,
}  # fmt: skip
_REASONS = 500  # why lines were not looked at, told apart; a reason may name the line's own cell
_MORE_REASONS = "other reasons, line by line in the file that -o FILE writes"
_NAMED = 200  # claims or lines of one answer that are named


@dataclass
class Stake:
    """Hold how many lines have findings, each line by its worst one, and the dollars on them."""

    lines: int = 0
    unknown: int = 0  # of them without an amount
    amount: Decimal | None = Decimal("0.00")  # [USD]; None where there are lines and none of them has an amount

    def add(self, lines: int, unknown: int, amount: Decimal | None) -> None:
        """Add lines, those of them without an amount, and the dollars on the others."""
        self.lines += lines
        self.unknown += unknown
        total = (self.amount or Decimal("0.00")) + (amount or 0)
        self.amount = None if self.lines and self.lines == self.unknown else total


@dataclass
class NotLookedAt:
    """Hold the lines that were not looked at for one reason: how many, and the first of them by claim and line."""

    lines: int = 0
    named: list[tuple[str, int | None]] = field(default_factory=list)


@dataclass
class CheckReport:
    """What was found; ``found`` holds the findings kept, columns of ``WRITTEN``, those that repeat as categories.

    ``answers``: claims by answer, the worst of each one's lines. ``in_part``: claims with a line that was not looked
    at, whatever was found beside it. ``not_looked_at``: by reason and remedy.
    """

    lines: int = 0
    claims: int = 0
    of_facility: bool = False  # whose bill it is: a facility's, or a physician's
    answers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ANSWERS, 0))
    named: dict[str, list[str]] = field(default_factory=lambda: {answer: [] for answer in ANSWERS})  # the first claims
    in_part: int = 0
    nothing_found_allowed: Decimal = Decimal("0.00")
    lines_not_looked_at: int = 0
    not_looked_at: dict[tuple[str, str], NotLookedAt] = field(default_factory=dict)
    looked_at_by: tuple[str, ...] = ()
    not_installed: tuple[str, ...] = ()
    beyond: dict[str, None] = field(default_factory=dict)  # what no claim file tells, in the order met
    no_policy: set[str] = field(default_factory=set)  # codes that no coverage policy speaks of
    allowed: Allowed = field(default_factory=Allowed)
    by_line: list[pl.DataFrame] = field(default_factory=list)  # the answer of each line, where all is kept
    by_claim: list[pl.DataFrame] = field(default_factory=list)  # the answer of each claim
    findings: int = 0
    stakes: dict[str, Stake] = field(default_factory=lambda: {name: Stake() for name in SEVERITIES})
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)  # severity and rule to findings
    kept: list[pl.DataFrame] = field(default_factory=list)
    checklists: list[pl.DataFrame] = field(default_factory=list)
    unchecked: tuple[str, ...] = ()
    written: dict[str, int] = field(default_factory=dict)

    @property
    def denies(self) -> bool:
        """Return whether a finding denies a line."""
        return self.stakes[SEVERITIES[0]].lines > 0

    @property
    def found(self) -> pl.DataFrame:
        """Return the findings that were kept, in the file's order."""
        if not self.kept:
            return pl.DataFrame(schema=dict(WRITTEN))
        return pl.concat(self.kept).sort("place", maintain_order=True).drop("place")

    @property
    def documentation(self) -> pl.DataFrame:
        """Return the checklists that were kept."""
        return pl.concat(self.checklists) if self.checklists else pl.DataFrame(schema=CHECKLIST)

    @property
    def line_answers(self) -> pl.DataFrame:
        """Return the answer of each line, in the file's order; empty where not all is kept. Shape: [line]: place,
        answer."""
        if not self.by_line:
            return pl.DataFrame(schema={"place": pl.UInt32, "answer": ANSWER})
        return pl.concat(self.by_line).sort("place")

    @property
    def summary(self) -> str:
        """Return the whole answer in a sentence: claims by answer, each by the worst of its lines, with the dollars."""
        if not self.lines:
            return "no claim lines below the headings: nothing was looked at"
        shown = []
        for severity, answer in OF_SEVERITY.items():
            stake, count = self.stakes[severity], self.answers[answer]
            if not count and severity == REDUCES:
                continue
            amount = "dollars not known" if stake.amount is None else usd(stake.amount)
            if stake.unknown and stake.amount is not None:
                amount += f", and {_counted(stake.unknown, 'line')} whose dollars are not known"
            shown.append(f"{count:,} {answer}" + (f" ({amount})" if count else ""))
        shown.append(f"{self.answers[NOTHING_FOUND]:,} {NOTHING_FOUND}")
        part = self.in_part - self.answers[NOT_LOOKED_AT]
        in_part = f" (and {part:,} of the others in part)" if part else ""
        shown.append(f"{self.answers[NOT_LOOKED_AT]:,} {NOT_LOOKED_AT}{in_part}")
        told = f"{_counted(self.claims, 'claim')}, {_counted(self.lines, 'line')}: {', '.join(shown)}"
        if self.not_installed:
            told += f"; nothing was looked up in {', '.join(self.not_installed)}: not installed"
        return told

    @property
    def allowed_told(self) -> str:
        """Return what is allowed without the denials and with them, and why that is not the denied dollars alone."""
        sums = self.allowed
        less = sums.without - sums.with_denials
        told = f"allowed {usd(sums.without)}, with the denials applied {usd(sums.with_denials)}"
        if self.of_facility:
            whole = "a claim that is paid as a whole loses its payment with its lines together, not with each of them"
            return told if less == sums.denied else f"{told}: {usd(less)} less; {whole}"
        told += " (as feecalc claims --edits prices them)"
        if less == sums.denied:
            return told
        why = []
        if sums.refused:
            why.append(f"{usd(sums.refused)} of the denied dollars are not paid with or without the edits")
        if sums.gained:
            other = f"{usd(abs(sums.gained))} {'more' if sums.gained > 0 else 'less'}"
            why.append(f"other lines of those days pay {other} without the denied ones beside them")
        return f"{told}: {usd(less)} less, not the {usd(sums.denied)} at stake on denied lines, as {' and '.join(why)}"

    @property
    def not_checked(self) -> tuple[str, ...]:
        """Return what could not be checked of any line, sentences: lists, history, what no claim file tells."""
        policies = (without_policy(self.no_policy),) if self.no_policy else ()
        return (*self.unchecked, *policies, *self.beyond) if self.lines else ()

    @property
    def claim_answers(self) -> pl.DataFrame:
        """Return the answer of each claim. Shape: [claim]: claim_id, answer, lines, not_looked_at."""
        return pl.concat(self.by_claim) if self.by_claim else pl.DataFrame(schema=_BY_CLAIM)

    def count(self, findings: Findings, found: pl.DataFrame, only: str | None) -> None:
        """Add a batch; of ``only`` one claim where it is given. ``found``: its findings."""
        meant = pl.lit(True) if only is None else pl.col("claim_id") == only
        own = findings.priced.filter(meant)
        self.lines += own.height
        by_claim = findings.claims.filter(meant)
        self.claims += by_claim.height
        self.by_claim.append(by_claim)
        self.in_part += int((by_claim["not_looked_at"] > 0).sum())
        for answer in ANSWERS:
            names = by_claim.filter(pl.col("answer") == answer)["claim_id"]
            self.answers[answer] += len(names)
            self.named[answer] += names.head(_NAMED - len(self.named[answer])).to_list()
        sound = findings.priced.filter(meant & (findings.answers.of_claim == NOTHING_FOUND))
        allowed = sound.select(pl.col("allowed_amount").sum()).item()
        self.nothing_found_allowed += allowed or Decimal(0)
        self._count_gaps(findings.answers.gaps.filter(meant))
        self.looked_at_by, self.not_installed = findings.looked_at_by, findings.not_installed
        self.beyond |= dict.fromkeys(findings.answers.beyond)
        self.no_policy |= findings.answers.no_policy
        self.allowed = self.allowed.plus(Allowed.of(findings.sums.filter(meant)))
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
            self.stakes[severity].add(count, unknown, amount)

    def _count_gaps(self, gaps: pl.DataFrame) -> None:
        self.lines_not_looked_at += gaps["row"].n_unique()
        by_reason = gaps.group_by("why", "remedy", maintain_order=True).agg(
            pl.len(), pl.struct("claim_id", "line").head(_NAMED).alias("first")
        )
        for why, remedy, count, first in by_reason.iter_rows():
            key = (why, remedy)
            if key not in self.not_looked_at and len(self.not_looked_at) >= _REASONS:
                key = (_MORE_REASONS, "")
            held = self.not_looked_at.setdefault(key, NotLookedAt())
            held.lines += count
            left = _NAMED - len(held.named)
            held.named += [(each["claim_id"], each["line"]) for each in first[:left]]

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
