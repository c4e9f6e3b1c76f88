"""The fee schedule formula over the lines of a batch, by the release of an era."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from feecalc.pricing import formula
from feecalc.pricing.arrays import Flags, Indices, Integers
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.eras.rows import NONE, Rows
from feecalc.pricing.rules.conversion_factor import conversion_factor, has_qp_track
from feecalc.pricing.rules.work_gpci_floor import work_gpci_floor


@dataclass(frozen=True)
class Amounts:
    """Price lines by the formula: by row, locality, facility or not, and conversion factor. [cents]"""

    rows: Rows
    gpci_floor: bool
    own_factors: tuple[int, int] | None = None  # in place of Medicare's

    @cached_property
    def indices(self) -> Indices:
        day, tables = self.rows.book.day, self.rows.tables
        floor = work_gpci_floor(day, wanted=self.gpci_floor)
        return Indices.of(tables.localities, day, floor, tables.unfloored)

    @cached_property
    def locality_at(self) -> Integers:
        """Return the locality of each MAC and number. Shape: [mac + 1, number + 1], -1 where there is none."""
        macs, numbers = self.rows.words.macs, self.rows.words.numbers
        found = np.full((len(macs.listed) + 1, len(numbers.listed) + 1), NONE, np.intp)
        keys = self.rows.tables.localities.select("mac", "locality").iter_rows()
        for position, (mac, number) in enumerate(keys):
            found[macs.at[mac], numbers.at[number]] = position
        return found

    @cached_property
    def has_qp_track(self) -> bool:
        return has_qp_track(self.rows.book.day)

    @cached_property
    def factors(self) -> tuple[int, int]:
        """Return the conversion factor of everybody else and of QPs. [ten-thousandths]"""
        if self.own_factors is not None:
            return self.own_factors
        day = self.rows.book.day
        other = conversion_factor(day).scaled
        return other, conversion_factor(day, qp=True).scaled if self.has_qp_track else other

    @cached_property
    def _practice_expense(self) -> tuple[Integers, Integers]:
        """Return practice expense RVUs, of the fee and used for OPPS. Shape of each: [setting x row]."""
        columns = self.rows.arrays.columns
        return (
            np.concatenate([columns.pe_nonfacility, columns.pe_facility]),
            np.concatenate([columns.opps_pe_nonfacility, columns.opps_pe_facility]),
        )

    def _in_setting(self, rows: Integers, facility: Flags) -> Integers:
        """Return the position of each row in its setting, in tables of ``_practice_expense``."""
        found: Integers = rows + self.rows.rvu.height * facility
        return found

    def practice_expense(self, rows: Integers, facility: Flags) -> Integers:
        """Return practice expense RVUs in the setting. [hundredths]"""
        found: Integers = self._practice_expense[0][self._in_setting(rows, facility)]
        return found

    def fees(self, rows: Integers, localities: Integers, facility: Flags, factors: Integers) -> Integers:
        """Return fee schedule amounts, uncapped."""
        columns, indices = self.rows.arrays.columns, self.indices
        adjusted = formula.adjusted_rvus(
            columns.work[rows],
            indices.work[localities],
            self.practice_expense(rows, facility),
            indices.pe[localities],
            columns.mp[rows],
            indices.mp[localities],
        )
        cents: Integers = formula.cents(adjusted, factors)
        return cents

    def fees_with_reduced_practice_expense(
        self, rows: Integers, localities: Integers, facility: Flags, factors: Integers, rate: int
    ) -> Integers:
        """Return fees, practice expense at a rate inside the formula, rounded once. ``rate``: in ten-thousandths."""
        columns, indices = self.rows.arrays.columns, self.indices
        adjusted = (
            percent.WHOLE * columns.work[rows] * indices.work[localities]
            + rate * self.practice_expense(rows, facility) * indices.pe[localities]
            + percent.WHOLE * columns.mp[rows] * indices.mp[localities]
        )
        unit = formula.UNITS_PER_CENT * percent.WHOLE
        cents: Integers = (adjusted * factors + unit // 2) // unit
        return cents

    def ceilings(self, rows: Integers, localities: Integers, facility: Flags, factors: Integers) -> Integers:
        """Return amounts from the used-for-OPPS columns."""
        columns, indices = self.rows.arrays.columns, self.indices
        pe = self._practice_expense[1][self._in_setting(rows, facility)]
        adjusted = formula.adjusted_rvus(
            columns.work[rows], indices.work[localities], pe, indices.pe[localities],
            columns.opps_mp[rows], indices.mp[localities],
        )  # fmt: skip
        cents: Integers = formula.cents(adjusted, factors)
        return cents
