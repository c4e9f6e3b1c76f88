"""Claim lines as the edits read them: whole numbers, in an order in which the lines of a group stand together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from feecalc.edits.lines.codes import Codes
from feecalc.edits.lines.modifier_uses import MODIFIERS, bit, bits_of, letters_of
from feecalc.edits.lines.spans import NO_DAY
from feecalc.edits.lines.together import is_long, pairs_of_group
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import segments
from feecalc.pricing.claims.columns import present
from feecalc.pricing.claims.eras import Eras
from feecalc.pricing.claims.grouping import FROM_CLAIM, WHO, Groups, groups, physicians, with_npis_of_claim


@dataclass(frozen=True)
class Near:
    """Lines beside others of their group, found once for the lines with and without repeats."""

    group: Integers

    @cached_property
    def pairs(self) -> list[tuple[Integers, Integers]] | None:
        """Return every two lines of a group, the former first, as positions, in parts; None where a group is long."""
        return None if is_long(self.group) else list(pairs_of_group(self.group))


@dataclass(frozen=True)
class EditLines:
    """The lines of a batch; those of one group (patient, day, physician) stand together.

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
    given: pl.DataFrame  # the batch as it came, with columns that pricing does not know
    near: Near
    repeats: Flags | None = None  # lines denied as repeating another, which count nowhere; None for none

    @classmethod
    def of(cls, batch: pl.DataFrame, codes: Codes, eras: Eras, number: Integers | None = None) -> EditLines:
        """Read a batch of canonical lines, whole patients together.

        ``eras``: say which release prices a day. ``number``: the lines' codes in ``codes``, where they are known.
        """
        frame = with_npis_of_claim(present(batch))
        together = groups(frame)
        order = together.order
        own = codes.numbers(frame["hcpcs"]) if number is None else number
        day = frame["date_of_service"].to_physical().fill_null(NO_DAY).to_numpy()
        units = frame["units"].cast(pl.Int64, strict=False).fill_null(0).to_numpy()
        row = np.arange(frame.height) if order is None else order
        if order is not None:
            day, units, own = day[order], units[order], own[order]
        release = _releases(day, codes, eras)
        near = Near(together.group)
        given = batch.with_columns(frame[name] for name in FROM_CLAIM if name in frame.columns)
        return cls(frame, codes, together, row, together.group, day, units, own, release, order is None, given, near)

    def without_repeats(self, rows: Integers) -> EditLines:
        """Return the same lines, those of some rows being repeats of others."""
        marked = np.zeros(len(self.row), np.bool_)
        marked[rows] = True
        return replace(self, repeats=marked[self.row])

    def counting(self, at: Integers) -> Integers:
        """Return those of some positions whose lines are no repeats."""
        return at if self.repeats is None else at[~self.repeats[at]]

    def who(self, at: Integers) -> pl.DataFrame:
        """Return who the patient and the physician are of the lines at some positions, columns of ``WHO``."""
        rows = self.row[at]
        by_line = self.groups.rendering is None  # else a physician's specialty may stand on any line of the patient
        found = physicians(self.frame[rows]) if by_line else self._who[rows]
        return found.select(name for name in WHO if name in found.columns)

    @cached_property
    def _who(self) -> pl.DataFrame:
        return physicians(self.frame)

    @property
    def practice(self) -> Integers:
        """Return the number of the patient, day and group practice, never decreasing. Shape: [line]."""
        return self.groups.practice

    @cached_property
    def surely_apart(self) -> Integers:
        """Return the group, or the practice where its physicians may be one; never decreasing. Shape: [line]."""
        unsure = self.groups.unsure
        if unsure is None or not unsure.any():
            return self.group
        may_be_one = np.zeros(int(self.practice[-1]) + 1, np.bool_)
        may_be_one[self.practice[unsure]] = True
        first = segments.starts(self.practice)
        first |= segments.starts(self.group) & ~may_be_one[self.practice]
        found: Integers = np.cumsum(first) - 1
        return found

    def rendering(self, at: Integers) -> Integers:
        """Return the number of the rendering physician at some positions, 0 where no line of the batch names one."""
        return np.zeros(len(at), np.int32) if self.groups.rendering is None else self.groups.rendering[at]

    @property
    def dated(self) -> Flags:
        """Return whether the line has a date of service. Shape: [line]."""
        found: Flags = self.day != NO_DAY
        return found

    @property
    def beside(self) -> list[tuple[Integers, Integers]] | None:
        """Return every two lines of a group, as ``Near.pairs`` has them."""
        return self.near.pairs

    @cached_property
    def alike(self) -> list[tuple[Integers, Integers]] | None:
        """Return those of ``beside`` that have one code."""
        if self.beside is None:
            return None
        marked = [(one, two, self.code[one] == self.code[two]) for one, two in self.beside]
        return [(one[same], two[same]) for one, two, same in marked]

    @cached_property
    def bits(self) -> Integers:
        """Return what the modifiers of each line mean, as bits of ``modifier_uses``. Shape: [line]."""
        return bits_of(self.letters, self.day)

    @cached_property
    def letters(self) -> list[Integers]:
        """Return the two letters of the modifiers, column by column, as numbers of ``letters_of``. Shape: [line]."""
        return self._letters(*(name for name in MODIFIERS if name in self.frame.columns))

    @cached_property
    def place(self) -> Integers:
        """Return the place of service as ``letters`` are. Shape: [line]."""
        (found,) = self._letters("place_of_service")
        return found

    def _letters(self, *columns: str) -> list[Integers]:
        found = letters_of(self.frame, columns)
        return found if self.in_order else [each[self.row] for each in found]

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

    def rows_of(self, at: Integers) -> Integers:
        """Return the rows of the lines at some positions, none twice, in order."""
        is_meant = np.zeros(len(self.row), np.bool_)
        is_meant[self.row[at]] = True
        return np.flatnonzero(is_meant)

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

    def any_in_group(self, at: Integers, group: Integers | None = None) -> Flags:
        """Return whether a group has one of the lines at these positions. Shape: [group].

        ``group``: the number of each line's, never decreasing; None for the groups of these lines.
        """
        own = self.group if group is None else group
        found = np.zeros(int(own[-1]) + 1 if len(own) else 0, np.bool_)
        found[own[at]] = True
        return found


def _releases(day: Integers, codes: Codes, eras: Eras) -> Integers:
    releases = codes.sources.releases
    if len(releases) == 1:  # chosen by the person for all lines
        return np.zeros(len(day), np.int8)
    place = {id(each): number for number, each in enumerate(releases)}
    of_era = np.array([*(place[id(era.tables)] for era in eras.listed), -1], np.int16)
    return of_era[eras.numbers(day)]
