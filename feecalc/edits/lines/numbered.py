"""Claim lines as the edits count them: numbers in an order in which the lines of a group stand together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from feecalc.edits.lines.traits import MODIFIERS, TRAITS, traits
from feecalc.edits.ncci.spans import NO_DAY
from feecalc.edits.ncci.together import is_long, neighbours
from feecalc.pricing.arrays import Flags, Whole


@dataclass(frozen=True)
class Numbered:
    """Numbers of the lines; those of one group (patient, day, billing provider) stand together.

    Shape of each: [line]. ``row``: the line's place in ``frame``.
    """

    frame: pl.DataFrame
    row: Whole
    group: Whole  # never decreasing
    day: Whole  # since 1970; NO_DAY where missing
    units: Whole  # 0 where missing
    in_order: bool = False  # whether the lines are as in ``frame``

    @classmethod
    def of(cls, frame: pl.DataFrame, group: Whole, order: Whole | None) -> Numbered:
        """``group``: in ``order`` (None: as the lines are)."""
        day = frame["date_of_service"].to_physical().fill_null(NO_DAY).to_numpy()
        units = frame["units"].cast(pl.Int64, strict=False).fill_null(0).to_numpy()
        if order is None:
            return cls(frame, np.arange(frame.height), group, day, units, True)
        return cls(frame, order, group, day[order], units[order])

    @classmethod
    def of_prepared(cls, lines: pl.DataFrame) -> Numbered:
        """From lines that carry the number of their ``group``, in any order."""
        group = lines["group"].to_numpy()
        order = np.argsort(group, kind="stable") if (group[1:] < group[:-1]).any() else None
        return cls.of(lines, group if order is None else group[order], order)

    def codes(self, kind: pl.Enum) -> Whole:
        """The number of each line's code in a list of codes; -1 for one that is not there."""
        number = self.frame["hcpcs"].cast(kind, strict=False).to_physical().cast(pl.Int32).fill_null(-1).to_numpy()
        return number if self.in_order else number[self.row]

    def dated(self) -> Flags:
        found: Flags = self.day != NO_DAY
        return found

    @cached_property
    def beside(self) -> list[tuple[Whole, Whole]] | None:
        """Every two lines of a group, the former first, as positions, a part at a time; None where a group is long."""
        return None if is_long(self.group) else list(neighbours(self.group))

    @cached_property
    def _traits(self) -> Whole:
        """Of the lines of ``frame``, in its order."""
        given = self.frame[TRAITS] if TRAITS in self.frame.columns else traits(self.frame)
        return given.to_numpy()

    @property
    def all_traits(self) -> Whole:
        """What the modifiers of each line mean, as bits. Shape: [line]."""
        return self._traits if self.in_order else self._traits[self.row]

    def traits(self, at: Whole) -> Whole:
        """What the modifiers of the lines at some positions mean, as bits."""
        found: Whole = self._traits[self.row[at]]
        return found

    def some(self, at: Whole) -> pl.DataFrame:
        """Modifiers and their traits of the lines at some positions."""
        rows, has = self.row[at], self.frame.columns
        blank = pl.Series([""]).new_from_index(0, len(at))
        given = {name: self.frame[name][rows].fill_null("") if name in has else blank for name in MODIFIERS}
        return pl.DataFrame({**given, TRAITS: self.traits(at)})
