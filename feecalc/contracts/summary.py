"""A contract's revenue in total, by category and by code, as a percent of Medicare; and charges that are too low."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from feecalc.contracts.contract import Contract
from feecalc.money import PERCENT_PLACES, rounded, rounded_to

_SUMS = (
    "billed_amount", "medicare_amount", "contract_amount", "contract_of_priced_amount", "medicare_of_priced_amount",
    "lost_amount",
)  # fmt: skip
_COUNTS = ("units", "unpaid_units", "below_units")
PERCENT = pl.Decimal(12, 2)


@dataclass(frozen=True)
class Summary:
    """A contract's sums over a practice. Shape of ``codes``: ``practice.KEYS`` and its sums; amounts in USD."""

    contract: Contract
    codes: pl.DataFrame

    @property
    def totals(self) -> dict[str, Any]:
        """Totals by name: units, unpaid_units, billed_amount, medicare_amount, contract_amount, lost_amount, ..."""
        row = _sums(self.codes).row(0, named=True)
        return {name: row[name] for name in row if not name.endswith("_of_priced_amount")}

    @property
    def effective_percent(self) -> Decimal | None:
        """The contract's revenue as a percent of current Medicare's, over lines that both price; two decimals."""
        percent: Decimal | None = _sums(self.codes)["effective_percent"][0]
        return percent

    def by_category(self) -> pl.DataFrame:
        """Return the sums by category, the greatest first."""
        return _sums(self.codes, "category").sort("contract_amount", descending=True, nulls_last=True)

    def by_code(self) -> pl.DataFrame:
        """Return the sums by code and modifiers, the greatest first; ``basis`` names the terms that decided."""
        sums = _sums(self.codes, "hcpcs", "modifier")
        terms = self.codes.group_by("hcpcs", "modifier").agg(
            pl.col("category").first(),
            pl.col("basis")
            .str.split(", ")
            .list.explode(keep_nulls=False, empty_as_null=False)
            .unique()
            .sort()
            .str.join(", "),
        )
        joined = sums.join(terms, on=["hcpcs", "modifier"], how="left", maintain_order="left")
        return joined.sort("contract_amount", "hcpcs", descending=[True, False], nulls_last=True)

    def low_charges(self) -> pl.DataFrame:
        """Return codes charged below what the contract allows, and the revenue lost, the largest loss first."""
        low = self.codes.filter(pl.col("below_units") > 0)
        return _sums(low, "hcpcs", "modifier", "setting").sort("lost_amount", descending=True)

    def unpaid(self) -> pl.DataFrame:
        """Return codes with units whose contract amount is not known; ``basis`` says why."""
        return self.codes.filter(pl.col("unpaid_units") > 0).select("hcpcs", "modifier", "unpaid_units", "basis")


def _sums(codes: pl.DataFrame, *keys: str) -> pl.DataFrame:
    sums = [
        pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name).cast(pl.Decimal(18, 2))
        for name in _SUMS
    ]
    counts = [pl.col(name).sum() for name in _COUNTS]
    table = codes.group_by(keys, maintain_order=True).agg(*counts, *sums) if keys else codes.select(*counts, *sums)
    return table.with_columns(effective("contract_of_priced_amount", "medicare_of_priced_amount")).drop(
        "contract_of_priced_amount", "medicare_of_priced_amount"
    )


def effective(paid: str, medicare: str) -> pl.Expr:
    """Return one column of dollars as a percent of another, two decimals, half up; null where the other is 0."""
    part, whole = (pl.col(name).cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int128) for name in (paid, medicare))
    hundredths = rounded(10_000 * part, whole)
    return pl.when(whole > 0).then(hundredths).reinterpret(dtype=PERCENT).alias("effective_percent")


def percent_of(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return one amount as a percent of another, two decimals, half up; None where the other is 0."""
    return rounded_to(100 * part / whole, PERCENT_PLACES) if whole else None
