"""A remittance audited against a contract, line by line: the expected and allowed amounts, and why they differ."""

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
    """An audited remittance. Shape of ``lines``: the lines' own columns, then ``RESULTS``.

    Amounts in USD; a variance is the allowed amount less the expected one.
    """

    lines: pl.DataFrame

    @property
    def variance(self) -> Decimal:
        """The allowed amounts less the expected ones, over all lines that could be compared. [USD]"""
        return sum(self.by_class()["variance"].to_list(), Decimal(0))

    def by_class(self) -> pl.DataFrame:
        """Return the lines and amounts of each variance class, in the order of ``CLASSES``.

        Shape: variance_class, lines, expected, paid, variance.
        """
        order = pl.col("variance_class").replace_strict({name: position for position, name in enumerate(CLASSES)})
        return self._summed("variance_class").sort(order)

    def by_detail(self) -> pl.DataFrame:
        """Return lines and amounts by class and detail, of lines that are not as expected; the largest loss first."""
        return self._varying("variance_class", "variance_detail")

    def by_code(self) -> pl.DataFrame:
        """Return lines and amounts by class and code, of lines that are not as expected; the largest loss first."""
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
    """Return each line's expected amount, and what explains the difference.

    ``lines``: canonical claim lines with ``category`` and the columns of ``remittance.paid_columns``. ``pay`` returns
    what a contract pays for each line [cents, -1 where it is not known]; differences up to ``tolerance`` [cents] are
    ignored. Each line has one class: as_expected; denial (nothing allowed); patient_share; rate (another release,
    locality, factor or percent, or a fee of its own); rule (another reading of a payment rule); unexplained; not_judged
    where the contract or the file gives no amount.
    """
    expected, evidence = pay(contract, lines), Evidence.of(lines)
    amounts = lines.select(cents("payer_allowed"), cents("payer_paid"), cents("patient_amount"))
    allowed, paid, patient = (column.to_numpy() for column in amounts)
    class_number = np.full(lines.height, CLASSES.index(UNEXPLAINED), np.int8)
    explanations, explanation_number = [""], np.zeros(lines.height, np.int64)
    judged = (expected >= 0) & (evidence.paid != NOT_GIVEN)
    class_number[~judged] = CLASSES.index(NOT_JUDGED)
    as_expected = judged & (np.abs(expected - evidence.paid) <= tolerance)
    class_number[as_expected] = CLASSES.index(AS_EXPECTED)
    variance = np.where(judged, evidence.paid - expected, 0)
    known_parts = as_expected & (allowed != NOT_GIVEN) & (paid != NOT_GIVEN) & (patient != NOT_GIVEN)
    does_not_add_up = known_parts & (np.abs(paid + patient - allowed) > tolerance)
    variance[does_not_add_up] = (paid + patient - allowed)[does_not_add_up]
    denied = judged & ~as_expected & (evidence.paid == 0) & (expected > 0)
    certain_causes = [
        Cause(PATIENT_SHARE, "allowed as expected; paid and the patient's part do not add up to it", does_not_add_up),
        Cause(DENIAL, "nothing allowed", denied),
    ]
    causes.apply_causes(certain_causes, class_number, explanations, explanation_number, CLASSES)
    unexplained = judged & ~as_expected & ~denied
    if unexplained.any():
        written = class_number, explanations, explanation_number
        _explain(contract, lines, evidence, expected, unexplained, pay, choices, day, tolerance, written, allowed)
    return Audit(
        _with_results(lines, expected, evidence.paid, variance, judged, class_number, explanations, explanation_number)
    )


def _explain(
    contract: Contract, lines: pl.DataFrame, evidence: Evidence, expected: Integers, unexplained: Flags, pay: Pay,
    choices: Choices, day: date, tolerance: int, written: tuple[Integers, list[str], Integers], allowed: Integers,
) -> None:  # fmt: skip
    """Write a class and a detail for unexplained lines. Only patients with such a line are priced again."""
    chosen = _whole_patients(lines, unexplained)
    part, part_evidence = lines[chosen], evidence.rows(chosen)
    class_number, explanations, explanation_number = written
    part_class, part_explanation = class_number[chosen], explanation_number[chosen]
    part_expected, remaining = expected[chosen], unexplained[chosen]
    medicare = pay(contract.as_medicare_allows(), part)
    only_paid = allowed[chosen] == NOT_GIVEN
    steps: tuple[Callable[[Flags], list[Cause]], ...] = (
        lambda open_lines: causes.by_reading(
            contract, part, part_evidence, part_expected, open_lines, pay, choices, tolerance
        ),
        lambda open_lines: causes.by_fee(part_evidence, open_lines, medicare, differing_medicare=True),
        lambda open_lines: causes.by_ratio(part_expected, part_evidence, open_lines, day, only_paid=only_paid),
        lambda open_lines: causes.by_percent(medicare, part_evidence, open_lines, tolerance),
        lambda open_lines: causes.by_fee(part_evidence, open_lines, medicare, differing_medicare=False),
    )
    for step in steps:
        remaining = remaining & ~causes.apply_causes(
            step(remaining), part_class, explanations, part_explanation, CLASSES
        )
    class_number[chosen], explanation_number[chosen] = part_class, part_explanation


def _whole_patients(lines: pl.DataFrame, unexplained: Flags) -> Integers:
    """Return the lines of every patient with an unexplained line: payment rules look at a patient's whole day."""
    patient = pl.when(pl.col("beneficiary_id").fill_null("") != "").then(pl.col("beneficiary_id")).otherwise("claim_id")
    if "beneficiary_id" not in lines.columns:
        patient = pl.col("claim_id")
    patients = lines.select(patient.alias("who"))["who"]
    rows: Integers = patients.is_in(patients.filter(pl.Series(unexplained)).unique().implode()).arg_true().to_numpy()
    return rows


def _with_results(
    lines: pl.DataFrame, expected: Integers, paid: Integers, variance: Integers, judged: Flags, class_number: Integers,
    explanations: list[str], explanation_number: Integers,
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
            pl.Series(CLASSES).gather(pl.Series(class_number)).alias("variance_class"),
            pl.Series(explanations).gather(pl.Series(explanation_number)).alias("variance_detail"),
        )
        .with_columns(
            pl.when((pl.col("variance_class") == DENIAL) & (reason != ""))
            .then(pl.format("nothing allowed ({})", reason))
            .otherwise("variance_detail")
            .alias("variance_detail")
        )
    )
