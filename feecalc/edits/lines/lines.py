"""Claim lines as the edits read them: whole numbers, in an order in which the lines of a group stand together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from feecalc.edits.lines.codes import Codes
from feecalc.edits.lines.modifier_uses import MODIFIERS, bit, bits_of
from feecalc.edits.lines.spans import NO_DAY
from feecalc.edits.lines.together import is_long, pairs_of_group
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.columns import present
from feecalc.pricing.claims.eras import Eras
from feecalc.pricing.claims.grouping import Groups, groups


@dataclass(frozen=True)
class EditLines:
    """The lines of a batch; those of one group (patient, day, billing provider) stand together.

    ``row``: the line's place in ``frame``, the batch in its own order. Shape of the arrays: [line].
    """

    frame: pl.DataFrame
    codes: Codes
    groups: Groups
    row: Integers
    group: Integers  # never decreasing
    day: Integers  # since 1970; NO_DAY where missing
    units: Integers  # 0 where missing
    code: Integers  # number in ``codes``, -1 for one that no edit knows
    release: Integers  # place in the sources' releases of the one whose indicators hold, -1 for none
    in_order: bool  # whether the lines are as in ``frame``

    @classmethod
    def of(cls, batch: pl.DataFrame, codes: Codes, eras: Eras, number: Integers | None = None) -> EditLines:
        """Read a batch of canonical lines, whole patients together.

        ``eras``: say which release prices a day. ``number``: the lines' codes in ``codes``, where they are known.
        """
        frame = present(batch)
        together = groups(frame)
        order = together.order
        own = codes.numbers(frame["hcpcs"]) if number is None else number
        day = frame["date_of_service"].to_physical().fill_null(NO_DAY).to_numpy()
        units = frame["units"].cast(pl.Int64, strict=False).fill_null(0).to_numpy()
        row = np.arange(frame.height) if order is None else order
        if order is not None:
            day, units, own = day[order], units[order], own[order]
        release = _releases(day, codes, eras)
        return cls(frame, codes, together, row, together.group, day, units, own, release, order is None)

    @property
    def dated(self) -> Flags:
        """Return whether the line has a date of service. Shape: [line]."""
        found: Flags = self.day != NO_DAY
        return found

    @property
    def group_count(self) -> int:
        """Return how many groups there are."""
        return int(self.group[-1]) + 1 if len(self.group) else 0

    @cached_property
    def beside(self) -> list[tuple[Integers, Integers]] | None:
        """Return every two lines of a group, the former first, as positions, in parts; None where a group is long."""
        return None if is_long(self.group) else list(pairs_of_group(self.group))

    @cached_property
    def bits(self) -> Integers:
        """Return what the modifiers of each line mean, as bits of ``modifier_uses``. Shape: [line]."""
        found = bits_of(self.frame)
        return found if self.in_order else found[self.row]

    def uses(self, at: Integers, *wanted: str) -> Flags:
        """Return whether the lines at some positions carry a modifier of one of these uses."""
        found: Flags = (self.bits[at] & sum(bit(use) for use in set(wanted))) != 0
        return found

    def of_release(self, at: Integers | slice, values: Integers) -> Integers:
        """Return what ``values`` (by release and code) says of the lines at some positions; none (0) where no release
        prices the day."""
        if len(values) == 1:
            found: Integers = values[0][self.code[at]]
            return found
        release = self.release[at]
        return np.where(release >= 0, values[release, self.code[at]], values.dtype.type(0))

    def by_row(self, values: Integers) -> Integers:
        """Return what is known of the lines in the order of the batch."""
        if self.in_order:
            return values
        found = np.empty_like(values)
        found[self.row] = values
        return found

    def text(self, at: Integers, name: str) -> pl.Series:
        """Return a column of the lines at some positions, "" where it is blank or missing."""
        if name not in self.frame.columns:
            return pl.Series(name, [""]).new_from_index(0, len(at))
        return self.frame[name][self.row[at]].cast(pl.String).fill_null("").alias(name)

    def modifiers(self, at: Integers) -> pl.DataFrame:
        """Return the modifiers of the lines at some positions, "" where there is none."""
        return pl.DataFrame([self.text(at, name) for name in MODIFIERS])

    def modifiers_as_written(self, at: Integers) -> pl.Series:
        """Return the modifiers of the lines at some positions as one text, "50 RT"."""
        given = [pl.when(pl.col(name) != "").then(pl.col(name)) for name in MODIFIERS]
        return self.modifiers(at).select(pl.concat_str(given, separator=" ", ignore_nulls=True)).to_series()

    def any_in_group(self, at: Integers) -> Flags:
        """Return whether a group has one of the lines at these positions. Shape: [group]."""
        found = np.zeros(self.group_count, np.bool_)
        found[self.group[at]] = True
        return found


def _releases(day: Integers, codes: Codes, eras: Eras) -> Integers:
    releases = codes.sources.releases
    if len(releases) == 1:  # chosen by the person for all lines
        return np.zeros(len(day), np.int8)
    place = {id(each): number for number, each in enumerate(releases)}
    of_era = np.array([*(place[id(era.tables)] for era in eras.listed), -1], np.int16)
    return of_era[eras.numbers(day)]
