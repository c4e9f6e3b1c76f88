"""Lines with the payer's allowed amounts as integer arrays, from which a contract is inferred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl

from feecalc.contracts.amounts import component_modifiers
from feecalc.contracts.terms.sequestration import cut_on
from feecalc.files.cells import MODIFIERS
from feecalc.pricing.arrays import Flags, Integers

NOT_GIVEN = -1
_MOST_OF_A_SERVICE = 5  # lines of one service count no further: a hundred visits at one price are one fact, not many
_SERVICE = ("hcpcs", *MODIFIERS, "place_of_service", "mac", "locality", "units")
_CLAIM = ("beneficiary_id", "claim_id")


@dataclass(frozen=True)
class Evidence:
    """Lines that a payer paid, as arrays. Shape of each array: [line]."""

    paid: Integers  # allowed by the payer [cents]
    billed: Integers  # [cents], -1 where no charge is given
    units: Integers
    weight: Integers  # of a line in a score
    service: Integers  # number of the line's service
    fee: Integers  # number of its code and units
    claim: Integers  # number of its claim
    cut: Integers  # sequestration on its day [10^-4 of a percent]
    code: Integers  # number of its code in ``codes``
    category: Integers  # number of its category in ``categories``
    codes: tuple[tuple[str, str], ...]  # code, and the modifier of a component or ""
    categories: tuple[str, ...]

    @classmethod
    def of(cls, lines: pl.DataFrame) -> Evidence:
        """Return the evidence of lines.

        Columns: hcpcs, modifiers, place_of_service, mac, locality, units, billed_amount, category, and
        ``payer_amount``, what the payer allowed for the line. [USD]
        """
        keys = [name for name in _SERVICE if name in lines.columns]
        claims = [name for name in _CLAIM if name in lines.columns]
        billed = cents("billed_amount") if "billed_amount" in lines.columns else pl.lit(NOT_GIVEN)
        numbered = lines.select(
            cents("payer_amount").alias("paid"),
            billed.cast(pl.Int64).alias("billed"),
            pl.col("units").cast(pl.Int64).fill_null(1).alias("units"),
            (pl.struct(keys).rank("dense") - 1).cast(pl.Int64).alias("service"),
            pl.struct("hcpcs", "units").rank("dense").cast(pl.Int64).alias("fee"),
            ((pl.struct(claims).rank("dense") - 1) if claims else pl.int_range(pl.len())).cast(pl.Int64).alias("claim"),
            pl.col("hcpcs").cast(pl.String).fill_null("").alias("hcpcs"),
            _component(lines).alias("component"),
            pl.col("category").fill_null("").alias("category"),
            pl.len().over(keys).alias("same"),
        )
        codes = numbered.select("hcpcs", "component").unique().sort("hcpcs", "component")
        code_numbers = numbered.join(
            codes.with_row_index("code"), on=["hcpcs", "component"], how="left", maintain_order="left"
        )
        names = numbered["category"].unique().sort().to_list()
        category_number = {name: position for position, name in enumerate(names)}
        same_service = numbered["same"].to_numpy().astype(np.float64)
        arrays = {name: numbered[name].to_numpy() for name in ("paid", "billed", "units", "service", "fee", "claim")}
        return cls(
            **arrays,
            weight=np.minimum(same_service, _MOST_OF_A_SERVICE) / same_service,
            cut=_cut(lines),
            code=code_numbers["code"].cast(pl.Int64).to_numpy(),
            category=numbered["category"].replace_strict(category_number, return_dtype=pl.Int64).to_numpy()
            if names
            else np.zeros(0, np.int64),
            codes=tuple(codes.iter_rows()),
            categories=tuple(names),
        )

    def rows(self, at: Integers) -> Evidence:
        """Return the evidence of some of the lines."""
        columns = {column.name: getattr(self, column.name) for column in fields(self)}
        arrays = {name: values[at] for name, values in columns.items() if isinstance(values, np.ndarray)}
        return replace(self, **arrays)  # type: ignore[arg-type]  # the two tuples are not arrays, and stay

    def without_codes(self, codes: Sequence[int]) -> Evidence:
        """Return the evidence with lines of some codes at weight 0."""
        return replace(self, weight=np.where(np.isin(self.code, list(codes)), 0.0, self.weight))

    def services(self, lines: Flags) -> int:
        """Return the number of different services among some of the lines."""
        return len(np.unique(self.service[lines]))

    def by_code(self, values: Integers | Flags) -> Integers:
        """Return sums over the lines of each code. Shape: [code]."""
        return np.bincount(self.code, values, len(self.codes))


def cents(column: str) -> pl.Expr:
    """Return a column of dollars as cents; -1 for null. [Int64]"""
    amount_in_cents = pl.col(column).cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64)
    return amount_in_cents.fill_null(NOT_GIVEN)


def _component(lines: pl.DataFrame) -> pl.Expr:
    """Return the first modifier that makes a line a component of its service, or ""."""
    last_day = lines["date_of_service"].max() if "date_of_service" in lines.columns else None
    modifier_columns = [name for name in MODIFIERS if name in lines.columns]
    if last_day is None or not modifier_columns:
        return pl.lit("")
    component_list = list(component_modifiers(last_day))  # type: ignore[arg-type]  # a date column's greatest is a date
    texts = [pl.col(name).cast(pl.String) for name in modifier_columns]
    return pl.coalesce(*(pl.when(text.is_in(component_list)).then(text) for text in texts), pl.lit(""))


def _cut(lines: pl.DataFrame) -> Integers:
    if "date_of_service" not in lines.columns:
        return np.zeros(lines.height, np.int64)
    days = lines["date_of_service"]
    rates = {day: cut_on(day) for day in days.drop_nulls().unique()}
    cuts: Integers = days.replace_strict(rates, default=0, return_dtype=pl.Int64).to_numpy()
    return cuts
