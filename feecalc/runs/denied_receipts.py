"""The receipts of lines that edits deny: what each would have been paid, step by step, then the denial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from feecalc.edits import checking
from feecalc.edits.pricing import DENIED_BY, EditedPricer
from feecalc.edits.severity import DENIES
from feecalc.files.claim_lines import EDIT_COLUMNS, LINE_COLUMNS
from feecalc.money import usd
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.explanation.steps import ExplainedLine
from feecalc.pricing.claims.grouping import patient
from feecalc.pricing.claims.results import SCHEMA
from feecalc.pricing.rules.receipt_steps import RuleStep

_NOTHING = Decimal("0.00")


def denied_lines(edited: EditedPricer, priced: pl.DataFrame, denied: pl.Series) -> Iterator[ExplainedLine]:
    """The ``denied`` lines of a batch in their order, whole patients together.

    ``steps`` lead to the amount without the edits, and the last of them to 0.00: one for each edit that denies the
    line, first the one that ``priced`` names. ``results`` are those with the edits, as ``priced`` has them.
    """
    who = priced.select(*patient(priced)).hash_rows().to_numpy()
    beside = np.isin(who, np.unique(who[denied.to_numpy()]))
    some, wanted = priced.filter(beside), denied.filter(pl.Series(beside))
    own = some.select(name for name in some.columns if name in LINE_COLUMNS or name in EDIT_COLUMNS)
    found = checking.check(own, edited.pricer, edited.tables, edited.policies, edited.history, bill=edited.bill).found
    reasons = found.filter(pl.col("severity") == DENIES).partition_by("row", as_dict=True)
    results = some.select(*SCHEMA, pl.col(DENIED_BY).cast(pl.String)).to_dicts()
    without = explain(edited.pricer, own)
    for row in np.flatnonzero(wanted.to_numpy()):
        why = reasons.get((row,), found.clear()).to_dicts()
        yield _denied(without[row], results[row], why)


def _denied(line: ExplainedLine, results: Mapping[str, Any], why: list[dict[str, Any]]) -> ExplainedLine:
    named = results[DENIED_BY]
    before = line.steps[-1].after if line.steps else line.results["allowed_amount"]
    steps = []
    for finding in sorted(why, key=lambda each: each["rule"] != named):
        steps.append(_step(finding, before))
        before = _NOTHING
    told = f"{named or 'an edit'} denies the line; without it {_amount(line)}"
    return replace(
        line,
        results={**results, "reason": told, "rank": None},
        steps=(*line.steps, *steps),
        payment=(),
        adjustments=(),
    )


def _amount(line: ExplainedLine) -> str:
    allowed = line.results["allowed_amount"]
    return "it is not priced" if allowed is None else f"{usd(allowed)} would be allowed"


def _step(finding: Mapping[str, Any], before: Decimal | None) -> RuleStep:
    codes = ", ".join(f"{name} {finding[key]}" for name, key in (("CARC", "carc"), ("RARC", "rarc")) if finding[key])
    said = f"denied by {finding['rule']}" + (f" ({codes})" if codes else "")
    detail = f"{said}: {finding['detail']}. Remedy: {finding['remedy']}"
    return RuleStep("edit", detail, before, "", _NOTHING, finding["source"])
