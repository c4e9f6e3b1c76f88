"""What anesthesia's rule looks at: base units, time units, the factor of a locality, the shares of modifiers.

Source: reference/anesthesia_service.toml, and the release's base units and anesthesia factors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from feecalc.money import FACTOR_PLACES, scaled
from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.eras.rows import NONE, Rows
from feecalc.pricing.release_tables import ANESTHESIA_FACTOR, QP_ANESTHESIA_FACTOR


@dataclass(frozen=True)
class Anesthesia:
    """Tables of anesthesia's rule. Shape of each: [row], or [modifier + 1] where it says so."""

    rows: Rows

    @cached_property
    def base_tenths(self) -> Whole:
        """Base units of each row, in tenths; -1 where none are loaded."""
        tables = self.rows.tables
        if tables.base_units is None:
            return np.full(self.rows.rvu.height, NONE)
        units = dict(tables.base_units.select("hcpcs", pl.col("base_units").cast(pl.Int64) * 10).iter_rows())
        return self.rows.by("hcpcs", units, NONE)

    @cached_property
    def takes_no_time(self) -> Flags:
        rows = self.rows.book.rows("anesthesia_service", kind="no_time_code")
        return self.rows.have("hcpcs", *(row["hcpcs"] for row in rows))

    @cached_property
    def minutes_per_unit(self) -> int:
        return int(self.rows.book.row("anesthesia_service", kind="time_unit")["value"])

    @cached_property
    def rates(self) -> Whole:
        """What part each modifier pays of the fee. Shape: [modifier + 1], the whole where it says nothing."""
        words = self.rows.words.modifiers
        rates = np.full(len(words.listed) + 1, percent.WHOLE)
        for row in self.rows.book.rows("anesthesia_service", kind="modifier"):
            rates[words.at[row["modifier"]]] = percent.rate(row["value"])
        return rates

    @cached_property
    def supervised_tenths(self) -> Whole:
        """Units in tenths that a modifier puts in place of base and time, -1 elsewhere. Shape: [modifier + 1]."""
        return self._supervision("base", NONE)

    @cached_property
    def induction_tenths(self) -> Whole:
        """Units in tenths that presence at induction adds to those, 0 elsewhere. Shape: [modifier + 1]."""
        return self._supervision("induction", 0)

    def _supervision(self, part: str, default: int) -> Whole:
        words = self.rows.words.modifiers
        found = np.full(len(words.listed) + 1, default)
        for row in self.rows.book.rows("anesthesia_service", kind="medical_supervision", part=part):
            found[words.at[row["modifier"]]] = int(row["value"]) * 10
        return found

    @cached_property
    def is_modifier(self) -> Flags:
        """Whether the rule knows each modifier. Shape: [modifier + 1]."""
        listed = {row["modifier"] for row in self.rows.book.rows("anesthesia_service") if "modifier" in row}
        return np.array([word in listed for word in self.rows.words.modifiers.listed] + [False])

    @cached_property
    def factors(self) -> Whole:
        """The anesthesia factor of each locality. Shape: [locality]. [ten-thousandths; -1 where there is none]"""
        return self._factors(ANESTHESIA_FACTOR)

    @cached_property
    def qp_factors(self) -> Whole:
        """The same of QPs: the nation has one, a locality has none."""
        return self._factors(QP_ANESTHESIA_FACTOR)

    def _factors(self, column: str) -> Whole:
        tables = self.rows.tables
        if tables.anesthesia is None or column not in tables.anesthesia.columns:
            return np.full(tables.localities.height, NONE)
        joined = tables.localities.select("mac", "locality").join(
            tables.anesthesia.select("mac", "locality", column), on=["mac", "locality"], how="left"
        )
        return scaled(joined[column], FACTOR_PLACES).fill_null(NONE).to_numpy()
