"""Receipts of priced lines: of one claim, or of every claim of a batch in a folder; and of lines that edits deny."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from feecalc.edits import checking
from feecalc.edits.pricing import DENIED_BY, DENIED_BY_EDIT, EditedPricer, edited_batches
from feecalc.edits.severity import DENIES
from feecalc.errors import InvalidValue, StoreError
from feecalc.files.claim_lines import EDIT_COLUMNS, LINE_COLUMNS
from feecalc.money import usd
from feecalc.pricing.claims.adjustments import Adjustment
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.explanation.steps import ExplainedLine
from feecalc.pricing.claims.grouping import patient
from feecalc.pricing.claims.results import SCHEMA
from feecalc.pricing.rules.receipt_steps import RuleStep
from feecalc.runs.reading import ClaimLines, lines_beside, patient_parts
from feecalc.runs.receipts.markdown import markdown_receipt
from feecalc.runs.receipts.text import text_receipt

RECEIPT_LINES = 1 << 12  # of a batch where each line is explained: a receipt takes far more room than a line
_OUTCOME = ("pricing_status", "reason")
_NOTHING = Decimal("0.00")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_NAME = 80
_HASH_DIGITS = 8  # hexadecimal digits that tell apart names that had to be changed


@dataclass(frozen=True)
class ClaimReceipt:
    """A claim's lines, priced, and their receipt as text."""

    priced: pl.DataFrame
    text: str


def claim_receipt(
    lines: ClaimLines, pricer: ClaimPricer, claim_id: str, edited: EditedPricer | None = None
) -> ClaimReceipt:
    """Write one claim's receipt; the patient's other claims of its days are priced with it, as they bear on it.

    With ``edited`` the denials of edits are applied, to which the patient's other days matter too.

    Raises InvalidValue where the file has no such claim.
    """
    claim = lines_beside(lines, claim_id, all_days=edited is not None)
    if edited is None:
        priced = pl.concat([claim, pricer.price(claim)], how="horizontal")
    else:
        priced = pl.concat(edited_batches(claim.lazy(), edited, claim.height))
    priced = lines.with_reasons(priced).collect()
    explained = [line for line in explained_lines(pricer, priced, edited) if line.asked["claim_id"] == claim_id]
    return ClaimReceipt(priced.filter(pl.col("claim_id") == claim_id), text_receipt(claim_id, explained))


def write_receipts(
    pricer: ClaimPricer, priced: pl.DataFrame, folder: ReceiptFolder, edited: EditedPricer | None = None
) -> None:
    """Write a receipt for each claim of a batch; a large batch is explained in parts, as receipts take room."""
    for part in patient_parts(priced, RECEIPT_LINES):
        claims: dict[str, list[ExplainedLine]] = {}
        for line in explained_lines(pricer, part, edited):
            claims.setdefault(line.asked["claim_id"] or "", []).append(line)
        for claim_id, of_claim in claims.items():
            folder.write(claim_id, markdown_receipt(claim_id, of_claim))


def explained_lines(
    pricer: ClaimPricer, priced: pl.DataFrame, edited: EditedPricer | None = None
) -> Iterable[ExplainedLine]:
    """Explain lines, with the status and reason that ``priced`` gives them.

    A line that an edit denies takes part in no rule: the others are explained without it. Its own receipt says what it
    would have been paid, and what denies it.
    """
    by_edit = (priced["pricing_status"] == DENIED_BY_EDIT).fill_null(False)
    explained_lines = iter(_explained(pricer, priced.filter(~by_edit)))
    denied = denied_lines(edited, priced, by_edit) if edited is not None and by_edit.any() else iter(())
    for is_denied in by_edit:
        yield next(denied if is_denied else explained_lines)


def _explained(pricer: ClaimPricer, priced: pl.DataFrame) -> Iterable[ExplainedLine]:
    outcomes = priced.select(_OUTCOME).iter_rows(named=True)
    for line, outcome in zip(explain(pricer, priced), outcomes, strict=True):
        if line.results["pricing_status"] == outcome["pricing_status"]:
            yield replace(line, results={**line.results, **outcome})
        else:  # a cell of the file that the engine was not shown: its codes would speak of another
            yield replace(line, results={**line.results, **outcome}, adjustments=())


def denied_lines(edited: EditedPricer, priced: pl.DataFrame, denied: pl.Series) -> Iterator[ExplainedLine]:
    """Explain the ``denied`` lines of a batch in their order; it holds whole patients.

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
    assert isinstance(edited.pricer, ClaimPricer)  # a facility's bill has no receipts of this kind
    without = explain(edited.pricer, own)
    for row in np.flatnonzero(wanted.to_numpy()):
        why = reasons.get((row,), found.clear()).to_dicts()
        yield _denied(without[row], results[row], why)


def _denied(line: ExplainedLine, results: Mapping[str, Any], why: list[dict[str, Any]]) -> ExplainedLine:
    named = results[DENIED_BY]
    before = line.steps[-1].after if line.steps else line.results["allowed_amount"]
    steps = []
    for finding in sorted(why, key=lambda finding: finding["rule"] != named):
        steps.append(_step(finding, before))
        before = _NOTHING
    adjusted: tuple[Adjustment, ...] = ()
    if results["carc"]:
        words = f"denied by {named}" if named else "denied by an edit"
        billed = line.asked["billed_amount"]
        adjusted = (Adjustment(results["group"], results["carc"], results["rarc"] or "", words, billed),)
    reason = f"{named or 'an edit'} denies the line; without it {_amount(line)}"
    return replace(
        line,
        results={**results, "reason": reason, "rank": None},
        steps=(*line.steps, *steps),
        payment=(),
        adjustments=adjusted,
    )


def _amount(line: ExplainedLine) -> str:
    allowed = line.results["allowed_amount"]
    return "it is not priced" if allowed is None else f"{usd(allowed)} would be allowed"


def _step(finding: Mapping[str, Any], before: Decimal | None) -> RuleStep:
    codes = ", ".join(f"{name} {finding[key]}" for name, key in (("CARC", "carc"), ("RARC", "rarc")) if finding[key])
    denial = f"denied by {finding['rule']}" + (f" ({codes})" if codes else "")
    detail = f"{denial}: {finding['detail']}. Remedy: {finding['remedy']}"
    return RuleStep("edit", detail, before, "", _NOTHING, finding["source"])


def file_name(claim_id: str) -> str:
    """Return claim-1001.md; a name that had to be changed ends in a piece of its hash, so that two stay two."""
    slug = _UNSAFE.sub("-", claim_id)[:_LONGEST_NAME].strip("-")
    if slug != claim_id:
        slug = "-".join([*([slug] if slug else []), hashlib.sha256(claim_id.encode()).hexdigest()[:_HASH_DIGITS]])
    return f"claim-{slug}.md"


class ReceiptFolder:
    """A folder that takes receipts. Each file is whole or not there, and none is written over."""

    def __init__(self, path: Path) -> None:
        """Make the folder where there is none. Raises StoreError."""
        self.path, self.count = path, 0
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = error.strerror or error
            raise StoreError(f"{path} cannot be made: {why}; give a folder for --receipts") from error

    def write(self, claim_id: str, text: str) -> None:
        """Write one claim's receipt. Raises InvalidValue where its file is there already, StoreError where it fails."""
        target = self.path / file_name(claim_id)
        if os.path.lexists(target):
            raise InvalidValue(
                f"{target} is there already, from another run or from a claim of the same name in other letters; give "
                "an empty folder for --receipts"
            )
        beside = target.with_name(f".{target.name}.part")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(target)
        except OSError as error:
            raise StoreError(f"{target} was not written: {error.strerror or error}") from error
        finally:
            beside.unlink(missing_ok=True)
        self.count += 1
