"""All edits over claim lines, and the dollars at stake: the lines are priced without edits, and each finding says what
of that is in question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import polars as pl

from feecalc.edits.coding import bundles, complexity, laterality, modifiers, technical, visits
from feecalc.edits.coding.laterality import Bill
from feecalc.edits.denials import Denials, with_denied
from feecalc.edits.finding import COLUMNS, DENIES, REDUCES, no_findings
from feecalc.edits.lines.prepared import prepared, with_indicators
from feecalc.edits.ncci import add_on, pairs, units
from feecalc.edits.policies import checking as coverage
from feecalc.edits.policies.policy import Policy
from feecalc.edits.precedence import YIELDS
from feecalc.edits.pricing import EditedPricer
from feecalc.edits.tables import EditTables
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.schedule import FeeSchedule

Edit = Callable[[pl.DataFrame, EditTables], pl.DataFrame]
EDITS: tuple[Edit, ...] = (
    pairs.find, units.find, modifiers.find, visits.find, complexity.find,
)  # fmt: skip
_AMOUNT = pl.Decimal(18, 2)
_PRICED = "priced"


@dataclass(frozen=True)
class Findings:
    """What was found. ``found``: claim_id, line, the columns of ``finding.SCHEMA``, amount_at_stake [USD, null where no
    amount is known], stake_reason ("" where there is one); by row, what denies first. ``priced``: the lines as priced.
    """

    found: pl.DataFrame
    priced: pl.DataFrame
    missing: tuple[str, ...] = field(default=())

    @property
    def clean(self) -> bool:
        """Whether nothing was found at all."""
        return self.found.height == 0

    def amount_denied(self) -> pl.DataFrame:
        """The dollars on lines that will be denied, each line once. Shape: one row: lines, amount."""
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
    """Every edit over a batch of canonical lines, whole patients together.

    ``policies``: coverage policies (None: those that come with feecalc; () for none); ``history``: earlier sessions for
    them. ``priced``: the pricer's results of these lines, where they are at hand. ``more``: edits of the caller's own.
    What pricing refuses is told as it is with the denied lines gone: a code that is paid only where nothing else is
    may be paid then. Raises MissingColumn; a bad line is a finding or none, never an error.
    """
    engine = _engine(pricer)
    denials = Denials(engine, tables, policies, history, bill)
    denied = denials.denied(lines)
    results = engine.price(lines) if priced is None else priced
    after = engine.price(with_denied(lines, denied.by_edit)) if denied.by_edit.any() else results
    own = lines.drop(results.columns, strict=False)
    ready, ready_after = (_ready(own, each, engine) for each in (results, after))
    lost = pl.Series(np.flatnonzero(denied.lost), dtype=pl.UInt32)
    edits: tuple[Edit, ...] = (*EDITS, partial(laterality.find, bill=bill), *more)
    found = [
        add_on.find(ready, tables, lost),
        *(edit(ready, tables) for edit in edits),
        bundles.find(ready_after, tables),
    ]
    if bill == "professional":
        found.append(technical.find(ready, tables, [each.tables for each in engine.releases]))
    if policies is None or policies:
        found.append(coverage.find(ready, policies, history))
    whole = [each.select(COLUMNS) for each in found if each.height]
    kept = _without_repeats(pl.concat(whole)) if whole else no_findings()
    return Findings(_with_stakes(kept, ready), pl.concat([own, results], how="horizontal"), tables.missing)


def denied(
    lines: pl.DataFrame,
    pricer: ClaimPricer | FeeSchedule,
    tables: EditTables,
    policies: Sequence[Policy] | None = None,
    history: pl.DataFrame | None = None,
    *,
    bill: Bill = "professional",
) -> pl.Series:
    """The rows ``check`` would deny, and nothing else of it. [UInt32]

    For many batches, and to price without them: ``pricing.EditedPricer``.
    """
    return EditedPricer(_engine(pricer), tables, policies, history, bill).price(lines, (), ()).denied["row"]


def _engine(pricer: ClaimPricer | FeeSchedule) -> ClaimPricer:
    return pricer if isinstance(pricer, ClaimPricer) else ClaimPricer([ReleaseDays.of_year(pricer)])


def _ready(lines: pl.DataFrame, results: pl.DataFrame, engine: ClaimPricer) -> pl.DataFrame:
    """The lines prepared, with results and indicators."""
    whole = pl.concat([prepared(lines), results], how="horizontal")
    return with_indicators(whole, [each.tables for each in engine.releases])


def denied_rows(findings: Findings) -> pl.Series:
    """The rows (places in the batch) with a finding that denies, each once, in order. [UInt32]"""
    return findings.found.filter(pl.col("severity") == DENIES)["row"].unique().sort()


def _without_repeats(found: pl.DataFrame) -> pl.DataFrame:
    """One finding a line and rule-with-sentence; a rule is silent where another says the same with more knowledge."""
    found = found.unique(["row", "rule", "detail"], keep="first", maintain_order=True)
    for rule, stronger in YIELDS.items():
        if rule in found["rule"]:
            said = found.filter(pl.col("rule").is_in(stronger))["row"].unique()
            found = found.filter((pl.col("rule") != rule) | ~pl.col("row").is_in(said.implode()))
    return found


def _with_stakes(found: pl.DataFrame, ready: pl.DataFrame) -> pl.DataFrame:
    status = pl.col("pricing_status").cast(pl.String)
    by_another = (status != _PRICED) & (pl.col("allowed_amount") == 0)  # it could have been priced, and pays nothing
    worth = pl.when(by_another).then(pl.col("fee_schedule_amount")).otherwise(pl.col("allowed_amount"))
    lines = ready.select("row", "claim_id", "line", "reason", worth.cast(_AMOUNT).alias("worth"))
    met = found.join(lines, on="row", how="left")
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
