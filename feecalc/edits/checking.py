"""All edits over claim lines, and the dollars at stake: the lines are priced without edits, and each finding says what
of that is in question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from feecalc.edits.denials import Denials, with_denied
from feecalc.edits.edit import COLUMNS, Edit, findings
from feecalc.edits.lines.codes import Bill
from feecalc.edits.listed import POLICY_EDITS, YIELDS
from feecalc.edits.policies.edit import found_by_policies
from feecalc.edits.policies.lines import PolicyTables, require
from feecalc.edits.policies.loading import shipped_policies
from feecalc.edits.policies.policy import Policy
from feecalc.edits.pricing import EditedPricer
from feecalc.edits.severity import DENIES, REDUCES
from feecalc.edits.tables import EditTables
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.schedule import FeeSchedule

_FEW = 1 << 12  # lines for whose codes alone the look-up tables are made
_AMOUNT = pl.Decimal(18, 2)
_PRICED = "priced"


@dataclass(frozen=True)
class Findings:
    """What was found. ``found``: claim_id, line, the columns of ``edit.SCHEMA``, amount_at_stake [USD, null where no
    amount is known], stake_reason ("" where there is one); by row, what denies first. ``priced``: the lines as priced.
    """

    found: pl.DataFrame
    priced: pl.DataFrame
    missing: tuple[str, ...] = field(default=())

    @property
    def clean(self) -> bool:
        """Return whether nothing was found at all."""
        return self.found.height == 0

    def amount_denied(self) -> pl.DataFrame:
        """Return the dollars on lines that will be denied, each line once. Shape: one row: lines, amount."""
        lines = self.found.filter(pl.col("severity") == DENIES).unique("row")
        return lines.select(pl.len().alias("lines"), pl.col("amount_at_stake").sum().alias("amount"))


def check(
    lines: pl.DataFrame,
    pricer: ClaimPricer | FeeSchedule,
    tables: EditTables,
    policies: Sequence[Policy] | None = None,
    history: pl.DataFrame | None = None,
    *,
    bill: Bill = "professional",
    more: Sequence[Edit] = (),
    priced: pl.DataFrame | None = None,
) -> Findings:
    """Check a batch of canonical lines, whole patients together, by every edit.

    ``policies``: coverage policies (None: those that come with feecalc; () for none); ``history``: earlier sessions for
    them. ``priced``: the pricer's results of these lines, where they are at hand. ``more``: edits of the caller's own.
    For many batches: ``check_batch``. Raises MissingColumn; a bad line is a finding or none, never an error.
    """
    edits = Denials(_engine(pricer), tables, policies, history, bill, more=tuple(more))
    return check_batch(lines, edits.limited_to(lines) if lines.height < _FEW else edits, priced)


def check_batch(lines: pl.DataFrame, edits: Denials, priced: pl.DataFrame | None = None) -> Findings:
    """Check a batch of canonical lines, whole patients together. ``priced``: the results of the lines without edits.

    What pricing refuses is reported as it is with the denied lines gone: a code that is paid only where nothing else is
    may be paid then. Raises MissingColumn.
    """
    denied = edits.denied(lines, denials_only=False)
    results = edits.pricer.price(lines) if priced is None else priced
    after = edits.pricer.price(with_denied(lines, denied.by_edit)) if denied.by_edit.any() else results
    frame = denied.lines.frame
    found = findings([*denied.found, *edits.refused(frame, after, denials_only=False)], frame)
    own = lines.drop(results.columns, strict=False)
    kept = _without_repeats(found)
    whole = pl.concat([own, results], how="horizontal")
    return Findings(_with_stakes(kept, frame, results), whole, edits.tables.missing)


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
    numbered = lines.drop("row", strict=False).with_row_index("row")
    return findings(found_by_policies(numbered, tables, POLICY_EDITS, denials_only=False), lines)


def denied(
    lines: pl.DataFrame,
    pricer: ClaimPricer | FeeSchedule,
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


def _engine(pricer: ClaimPricer | FeeSchedule) -> ClaimPricer:
    return pricer if isinstance(pricer, ClaimPricer) else ClaimPricer([ReleaseDays.of_year(pricer)])


def denied_rows(findings: Findings) -> pl.Series:
    """Return the rows (places in the batch) with a finding that denies, each once, in order. [UInt32]"""
    return findings.found.filter(pl.col("severity") == DENIES)["row"].unique().sort()


def _without_repeats(found: pl.DataFrame) -> pl.DataFrame:
    """Keep one finding a line, rule and sentence; a rule is silent where another says the same knowing more."""
    found = found.unique(["row", "rule", "detail"], keep="first", maintain_order=True)
    for rule, stronger in YIELDS.items():
        if rule in found["rule"]:
            said = found.filter(pl.col("rule").is_in(stronger))["row"].unique()
            found = found.filter((pl.col("rule") != rule) | ~pl.col("row").is_in(said.implode()))
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
    reduces = pl.col("severity") == REDUCES
    stake = (
        pl.when(reduces).then(pl.col("worth") - pl.col("allowed_instead").cast(_AMOUNT)).otherwise(pl.col("worth"))
    )
    why = (
        pl.when(stake.is_not_null()).then(pl.lit(""))
        .when(pl.col("worth").is_null()).then(pl.lit("not priced: ") + pl.col("reason").cast(pl.String))
        .otherwise(pl.lit("what is left of the line is not known"))
    )  # fmt: skip
    return (
        met.with_columns(stake.cast(_AMOUNT).alias("amount_at_stake"), why.alias("stake_reason"))
        .select("claim_id", "line", *COLUMNS, "amount_at_stake", "stake_reason")
        .sort("row", "severity", "rule", "detail")
    )
