"""A remittance audited by a contract, line by line: what was expected, what was allowed, and why they differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl

from feecalc.contracts.audit import causes
from feecalc.contracts.audit.causes import PATIENT_SHARE, RATE, RULE, Cause, Pay
from feecalc.contracts.contract import Contract
from feecalc.contracts.inference.evidence import NOT_GIVEN, Evidence, cents
from feecalc.contracts.terms.silence import Choices
from feecalc.pricing.arrays import Flags, Integers

AS_EXPECTED, DENIAL, UNEXPLAINED, NOT_JUDGED = "as_expected", "denial", "unexplained", "not_judged"
CLASSES = (AS_EXPECTED, DENIAL, PATIENT_SHARE, RATE, RULE, UNEXPLAINED, NOT_JUDGED)
RESULTS = ("expected_amount", "payer_amount", "variance", "variance_class", "variance_detail")
_MONEY = pl.Decimal(18, 2)


@dataclass(frozen=True)
class Audit:
    """Shape of ``lines``: the lines' own columns, then ``RESULTS``. [USD; variance: paid less expected]"""

    lines: pl.DataFrame

    @property
    def variance(self) -> Decimal:
        """What was allowed less what was expected, over all lines that are judged. [USD]"""
        return sum(self.by_class()["variance"].to_list(), Decimal(0))

    def by_class(self) -> pl.DataFrame:
        """Return lines and amounts of each class, in the order of ``CLASSES``.

        Shape: variance_class, lines, expected, paid, variance.
        """
        order = pl.col("variance_class").replace_strict({name: at for at, name in enumerate(CLASSES)})
        return self._summed("variance_class").sort(order)

    def by_detail(self) -> pl.DataFrame:
        """Return the same by class and detail, for lines that are not as expected; the largest loss first."""
        return self._varying("variance_class", "variance_detail")

    def by_code(self) -> pl.DataFrame:
        """Return variances by class and code, the largest loss first."""
        return self._varying("variance_class", "hcpcs")

    def _varying(self, *keys: str) -> pl.DataFrame:
        varies = ~pl.col("variance_class").is_in([AS_EXPECTED, NOT_JUDGED])
        return self._summed(*keys).filter(varies).sort("variance", *keys)

    def _summed(self, *keys: str) -> pl.DataFrame:
        return self.lines.group_by(keys).agg(
            pl.len().alias("lines"),
            pl.col("expected_amount").sum().alias("expected"),
            pl.col("payer_amount").sum().alias("paid"),
            pl.col("variance").sum().alias("variance"),
        )


def audit(
    contract: Contract, lines: pl.DataFrame, pay: Pay, choices: Choices, *, day: date, tolerance: int = 1
) -> Audit:
    """Return each line's expected amount, and what explains the difference. ``tolerance``: cents that do not matter.

    ``lines``: canonical claim lines with ``category`` and the columns of ``remittance.paid_columns``. ``pay`` is what a
    contract pays by line [cents, -1 where it cannot be said]. A line is of one class: as_expected; denial (nothing
    allowed); patient_share; rate (another release, place, factor or percent, or a fee of its own); rule (another
    reading of a rule); unexplained; not_judged where the contract gives no amount or the file has none.
    """
    expected, evidence = pay(contract, lines), Evidence.of(lines)
    given = lines.select(cents("payer_allowed"), cents("payer_paid"), cents("patient_amount"))
    allowed, paid, patient = (column.to_numpy() for column in given)
    kind = np.full(lines.height, CLASSES.index(UNEXPLAINED), np.int8)
    says, detail = [""], np.zeros(lines.height, np.int64)
    judged = (expected >= 0) & (evidence.paid != NOT_GIVEN)
    kind[~judged] = CLASSES.index(NOT_JUDGED)
    same = judged & (np.abs(expected - evidence.paid) <= tolerance)
    kind[same] = CLASSES.index(AS_EXPECTED)
    variance = np.where(judged, evidence.paid - expected, 0)
    parts = same & (allowed != NOT_GIVEN) & (paid != NOT_GIVEN) & (patient != NOT_GIVEN)
    short = parts & (np.abs(paid + patient - allowed) > tolerance)
    variance[short] = (paid + patient - allowed)[short]
    denied = judged & ~same & (evidence.paid == 0) & (expected > 0)
    fixed = [
        Cause(PATIENT_SHARE, "allowed as expected; paid and the patient's part do not add up to it", short),
        Cause(DENIAL, "nothing allowed", denied),
    ]
    causes.take(fixed, kind, says, detail, CLASSES)
    open_ = judged & ~same & ~denied
    if open_.any():
        written = kind, says, detail
        _explain(contract, lines, evidence, expected, open_, pay, choices, day, tolerance, written, allowed)
    return Audit(_with_results(lines, expected, evidence.paid, variance, judged, kind, says, detail))


def _explain(
    contract: Contract, lines: pl.DataFrame, evidence: Evidence, expected: Integers, open_: Flags, pay: Pay,
    choices: Choices, day: date, tolerance: int, written: tuple[Integers, list[str], Integers], allowed: Integers,
) -> None:  # fmt: skip
    """Give open lines a class and a detail. Only the patients of open lines are priced again."""
    chosen = _whole_patients(lines, open_)
    part, few = lines[chosen], evidence.rows(chosen)
    kind, says, detail = written
    own_kind, own_detail = kind[chosen], detail[chosen]
    wanted, left = expected[chosen], open_[chosen]
    medicare = pay(contract.as_medicare_allows(), part)
    only_paid = allowed[chosen] == NOT_GIVEN
    steps: tuple[Callable[[Flags], list[Cause]], ...] = (
        lambda free: causes.by_reading(contract, part, few, wanted, free, pay, choices, tolerance),
        lambda free: causes.by_fee(few, free, medicare, across=True),
        lambda free: causes.by_ratio(wanted, few, free, day, only_paid=only_paid),
        lambda free: causes.by_percent(medicare, few, free, tolerance),
        lambda free: causes.by_fee(few, free, medicare, across=False),
    )
    for step in steps:
        left = left & ~causes.take(step(left), own_kind, says, own_detail, CLASSES)
    kind[chosen], detail[chosen] = own_kind, own_detail


def _whole_patients(lines: pl.DataFrame, open_: Flags) -> Integers:
    """Return the lines of every patient that has an open one: rules look at a patient's day."""
    who = pl.when(pl.col("beneficiary_id").fill_null("") != "").then(pl.col("beneficiary_id")).otherwise("claim_id")
    if "beneficiary_id" not in lines.columns:
        who = pl.col("claim_id")
    patients = lines.select(who.alias("who"))["who"]
    found: Integers = patients.is_in(patients.filter(pl.Series(open_)).unique().implode()).arg_true().to_numpy()
    return found


def _with_results(
    lines: pl.DataFrame, expected: Integers, paid: Integers, variance: Integers, judged: Flags, kind: Integers,
    says: list[str], detail: Integers,
) -> pl.DataFrame:  # fmt: skip
    def dollars(amounts: Integers, known: Flags) -> pl.Series:
        return pl.Series(amounts).cast(pl.Int128).reinterpret(dtype=_MONEY).set(pl.Series(~known), None)

    reason = pl.col("payer_reason").fill_null("") if "payer_reason" in lines.columns else pl.lit("")
    return (
        lines.drop("payer_amount")
        .with_columns(
            dollars(expected, expected >= 0).alias("expected_amount"),
            dollars(paid, paid != NOT_GIVEN).alias("payer_amount"),
            dollars(variance, judged).alias("variance"),
            pl.Series(CLASSES).gather(pl.Series(kind)).alias("variance_class"),
            pl.Series(says).gather(pl.Series(detail)).alias("variance_detail"),
        )
        .with_columns(
            pl.when((pl.col("variance_class") == DENIAL) & (reason != ""))
            .then(pl.format("nothing allowed ({})", reason))
            .otherwise("variance_detail")
            .alias("variance_detail")
        )
    )
