"""Receipts of priced lines: of one claim, or of every claim of a batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from feecalc.edits.pricing import EditedPricer, edited_batches
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.explanation.steps import ExplainedLine
from feecalc.runs.denied_receipts import denied_lines
from feecalc.runs.patients import lines_beside, patient_parts
from feecalc.runs.price_report import DENIED_BY_EDIT
from feecalc.runs.reading import ClaimLines, with_cell_reasons
from feecalc.runs.receipts.folder import ReceiptFolder
from feecalc.runs.receipts.markdown import markdown_receipt
from feecalc.runs.receipts.text import text_receipt
from feecalc.runs.release_days import with_release_reasons

RECEIPT_LINES = 1 << 12  # of a batch where each line is explained: a receipt takes far more room than a line
_OUTCOME = ("pricing_status", "reason")


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
    priced = with_cell_reasons(with_release_reasons(priced, lines.opened).lazy()).collect()
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
