"""Offers compared over one practice: by code, gains and losses, and what each term that is not a rate costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from feecalc.contracts.contract import FILE_KEYS, Contract
from feecalc.contracts.fields import with_keys
from feecalc.contracts.practice import Practice
from feecalc.contracts.summary import Summary
from feecalc.contracts.terms import TERMS
from feecalc.money import money


@dataclass(frozen=True)
class Comparison:
    """Offers priced over a practice; the others are compared with the first."""

    summaries: tuple[Summary, ...]
    costs: (
        pl.DataFrame
    )  # payer, term, what, cost_amount: below 0 where the term brings money, null where a volume cannot tell. [USD]

    def offers(self) -> pl.DataFrame:
        """Return a row for each offer.

        Shape: payer, contract_amount, change_amount (from the first), effective_percent, lost_amount, unpaid_units.
        """
        rows: list[dict[str, Any]] = [{"payer": offer.contract.payer, **offer.totals} for offer in self.summaries]
        table = pl.DataFrame(rows, infer_schema_length=None)
        change = (pl.col("contract_amount") - pl.col("contract_amount").first()).alias("change_amount")
        names = ("payer", "contract_amount", "change_amount", "effective_percent", "lost_amount", "unpaid_units")
        return table.with_columns(change).select(names)

    def by(self, *keys: str) -> pl.DataFrame:
        """Return each offer's amount by some keys, and the change from the first offer to each other one. [USD]

        Shape: the keys, offer_1_amount, offer_2_amount, ..., change_2_amount, ... An amount is null where the offer has
        none for any of the lines. In a change it then counts as 0, so that the changes add up to those of ``offers``;
        a change is null where neither offer has an amount.
        """
        table: pl.DataFrame | None = None
        for number, offer in enumerate(self.summaries, 1):
            sums = offer.codes.group_by(keys, maintain_order=True).agg(
                _sum_of_known("contract_amount").alias(f"offer_{number}_amount")
            )
            table = sums if table is None else table.join(sums, on=list(keys), how="left", maintain_order="left")
        assert table is not None
        return table.with_columns(
            _change(pl.col("offer_1_amount"), pl.col(f"offer_{number}_amount")).alias(f"change_{number}_amount")
            for number in range(2, len(self.summaries) + 1)
        )

    def winners_and_losers(self, offer: int = 2) -> pl.DataFrame:
        """Return the codes whose amount an offer (numbered from 1) changes, the largest gain first. [USD]"""
        name = f"change_{offer}_amount"
        kept = ("hcpcs", "modifier", "offer_1_amount", f"offer_{offer}_amount", name)
        return self.by("hcpcs", "modifier").select(kept).filter(pl.col(name) != 0).sort(name, descending=True)


def compare(contracts: Sequence[Contract], practice: Practice) -> Comparison:
    """Price each offer, and again with each term that is not a rate replaced by Medicare's. Raises as pricing does."""
    summaries = tuple(Summary(contract, practice.codes(contract)) for contract in contracts)
    rows = []
    for number, summary in enumerate(summaries, 1):
        for variant in terms_as_medicare(summary.contract):
            is_known = practice.is_by_session or not variant.needs_sessions
            cost = _total(practice.codes(variant.contract)) - _total(summary.codes) if is_known else None
            rows.append((number, summary.contract.payer, variant.key, variant.words, cost))
    names = {"offer": pl.Int64, "payer": pl.String, "term": pl.String, "what": pl.String, "cost": pl.Int64}
    costs = pl.DataFrame(rows, schema=names, orient="row")
    return Comparison(summaries, costs.with_columns(money(pl.col("cost")).alias("cost_amount")).drop("cost"))


@dataclass(frozen=True)
class MedicareVariant:
    """A contract with one term replaced by Medicare's: the key in the file, the term in words, and whether only claims,
    which have sessions, show what it costs."""

    key: str
    words: str
    needs_sessions: bool
    contract: Contract


def terms_as_medicare(contract: Contract) -> list[MedicareVariant]:
    """Return variants of a contract: each with one term, not a rate and not as Medicare's, replaced by Medicare's.

    Two exceptions: the charge ceiling is dropped, so that its cost shows, and a fixed year becomes the year of service.
    """
    variants = []
    for term in TERMS:
        keys = term.keys_matching_medicare(term.keys_of(contract))
        if term.compared is None or keys is None:
            continue
        key, words = term.compared
        name = f"{term.table}.{key}" if term.table else key
        variants.append(MedicareVariant(name, words, term.needs_sessions, with_keys(contract, term.table, keys)))
    return sorted(variants, key=lambda variant: ("." in variant.key, FILE_KEYS.index(variant.key)))


def _sum_of_known(column: str) -> pl.Expr:
    amount = pl.col(column)
    return pl.when(amount.is_not_null().any()).then(amount.sum()).cast(pl.Decimal(18, 2))


def _change(first: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Return the change from one amount to another; null where both are null."""
    known = first.is_not_null() | other.is_not_null()
    return pl.when(known).then(other.fill_null(0) - first.fill_null(0)).cast(pl.Decimal(18, 2))


def _total(codes: pl.DataFrame) -> int:
    cents = pl.col("contract_amount").cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64).sum()
    return int(codes.select(cents).item())
