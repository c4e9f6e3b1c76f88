"""The tables of a release as arrays of integers: what prices many rows at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from feecalc.money import INDEX_PLACES, RVU_PLACES, scaled
from feecalc.pricing.rules.work_gpci_floor import Floor, Unfloored, work_indices

Integers = NDArray[Any]  # whole numbers; how wide they are is each array's own affair
Flags = NDArray[np.bool_]


def whole_column(column: pl.Series, places: int) -> Integers:
    """Return a decimal column without nulls as integers of ``10**-places``. Shape: [row]."""
    return scaled(column, places).to_numpy()


_KINDS = {"bool": pl.Boolean, "int8": pl.Int8, "int16": pl.Int16, "int32": pl.Int32, "int64": pl.Int64}
_FEW = 64


def series(values: Integers) -> pl.Series:
    """Return an array as a column of its kind.

    A few values go by way of a list: polars looks at an array with numpy.ma, and to import that takes a price at a
    prompt as long as all else the engine does.
    """
    if len(values) > _FEW:
        return pl.Series(values)
    return pl.Series(values.tolist(), dtype=_KINDS[values.dtype.name])


def taken(values: Integers, at: Integers) -> Integers:
    """Return ``values[at]``. One value that stands for all (``np.broadcast_to``) stays one, and takes no memory."""
    if len(values) and values.strides == (0,):
        return np.broadcast_to(values[0], len(at))
    return values[at]


@dataclass(frozen=True)
class RvuColumns:
    """Hold the relative values of rows as integers. [hundredths of an RVU]  Shape of each: [row]."""

    work: Integers
    pe_nonfacility: Integers
    pe_facility: Integers
    mp: Integers
    opps_pe_nonfacility: Integers
    opps_pe_facility: Integers
    opps_mp: Integers

    @classmethod
    def of(cls, rvu: pl.DataFrame) -> RvuColumns:
        """Return the columns of a relative value table."""
        names = (
            "work_rvu", "pe_rvu_nonfacility", "pe_rvu_facility", "mp_rvu",
            "opps_pe_rvu_nonfacility", "opps_pe_rvu_facility", "opps_mp_rvu",
        )  # fmt: skip
        return cls(*(whole_column(rvu[name], RVU_PLACES) for name in names))

    def rows(self, chosen: Integers | slice) -> RvuColumns:
        """Return the chosen rows."""
        return RvuColumns(
            self.work[chosen],
            self.pe_nonfacility[chosen],
            self.pe_facility[chosen],
            self.mp[chosen],
            self.opps_pe_nonfacility[chosen],
            self.opps_pe_facility[chosen],
            self.opps_mp[chosen],
        )


@dataclass(frozen=True)
class Indices:
    """Hold the indices of localities as integers. [thousandths]  Shape of each: [locality]."""

    work: Integers
    pe: Integers
    mp: Integers

    @classmethod
    def of(cls, gpci: pl.DataFrame, day: date, floor: Floor, unfloored: Unfloored | None = None) -> Indices:
        """Return the indices of the rows of a GPCI table. Raises InvalidValue, see ``work_indices``."""
        return cls(
            work_indices(gpci, day, floor=floor, unfloored=unfloored).to_numpy(),
            whole_column(gpci["pe_gpci"], INDEX_PLACES),
            whole_column(gpci["mp_gpci"], INDEX_PLACES),
        )


@dataclass(frozen=True)
class RvuArrays:
    """Hold a relative value table's columns, and what the rules say of its rows on a day. Shape of each: [row]."""

    rvu: pl.DataFrame
    _found: dict[tuple[Callable[[date], pl.Expr], date], Flags] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def columns(self) -> RvuColumns:
        return RvuColumns.of(self.rvu)

    @cached_property
    def has_rvus(self) -> Flags:
        """Return whether a row has relative values at all."""
        columns = self.columns
        return (columns.work + columns.pe_nonfacility + columns.pe_facility + columns.mp) > 0

    def rows_where(self, rule: Callable[[date], pl.Expr], day: date) -> Flags:
        """Mark the rows for which a rule holds on a day. ``rule`` gives an expression of the table's columns."""
        if (rule, day) not in self._found:
            self._found[rule, day] = self.rvu.select(rule(day).alias("found"))["found"].to_numpy()
        return self._found[rule, day]
