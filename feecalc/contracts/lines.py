"""Lines prepared for a contract's terms: their codes, charges, fixed amounts and Medicare allowed amounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.contracts.amounts import NONE, FixedAmounts
from feecalc.contracts.codes import code_keys
from feecalc.files.cells import MODIFIERS
from feecalc.pricing.arrays import Flags, Integers

_MOST_MATCHED = 8  # tables whose lines are kept
NOTHING, FIXED, CHARGE = range(3)


@dataclass(frozen=True)
class MatchedLines:
    """Lines with an amount in a table, and the table's row of each. Shape: [matched line]."""

    line: Integers
    row: Integers


@dataclass(frozen=True)
class CodedLines:
    """Lines with their codes as positions in ``distinct``. Shape of ``code``: [line]."""

    frame: pl.DataFrame
    distinct: pl.Series
    code: Integers
    _matched: dict[object, MatchedLines] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, frame: pl.DataFrame) -> CodedLines:
        """Return the lines of a frame with ``hcpcs`` and the other columns of claim or volume lines."""
        codes = frame["hcpcs"].cast(pl.String).fill_null("")
        distinct = codes.unique()
        code_type = pl.Enum(distinct)
        return cls(frame, distinct, codes.cast(code_type).to_physical().to_numpy())

    @cached_property
    def keys(self) -> Integers:
        """The key of each distinct code, -1 for a text that is not a code."""
        return self.distinct.to_frame("code").select(code_keys("code").fill_null(-1)).to_series().to_numpy()

    @cached_property
    def billing(self) -> pl.DataFrame:
        """The columns that fixed amounts are matched on: code, modifiers and place of service."""
        return self.frame.select("hcpcs", "place_of_service", *(set(MODIFIERS) & set(self.frame.columns)))

    def matched(self, table: FixedAmounts, component: frozenset[str]) -> MatchedLines:
        """Return the lines that have a row in a table (``FixedAmounts.match``); kept for tables with the same rows."""
        key = (table.keys, component)
        if key not in self._matched:
            if len(self._matched) >= _MOST_MATCHED:
                self._matched.pop(next(iter(self._matched)))
            is_listed = self.distinct.is_in(list(table.codes)).to_numpy()
            line = np.flatnonzero(is_listed[self.code])
            row = table.match(self.billing[line], component)
            is_matched = row != NONE
            self._matched[key] = MatchedLines(line[is_matched], row[is_matched])
        return self._matched[key]

    @cached_property
    def billed(self) -> Integers:
        """Billed charges; -1 where none is given. [cents]"""
        if "billed_amount" not in self.frame.columns:
            return np.full(self.frame.height, NONE, np.int64)
        cents = pl.col("billed_amount").cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64)
        return self.frame.select(cents.fill_null(NONE)).to_series().to_numpy()


@dataclass(frozen=True)
class AllowedAmounts:
    """Medicare's allowed amounts for lines, on the contract's basis. Shape of each: [line].

    ``cents`` is -1 where there is no amount. ``units`` are the units that a carve-out pays for, and the payer's own
    fee where the factors are not known.
    """

    cents: Integers
    status: pl.Series
    units: Integers | int = 1
    factors: pl.DataFrame | None = None  # factors on a payer's own fee, ``fee_table.FACTORS``; None: not known

    _treated: dict[date, Integers] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def is_priced(self) -> Flags:
        return (self.status == "priced").fill_null(False).to_numpy()

    @cached_property
    def unpriced_lines(self) -> Integers:
        """The numbers of the lines without a Medicare amount, in order."""
        return np.flatnonzero(~self.is_priced)

    def treatment(self, day: date) -> Integers:
        """Return what a contract may pay for each of ``unpriced_lines``: ``NOTHING``, ``FIXED`` or ``CHARGE``."""
        if day not in self._treated:
            self._treated[day] = treatments(self.status.gather(self.unpriced_lines), day)
        return self._treated[day]


@dataclass(frozen=True)
class PaidAmounts:
    """What the payer pays for each line. Shape of each: [line]; cents, -1 where it is not known."""

    cents: Integers
    before_charge: Integers  # before the charge ceiling
    basis: Integers  # number of the term that decided, in ``labels``
    labels: tuple[str, ...]


def treatments(status: pl.Series, day: date) -> Integers:
    """Return what a contract may pay for lines of some pricing statuses: ``NOTHING``, ``FIXED`` or ``CHARGE``.

    ``FIXED`` allows fixed amounts, ``CHARGE`` also the contract's percent of the charge.
    """
    numbers = {"fixed": FIXED, "charge": CHARGE}
    rows = reference.rows_on("payer_pricing_status", day)
    numbers_by_status = {row["pricing_status"]: numbers[row["pays"]] for row in rows}
    return status.cast(pl.String).replace_strict(numbers_by_status, default=NOTHING, return_dtype=pl.Int8).to_numpy()
