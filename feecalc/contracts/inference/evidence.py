"""What a payer allowed, as whole numbers: the lines an inference learns from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Flags, Whole

NOT_GIVEN = -1
_MOST_OF_A_SERVICE = 5  # lines of one service count no further: a hundred visits at one price are one fact, not many
_SERVICE = (
    "hcpcs", "modifier_1", "modifier_2", "modifier_3", "modifier_4", "place_of_service", "mac", "locality", "units",
)  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """Lines that a payer allowed something for. Shape of each array: [line]."""

    paid: Whole  # allowed by the payer [cents]
    billed: Whole  # [cents], -1 where no charge is given
    weight: Whole  # what a line counts
    service: Whole  # number of the line's service
    fee: Whole  # number of its code and units
    category: Whole  # number of the line's category in ``categories``
    categories: tuple[str, ...]

    @classmethod
    def of(cls, lines: pl.DataFrame) -> Evidence:
        """From columns hcpcs, modifiers, place_of_service, mac, locality, units, billed_amount, category, and
        ``payer_amount``, what the payer allowed for the line. [USD]"""
        keys = [name for name in _SERVICE if name in lines.columns]
        billed = cents("billed_amount") if "billed_amount" in lines.columns else pl.lit(NOT_GIVEN)
        numbered = lines.select(
            cents("payer_amount").alias("paid"),
            billed.alias("billed"),
            (pl.struct(keys).rank("dense") - 1).cast(pl.Int64).alias("service"),
            pl.struct("hcpcs", "units").rank("dense").cast(pl.Int64).alias("fee"),
            pl.col("category").fill_null("").alias("category"),
            pl.len().over(keys).alias("same"),
        )
        names = numbered["category"].unique().sort().to_list()
        number = {name: position for position, name in enumerate(names)}
        same = numbered["same"].to_numpy().astype(np.float64)
        return cls(
            paid=numbered["paid"].to_numpy(),
            billed=numbered["billed"].to_numpy(),
            weight=np.minimum(same, _MOST_OF_A_SERVICE) / same,
            service=numbered["service"].to_numpy(),
            fee=numbered["fee"].to_numpy(),
            category=numbered["category"].replace_strict(number, return_dtype=pl.Int64).to_numpy()
            if names
            else np.zeros(0, np.int64),
            categories=tuple(names),
        )

    def rows(self, chosen: Whole) -> Evidence:
        """Some of the lines."""
        return replace(
            self,
            paid=self.paid[chosen],
            billed=self.billed[chosen],
            weight=self.weight[chosen],
            service=self.service[chosen],
            fee=self.fee[chosen],
            category=self.category[chosen],
        )

    @property
    def total(self) -> float:
        """All that the lines count."""
        return float(self.weight.sum())

    def services(self, lines: Flags) -> int:
        """How many different services are among some of the lines."""
        return len(np.unique(self.service[lines]))


def cents(column: str) -> pl.Expr:
    """Dollars as cents; -1 where there are none. [Int64]"""
    whole = pl.col(column).cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64)
    return whole.fill_null(NOT_GIVEN)
