"""Offers side by side over one practice: by code, who wins and loses, and what the terms that are not a rate cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from feecalc.contracts.contract import CURRENT, LINE, NO, OWN, Contract
from feecalc.contracts.practice import Practice
from feecalc.contracts.summary import Summary
from feecalc.money import money

# What a term says that is not a rate, and how it reads in a report.
_TERMS = {
    "lesser_of_billed": "pays no more than the charge",
    "basis.year": "percents of a year that is not the day's own",
    "basis.locality": "one locality for all lines",
    "rules.multiple_procedure": "its own percents for several procedures",
    "rules.bilateral": "its own percent for both sides",
    "rules.assistant": "its own percent for an assistant at surgery",
    "rules.practitioner_percent": "no percent for nurse practitioners and others",
    "rules.site_of_service": "office amounts in every setting",
    "rules.sequestration": "sequestration is passed on",
}
_SEVERAL = "rules.multiple_procedure"  # not known from a volume, which has no sessions


@dataclass(frozen=True)
class Comparison:
    """Offers over a practice, the first the one that the others are held against."""

    summaries: tuple[Summary, ...]
    costs: (
        pl.DataFrame
    )  # payer, term, what, cost_amount: below 0 where the term brings money, null where a volume cannot tell. [USD]

    def offers(self) -> pl.DataFrame:
        """payer, contract_amount, change_amount (from the first), effective_percent, lost_amount, unpaid_units."""
        rows: list[dict[str, Any]] = [{"payer": each.contract.payer, **each.totals} for each in self.summaries]
        table = pl.DataFrame(rows, infer_schema_length=None)
        change = (pl.col("contract_amount") - pl.col("contract_amount").first()).alias("change_amount")
        names = ("payer", "contract_amount", "change_amount", "effective_percent", "lost_amount", "unpaid_units")
        return table.with_columns(change).select(names)

    def by(self, *keys: str) -> pl.DataFrame:
        """keys, then for each offer its amount (1, 2, ...) and for the others the change from the first. [USD]

        An amount is null where the offer has none for any of the lines. The changes add up to those of ``offers``, so
        there an offer without an amount counts as nothing; null where neither has one.
        """
        found: pl.DataFrame | None = None
        for number, each in enumerate(self.summaries, 1):
            sums = each.codes.group_by(keys, maintain_order=True).agg(
                _sum_of_known("contract_amount").alias(f"offer_{number}_amount")
            )
            found = sums if found is None else found.join(sums, on=list(keys), how="left", maintain_order="left")
        assert found is not None
        return found.with_columns(
            _change(pl.col("offer_1_amount"), pl.col(f"offer_{each}_amount")).alias(f"change_{each}_amount")
            for each in range(2, len(self.summaries) + 1)
        )

    def winners_and_losers(self, offer: int = 2) -> pl.DataFrame:
        """Codes by what an offer (from 1) changes for them, gains first. [USD]"""
        name = f"change_{offer}_amount"
        kept = ("hcpcs", "modifier", "offer_1_amount", f"offer_{offer}_amount", name)
        return self.by("hcpcs", "modifier").select(kept).filter(pl.col(name) != 0).sort(name, descending=True)


def compare(contracts: Sequence[Contract], practice: Practice) -> Comparison:
    """Price each offer, and each of its terms that is not a rate as Medicare would have it. Errors as pricing does."""
    summaries = tuple(Summary(each, practice.codes(each)) for each in contracts)
    rows = []
    for number, summary in enumerate(summaries, 1):
        for term, without in terms_as_medicare(summary.contract):
            known = practice.is_by_session or term != _SEVERAL
            cost = _total(practice.codes(without)) - _total(summary.codes) if known else None
            rows.append((number, summary.contract.payer, term, _TERMS[term], cost))
    names = {"offer": pl.Int64, "payer": pl.String, "term": pl.String, "what": pl.String, "cost": pl.Int64}
    costs = pl.DataFrame(rows, schema=names, orient="row")
    return Comparison(summaries, costs.with_columns(money(pl.col("cost")).alias("cost_amount")).drop("cost"))


def terms_as_medicare(contract: Contract) -> list[tuple[str, Contract]]:
    """The contract with each term that is not a rate, and is not Medicare's, put as Medicare has it.

    The lower of the charge is left out, so that what it costs is seen, and a fixed year becomes the day's own.
    """
    filled, rules = contract.filled(), contract.rules
    found: list[tuple[str, dict[str, Any]]] = []
    if (contract.lesser_of_billed or LINE) != NO:
        found.append(("lesser_of_billed", {"lesser_of_billed": NO}))
    if filled.basis.year != CURRENT:
        found.append(("basis.year", {"basis": contract.basis.model_copy(update={"year": CURRENT, "release": None})}))
    if filled.basis.locality != OWN:
        found.append(("basis.locality", {"basis": contract.basis.model_copy(update={"locality": OWN})}))
    others = {
        "multiple_procedure": rules.multiple_procedure not in (None, "medicare"),
        "bilateral": rules.bilateral is not None,
        "assistant": rules.assistant is not None,
        "practitioner_percent": rules.practitioner_percent is False,
        "site_of_service": rules.site_of_service is False,
        "sequestration": rules.sequestration is True,
    }
    found += [
        (f"rules.{name}", {"rules": rules.model_copy(update={name: None})})
        for name, differs in others.items()
        if differs
    ]
    return [(term, contract.model_copy(update=update)) for term, update in found]


def _sum_of_known(column: str) -> pl.Expr:
    amount = pl.col(column)
    return pl.when(amount.is_not_null().any()).then(amount.sum()).cast(pl.Decimal(18, 2))


def _change(first: pl.Expr, other: pl.Expr) -> pl.Expr:
    """From one amount to another; null where there is neither."""
    known = first.is_not_null() | other.is_not_null()
    return pl.when(known).then(other.fill_null(0) - first.fill_null(0)).cast(pl.Decimal(18, 2))


def _total(codes: pl.DataFrame) -> int:
    cents = pl.col("contract_amount").cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64).sum()
    return int(codes.select(cents).item())
