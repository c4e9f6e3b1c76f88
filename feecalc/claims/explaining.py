"""Receipts of priced lines: of one claim, or of every claim of a batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from feecalc.claims.coverage import with_reasons
from feecalc.claims.intake import ClaimLines, explained
from feecalc.claims.receipts.folder import ReceiptFolder
from feecalc.claims.receipts.markdown import markdown_receipt
from feecalc.claims.receipts.text import text_receipt
from feecalc.errors import InvalidValue
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.explanation.steps import ExplainedLine

_SAID = ("pricing_status", "reason")


@dataclass(frozen=True)
class ClaimReceipt:
    """A claim's lines, priced, and their receipt as text."""

    priced: pl.DataFrame
    text: str


def claim_receipt(lines: ClaimLines, pricer: ClaimPricer, claim_id: str) -> ClaimReceipt:
    """One claim's receipt; the patient's other claims of its days are priced with it, as they bear on it.

    Raises InvalidValue where the file has no such claim.
    """
    own = pl.col("claim_id") == claim_id
    claim = lines.frame.filter(own).collect(engine="streaming")
    if not claim.height:
        raise InvalidValue(f"the file has no claim {claim_id[:80]!r}: claim_id is compared letter by letter")
    patients = claim.filter(pl.col("beneficiary_id") != "")
    if patients.height:
        beside = pl.col("beneficiary_id").is_in(patients["beneficiary_id"].unique().to_list())
        beside &= pl.col("date_of_service").is_in(patients["date_of_service"].unique().to_list())
        claim = lines.frame.filter(own | beside).collect(engine="streaming")
    priced = pl.concat([claim, pricer.price(claim)], how="horizontal")
    priced = explained(with_reasons(priced, lines.opened).lazy()).collect()
    told = [line for line in told_lines(pricer, priced) if line.asked["claim_id"] == claim_id]
    return ClaimReceipt(priced.filter(own), text_receipt(claim_id, told))


def write_receipts(pricer: ClaimPricer, priced: pl.DataFrame, folder: ReceiptFolder) -> None:
    """One receipt a claim of a batch of priced lines."""
    claims: dict[str, list[ExplainedLine]] = {}
    for line in told_lines(pricer, priced):
        claims.setdefault(line.asked["claim_id"] or "", []).append(line)
    for claim_id, of_claim in claims.items():
        folder.write(claim_id, markdown_receipt(claim_id, of_claim))


def told_lines(pricer: ClaimPricer, priced: pl.DataFrame) -> Iterable[ExplainedLine]:
    """The lines explained, with the status and reason that ``priced`` gives them."""
    said = priced.select(_SAID).iter_rows(named=True)
    for line, saying in zip(explain(pricer, priced), said, strict=True):
        if line.results["pricing_status"] == saying["pricing_status"]:
            yield replace(line, results={**line.results, **saying})
        else:  # a cell of the file that the engine was not shown: its codes would speak of another
            yield replace(line, results={**line.results, **saying}, adjustments=())
