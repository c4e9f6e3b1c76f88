"""All edits over claim lines, and the dollars at stake: the lines are priced without edits, and a finding says what of
that is in question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

import polars as pl

from feecalc.edits.answers import NOTHING_FOUND, Answers, answered, lists_missing, looked_at_by
from feecalc.edits.bill_pricer import BillPricer, PaysWholeClaims
from feecalc.edits.coding import unpaid
from feecalc.edits.denials import Denials, with_denied
from feecalc.edits.edit import COLUMNS, SHARE, Edit, findings
from feecalc.edits.lines.codes import Bill
from feecalc.edits.listed import POLICY_EDITS, YIELDS
from feecalc.edits.policies.edit import found_by_policies
from feecalc.edits.policies.lines import PolicyTables, require
from feecalc.edits.policies.loading import shipped_policies
from feecalc.edits.policies.policy import Policy
from feecalc.edits.pricing import EditedPricer
from feecalc.edits.severity import DENIES, REDUCES
from feecalc.edits.tables import EditTables
from feecalc.money import rounded
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.grouping import billed_by_physicians
from feecalc.pricing.claims.results import COLUMNS as COLUMNS_OF_RESULTS
from feecalc.pricing.schedule import FeeSchedule

_FEW = 1 << 12  # lines for whose codes alone the look-up tables are made
_AMOUNT = pl.Decimal(18, 2)
_PRICED = "priced"


@dataclass(frozen=True)
class Allowed:
    """What Medicare allows for the lines, without the edits and with their denials, as a claim run prices both. [USD]

    ``with_denials`` is ``without`` less what is denied (``denied``, the dollars at stake on lines that are) but for
    two parts: ``refused``, of that on lines that pricing itself pays nothing for with or without the edits; and
    ``gained``, what other lines of the same days are paid more where the denied ones no longer rank before them.
    """

    without: Decimal = Decimal("0.00")
    with_denials: Decimal = Decimal("0.00")
    denied: Decimal = Decimal("0.00")
    refused: Decimal = Decimal("0.00")
    gained: Decimal = Decimal("0.00")

    @classmethod
    def of(cls, sums: pl.DataFrame) -> Allowed:
        """Return the sums over lines, columns of ``Findings.sums``."""
        change = pl.col("before") - pl.col("after")
        found = sums.select(
            pl.col("before").sum(),
            pl.col("after").sum(),
            pl.col("at_stake").filter("denied").sum(),
            (pl.col("at_stake") - change).filter("denied").sum().alias("refused"),
            (-change).filter(~pl.col("denied")).sum().alias("gained"),
        )
        without, with_denials, denied, refused, gained = (value or Decimal("0.00") for value in found.row(0))
        netted = min(refused, Decimal("0.00"))  # another line is paid in place of the denied one: no more, no less
        return cls(without, with_denials, denied, refused - netted, gained + netted)

    def plus(self, other: Allowed) -> Allowed:
        """Return the sums over both."""
        return Allowed(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True)
class Findings:
    """What was found. ``found``: claim_id, line, the columns of ``edit.SCHEMA``, amount_at_stake [USD, null where no
    amount is known], stake_reason ("" where there is one); by row, what denies first. ``priced``: the lines as priced.

    ``answers``: what is answered of each line, and why some were not looked at; ``looked_at_by``: the edits, lists and
    policies that the lines were looked at by; ``missing``: sentences on lists that are not installed, or older than the
    lines; ``not_installed``: the names of the lists of CMS that are not there; ``sums``: by line claim_id, before and
    after (allowed without the edits, and with their denials), at_stake and denied.
    """

    found: pl.DataFrame
    priced: pl.DataFrame
    missing: tuple[str, ...]
    answers: Answers
    looked_at_by: tuple[str, ...]
    not_installed: tuple[str, ...]
    sums: pl.DataFrame

    @property
    def allowed(self) -> Allowed:
        """Return what Medicare allows for all lines, without the denials and with them."""
        return Allowed.of(self.sums)

    @property
    def clean(self) -> bool:
        """Return whether every line was looked at, by every list, and priced, and nothing was found."""
        lines = self.answers.lines
        seen = self.answers.gaps.is_empty() and not self.not_installed and not self.missing
        priced = self.priced["allowed_amount"].null_count() == 0
        return seen and priced and bool((lines["answer"] == NOTHING_FOUND).all())

    @property
    def claims(self) -> pl.DataFrame:
        """Return the answer of each claim. Shape: [claim]: claim_id, answer, lines, not_looked_at (lines of it)."""
        return self.answers.claims

    def amount_denied(self) -> pl.DataFrame:
        """Return the dollars on lines that will be denied, a line counted once.

        Shape: one row: lines, amount [USD; null where there are lines and none has an amount], unknown (lines without
        an amount).
        """
        stake = pl.col("amount_at_stake")
        lines = self.found.filter(pl.col("severity") == DENIES).group_by("row").agg(stake.max())
        is_known = stake.is_not_null().any() | (pl.len() == 0)
        return lines.select(
            pl.len().alias("lines"), pl.when(is_known).then(stake.sum()).alias("amount"),
            stake.null_count().alias("unknown"),
        )  # fmt: skip


def check(
    lines: pl.DataFrame,
    pricer: BillPricer | FeeSchedule,
    tables: EditTables,
    policies: Sequence[Policy] | None = None,
    history: pl.DataFrame | None = None,
    *,
    bill: Bill = "professional",
    more: Sequence[Edit] = (),
    priced: pl.DataFrame | None = None,
) -> Findings:
    """Check a batch of canonical lines, whole patients together, by every edit but those ``tables`` leave out.

    ``policies``: coverage policies (None: those that come with feecalc; () for none); ``history``: earlier sessions for
    them. ``priced``: the pricer's results of these lines, ``priced_columns``, where they are at hand. ``more``: edits
    of the caller's own. For many batches: ``check_batch``. Raises MissingColumn; a bad line is a finding or none, never
    an error.
    """
    edits = Denials(_engine(pricer), tables, policies, history, bill, more=tuple(more))
    return check_batch(lines, edits.limited_to(lines) if lines.height < _FEW else edits, priced)


def priced_columns(pricer: BillPricer) -> tuple[str, ...]:
    """Return the columns of the results that a check needs."""
    return (*COLUMNS_OF_RESULTS, pricer.notes_column)


def check_batch(lines: pl.DataFrame, edits: Denials, priced: pl.DataFrame | None = None) -> Findings:
    """Check a batch of canonical lines, whole patients together.

    ``priced``: the results of the lines without edits, ``priced_columns``.
    What pricing refuses is reported as it is with the denied lines gone: a code that is paid only where nothing else is
    may be paid then. Raises MissingColumn.
    """
    denied = edits.denied(lines, denials_only=False)
    results = edits.pricer.price(lines, priced_columns(edits.pricer)) if priced is None else priced
    after = results
    if denied.by_edit.any():
        after = edits.pricer.price(with_denied(lines, denied.by_edit), (*unpaid.NEEDED, edits.pricer.notes_column))
    frame = denied.lines.frame
    by_pricing = [*edits.refused(frame, after, denials_only=False), *edits.questions(frame, after)]
    by_pricing += edits.of_one_physician(denied, after)
    found = findings([*denied.found, *by_pricing], frame)
    results = results.drop(edits.pricer.notes_column)
    own = lines.drop(results.columns, strict=False)
    kept = _without_repeats(found)
    whole = pl.concat([own, results], how="horizontal")
    worth = results
    if isinstance(edits.pricer, PaysWholeClaims):
        worth = edits.pricer.at_stake(frame, results, kept["row"])
    kept = _with_stakes(kept, frame, worth)
    return Findings(
        found=kept,
        priced=whole,
        missing=edits.tables.missing,
        answers=answered(lines, results, kept, edits),
        looked_at_by=looked_at_by(edits),
        not_installed=lists_missing(edits.tables),
        sums=_sums(kept, frame, results, after),
    )


def _sums(found: pl.DataFrame, lines: pl.DataFrame, results: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return each line's amounts, columns of ``Findings.sums``. ``after``: priced with the denials of the edits."""
    stakes = found.filter(pl.col("severity") == DENIES).group_by("row").agg(pl.col("amount_at_stake").max())
    amount = pl.col("allowed_amount").cast(_AMOUNT).fill_null(0)
    return (
        lines.select("claim_id")
        .hstack(results.select(amount.alias("before")))
        .hstack(after.select(amount.alias("after")))
        .with_row_index("row")
        .join(stakes.with_columns(denied=pl.lit(True)), on="row", how="left", maintain_order="left")
        .select(
            "claim_id", "before", "after",
            pl.col("amount_at_stake").fill_null(0).alias("at_stake"), pl.col("denied").fill_null(False),
        )
    )  # fmt: skip


def check_policies(
    lines: pl.DataFrame, policies: Sequence[Policy] | None = None, history: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return what coverage policies alone deny, reduce or question. Shape: [finding], columns of ``edit.SCHEMA``.

    ``lines`` are canonical claim lines, whole patients together. Read beside the usual columns, where they are there:
    ``diagnosis_1`` and on, ``purpose`` (the policy's words, such as diagnostic), ``prior_authorization`` (its number).
    ``history`` holds lines of earlier, paid sessions (beneficiary_id, date_of_service, hcpcs; modifiers and purpose
    where known): they count, and get no finding. ``policies``: those that come with feecalc where None.
    Raises MissingColumn.
    """
    require(lines, history)
    given = shipped_policies() if policies is None else policies
    tables = [PolicyTables(policy, history) for policy in given]
    numbered = billed_by_physicians(lines).drop("row", strict=False).with_row_index("row")
    return findings(found_by_policies(numbered, tables, POLICY_EDITS, denials_only=False), lines)


def denied(
    lines: pl.DataFrame,
    pricer: BillPricer | FeeSchedule,
    tables: EditTables,
    policies: Sequence[Policy] | None = None,
    history: pl.DataFrame | None = None,
    *,
    bill: Bill = "professional",
) -> pl.Series:
    """Return the rows ``check`` would deny, and nothing else of it. [UInt32]

    For many batches, and to price without them: ``pricing.EditedPricer``.
    """
    return EditedPricer(_engine(pricer), tables, policies, history, bill).price(lines, (), ()).denied["row"]


def _engine(pricer: BillPricer | FeeSchedule) -> BillPricer:
    return ClaimPricer([ReleaseDays.of_year(pricer)]) if isinstance(pricer, FeeSchedule) else pricer


def denied_rows(findings: Findings) -> pl.Series:
    """Return the rows (places in the batch) with a finding that denies, none twice, in order. [UInt32]"""
    return findings.found.filter(pl.col("severity") == DENIES)["row"].unique().sort()


def _without_repeats(found: pl.DataFrame) -> pl.DataFrame:
    """Keep one finding a line, rule and sentence; a rule is silent where another says the same knowing more."""
    found = found.unique(["row", "rule", "detail"], keep="first", maintain_order=True)
    for rule, stronger in YIELDS.items():
        if rule in found["rule"]:
            covered = found.filter(pl.col("rule").is_in(stronger))["row"].unique()
            found = found.filter((pl.col("rule") != rule) | ~pl.col("row").is_in(covered.implode()))
    return found


def _with_stakes(found: pl.DataFrame, lines: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    status = pl.col("pricing_status").cast(pl.String)
    by_another = (status != _PRICED) & (pl.col("allowed_amount") == 0)  # it could have been priced, and pays nothing
    worth = pl.when(by_another).then(pl.col("fee_schedule_amount")).otherwise(pl.col("allowed_amount"))
    beside = pl.concat(
        [lines.select("claim_id", "line"), results.select("reason", worth.cast(_AMOUNT).alias("worth"))],
        how="horizontal",
    )
    met = pl.concat([found, beside[found["row"]]], how="horizontal")
    reduces = (pl.col("severity") == REDUCES) | pl.col("allowed_instead").is_not_null()
    lost, of = (pl.col(name) for name in SHARE)
    cents = (pl.col("worth") * 100).cast(pl.Int64)
    part = rounded(cents * lost, of).cast(_AMOUNT) / 100
    stake = (
        pl.when(lost.is_not_null()).then(part.cast(_AMOUNT))
        .when(reduces).then(pl.col("worth") - pl.col("allowed_instead").cast(_AMOUNT))
        .otherwise(pl.col("worth"))
    )  # fmt: skip
    why = (
        pl.when(stake.is_not_null()).then(pl.lit(""))
        .when(pl.col("worth").is_null()).then(pl.lit("not priced: ") + pl.col("reason").cast(pl.String))
        .otherwise(pl.lit("what is left of the line is not known"))
    )  # fmt: skip
    return (
        met.with_columns(stake.cast(_AMOUNT).alias("amount_at_stake"), why.alias("stake_reason"))
        .select("claim_id", "line", *(name for name in COLUMNS if name not in SHARE), "amount_at_stake", "stake_reason")
        .sort("row", "severity", "rule", "detail")
    )
