"""Lines as the terms of a contract see them: their codes, charges and fixed amounts, and what Medicare allows."""

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
class Matched:
    """Lines with an amount in a table, and the row of each. Shape: [found]."""

    line: Integers
    row: Integers


@dataclass(frozen=True)
class Coded:
    """Lines with their codes as numbers of the distinct ones. Shape of ``code``: [line]."""

    frame: pl.DataFrame
    distinct: pl.Series
    code: Integers
    _matched: dict[object, Matched] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Coded:
        codes = frame["hcpcs"].cast(pl.String).fill_null("")
        distinct = codes.unique()
        kind = pl.Enum(distinct)
        return cls(frame, distinct, codes.cast(kind).to_physical().to_numpy())

    @cached_property
    def keys(self) -> Integers:
        """The key of each distinct code, -1 for what is no code."""
        return self.distinct.to_frame("code").select(code_keys("code").fill_null(-1)).to_series().to_numpy()

    @cached_property
    def billing(self) -> pl.DataFrame:
        """What fixed amounts are found by: code, modifiers and place."""
        return self.frame.select("hcpcs", "place_of_service", *(set(MODIFIERS) & set(self.frame.columns)))

    def matched(self, table: FixedAmounts, component: frozenset[str]) -> Matched:
        """Return the lines that a table has an amount for, as ``FixedAmounts.match`` finds them, for any amounts."""
        key = (table.keys, component)
        if key not in self._matched:
            if len(self._matched) >= _MOST_MATCHED:
                self._matched.pop(next(iter(self._matched)))
            has = self.distinct.is_in(list(table.codes)).to_numpy()
            line = np.flatnonzero(has[self.code])
            row = table.match(self.billing[line], component)
            found = row != NONE
            self._matched[key] = Matched(line[found], row[found])
        return self._matched[key]

    @cached_property
    def billed(self) -> Integers:
        """Charges; -1 where none is given. [cents]"""
        if "billed_amount" not in self.frame.columns:
            return np.full(self.frame.height, NONE, np.int64)
        cents = pl.col("billed_amount").cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64)
        return self.frame.select(cents.fill_null(NONE)).to_series().to_numpy()


@dataclass(frozen=True)
class Allowed:
    """What Medicare's rules make of lines, on the contract's basis. Shape of each: [line].

    ``cents`` is -1 where there is no amount. ``units`` are those a carve-out is paid for, and a fee of the payer's own
    where the factors are not known.
    """

    cents: Integers
    status: pl.Series
    units: Integers | int = 1
    factors: pl.DataFrame | None = None  # what a payer's own fee is taken times, ``fee_table.FACTORS``; None: not known

    _treated: dict[date, Integers] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def is_priced(self) -> Flags:
        return (self.status == "priced").fill_null(False).to_numpy()

    @cached_property
    def out(self) -> Integers:
        """The lines without a Medicare amount, in order."""
        return np.flatnonzero(~self.is_priced)

    def treatment(self, day: date) -> Integers:
        """Return what a contract may pay for each of the lines ``out``."""
        if day not in self._treated:
            self._treated[day] = treatments(self.status.gather(self.out), day)
        return self._treated[day]


@dataclass(frozen=True)
class Paid:
    """What the payer pays. Shape of each: [line]; cents, -1 where it is not known."""

    cents: Integers
    before_charge: Integers  # before the lower of the charge
    basis: Integers  # number of the term that decided, in ``labels``
    labels: tuple[str, ...]


def treatments(status: pl.Series, day: date) -> Integers:
    """Return what a contract may pay for lines of these statuses: nothing, fixed amounts, or its clause as well."""
    numbers = {"fixed": FIXED, "charge": CHARGE}
    rows = reference.rows_on("payer_pricing_status", day)
    known = {row["pricing_status"]: numbers[row["pays"]] for row in rows}
    return status.cast(pl.String).replace_strict(known, default=NOTHING, return_dtype=pl.Int8).to_numpy()
