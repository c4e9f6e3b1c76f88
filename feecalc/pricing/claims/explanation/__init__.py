"""How each line of a batch came to its amounts: read from what the engine decided, never worked out a second time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from feecalc.pricing.claims.adjustments import adjustments
from feecalc.pricing.claims.columns import complete
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.explanation.basis import adjusted_rvus, fee_basis
from feecalc.pricing.claims.explanation.notes import line_notes
from feecalc.pricing.claims.explanation.steps import ExplainedLine
from feecalc.pricing.claims.outcomes import BY_ANOTHER_LINE, DENIED_BY_EDIT, PRICED
from feecalc.pricing.claims.priced import Followed
from feecalc.pricing.claims.refused_modifiers import refusal
from feecalc.pricing.rules.order import BUNDLES, RULES
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, modifiers_of, usd

_BY_EDIT = "the edit's own source, as its finding names it"


def explain(pricer: ClaimPricer, claims: pl.DataFrame) -> list[ExplainedLine]:
    """Return every line of a batch, in its order, with the steps that lead to its amounts.

    Lines of one patient and day must lie in the batch together, as for ``ClaimPricer.price``. Raises MissingColumn.
    """
    results, followed = pricer.explain(claims)
    asked = complete(claims).to_dicts()
    return [
        _line(line, result, followed.get(number))
        for number, (line, result) in enumerate(zip(asked, results.to_dicts(), strict=True))
    ]


def _line(asked: Mapping[str, Any], results: Mapping[str, Any], followed: Followed | None) -> ExplainedLine:
    if followed is None:
        codes = adjustments(results, asked["billed_amount"], None, -1)
        return ExplainedLine(asked, results, None, None, "", (), (), (), codes)
    status = int(followed.priced.lines.status[followed.line])
    release = followed.era.tables.release
    case = Case(asked, followed)
    codes = adjustments(results, asked["billed_amount"], followed, status)
    if status != PRICED and status not in BY_ANOTHER_LINE:
        has_row = _has_row(case)
        refused = refusal(case, results["reason"]) if modifiers_of(asked) else ""
        if not has_row:
            return ExplainedLine(asked, results, release, None, "", (), (), (), codes, refusal=refused)
        return ExplainedLine(
            asked,
            results,
            release,
            case.row,
            case.row_source,
            (),
            (),
            (),
            codes,
            billed_row=case.billed_row,
            billed_source=case.billed_source,
            refusal=refused,
        )
    basis, fee = fee_basis(case)
    return ExplainedLine(
        asked,
        results,
        release,
        case.row,
        case.row_source,
        basis,
        (fee, *_rule_steps(case, status, results["reason"])),
        tuple(_payment_steps(case)) if status == PRICED else (),
        codes,
        billed_row=case.billed_row,
        billed_source=case.billed_source,
        notes=line_notes(case, status),
        adjusted=adjusted_rvus(case),
    )


def _rule_steps(case: Case, status: int, reason: str) -> list[RuleStep]:
    """Return the steps after the fee, to the allowed amount: what each rule tells, in the order of the rules."""
    if status in BY_ANOTHER_LINE:
        fee = int(case.followed.priced.decided.fee[case.followed.line])
        source = _BY_EDIT if status == DENIED_BY_EDIT else BUNDLES[status]
        return [RuleStep("another line", reason, usd(fee), "", usd(0), source)]
    return [step for rule in RULES if rule.steps is not None for step in rule.steps(case)]


def _payment_steps(case: Case) -> list[RuleStep]:
    """Return the steps from the allowed amount to what Medicare pays."""
    return [step for rule in RULES if rule.payment_steps is not None for step in rule.payment_steps(case)]


def _has_row(case: Case) -> bool:
    """Return whether the row is the code's: a line whose code or component the release lacks stands at row 0."""
    return bool(case.row["hcpcs"] == case.asked["hcpcs"])
