"""Offers side by side over one practice: by code, who wins and loses, and what the terms that are not a rate cost."""

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
    """Offers over a practice, the first the one that the others are compared with."""

    summaries: tuple[Summary, ...]
    costs: (
        pl.DataFrame
    )  # payer, term, what, cost_amount: below 0 where the term brings money, null where a volume cannot tell. [USD]

    def offers(self) -> pl.DataFrame:
        """Return the offers.

        Shape: payer, contract_amount, change_amount (from the first), effective_percent, lost_amount, unpaid_units.
        """
        rows: list[dict[str, Any]] = [{"payer": offer.contract.payer, **offer.totals} for offer in self.summaries]
        table = pl.DataFrame(rows, infer_schema_length=None)
        change = (pl.col("contract_amount") - pl.col("contract_amount").first()).alias("change_amount")
        names = ("payer", "contract_amount", "change_amount", "effective_percent", "lost_amount", "unpaid_units")
        return table.with_columns(change).select(names)

    def by(self, *keys: str) -> pl.DataFrame:
        """Return the keys, then each offer's amount (1, 2, ...), and for the others the change from the first. [USD]

        An amount is null where the offer has none for any of the lines. The changes add up to those of ``offers``, so
        there an offer without an amount counts as nothing; null where neither has one.
        """
        found: pl.DataFrame | None = None
        for number, offer in enumerate(self.summaries, 1):
            sums = offer.codes.group_by(keys, maintain_order=True).agg(
                _sum_of_known("contract_amount").alias(f"offer_{number}_amount")
            )
            found = sums if found is None else found.join(sums, on=list(keys), how="left", maintain_order="left")
        assert found is not None
        return found.with_columns(
            _change(pl.col("offer_1_amount"), pl.col(f"offer_{number}_amount")).alias(f"change_{number}_amount")
            for number in range(2, len(self.summaries) + 1)
        )

    def winners_and_losers(self, offer: int = 2) -> pl.DataFrame:
        """Return codes by what an offer (from 1) changes for them, gains first. [USD]"""
        name = f"change_{offer}_amount"
        kept = ("hcpcs", "modifier", "offer_1_amount", f"offer_{offer}_amount", name)
        return self.by("hcpcs", "modifier").select(kept).filter(pl.col(name) != 0).sort(name, descending=True)


def compare(contracts: Sequence[Contract], practice: Practice) -> Comparison:
    """Price each offer, and each of its terms that is not a rate as Medicare would have it. Errors as pricing does."""
    summaries = tuple(Summary(contract, practice.codes(contract)) for contract in contracts)
    rows = []
    for number, summary in enumerate(summaries, 1):
        for other in terms_as_medicare(summary.contract):
            is_known = practice.is_by_session or not other.needs_sessions
            cost = _total(practice.codes(other.contract)) - _total(summary.codes) if is_known else None
            rows.append((number, summary.contract.payer, other.key, other.words, cost))
    names = {"offer": pl.Int64, "payer": pl.String, "term": pl.String, "what": pl.String, "cost": pl.Int64}
    costs = pl.DataFrame(rows, schema=names, orient="row")
    return Comparison(summaries, costs.with_columns(money(pl.col("cost")).alias("cost_amount")).drop("cost"))


@dataclass(frozen=True)
class AsMedicare:
    """A contract with one term put as Medicare has it: the key of the file, what the term is, and whether only claims,
    which have sessions, can tell what it costs."""

    key: str
    words: str
    needs_sessions: bool
    contract: Contract


def terms_as_medicare(contract: Contract) -> list[AsMedicare]:
    """Return the contract with each term that is not a rate, and is not Medicare's, put as Medicare has it.

    The lower of the charge is left out, so that what it costs is seen, and a fixed year becomes the day's own.
    """
    found = []
    for term in TERMS:
        keys = term.unlike_medicare(term.of(contract))
        if term.compared is None or keys is None:
            continue
        key, words = term.compared
        name = f"{term.table}.{key}" if term.table else key
        found.append(AsMedicare(name, words, term.needs_sessions, with_keys(contract, term.table, keys)))
    return sorted(found, key=lambda other: ("." in other.key, FILE_KEYS.index(other.key)))


def _sum_of_known(column: str) -> pl.Expr:
    amount = pl.col(column)
    return pl.when(amount.is_not_null().any()).then(amount.sum()).cast(pl.Decimal(18, 2))


def _change(first: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Return the change from one amount to another; null where there is neither."""
    known = first.is_not_null() | other.is_not_null()
    return pl.when(known).then(other.fill_null(0) - first.fill_null(0)).cast(pl.Decimal(18, 2))


def _total(codes: pl.DataFrame) -> int:
    cents = pl.col("contract_amount").cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64).sum()
    return int(codes.select(cents).item())
