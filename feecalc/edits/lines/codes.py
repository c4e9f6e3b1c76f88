"""Every code that an edit knows by one number, so that codes are looked up once, and by number from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl

from feecalc.edits.policies.policy import Policy
from feecalc.edits.tables import EditTables
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.release_tables import ReleaseTables

Bill = Literal["professional", "asc"]
# Indicators of RVU25D.pdf, Attachment A.
_NO_RANKING, _ADD_ON, _PAID_ONLY_ALONE = ("0", "9"), "ZZZ", "T"


@dataclass(frozen=True)
class Indicator:
    """A column of the releases' rows by code. ``number``: place in ``words``, the last of which is none (null)."""

    words: tuple[str, ...]
    number: Integers  # [release, code + 1]

    def named(self, number: Integers) -> pl.Series:
        """Return the words of some numbers, null for none."""
        return pl.Series([*self.words, None], dtype=pl.String)[number]

    def one_of(self, *values: str) -> Flags:
        """Return whether each code's indicator is one of some. Shape: [release, code + 1]."""
        listed = np.array([*(word in values for word in self.words), False])
        found: Flags = listed[self.number]
        return found


@dataclass(frozen=True)
class Sources:
    """What the edits are looked up in: NCCI's tables, releases, policies, and codes numbered over all of them.

    ``only``: the codes of the lines at hand, where they are few; else all codes of the tables are numbered.
    """

    tables: EditTables
    releases: Sequence[ReleaseTables]
    policies: Sequence[Policy] = ()
    history: pl.DataFrame | None = None
    bill: Bill = "professional"
    only: pl.Series | None = None

    @cached_property
    def codes(self) -> Codes:
        """Return the codes of all of these."""
        return Codes(pl.Enum(self._words), self)

    @cached_property
    def pairs(self) -> pl.DataFrame | None:
        """Return NCCI's pairs, of the codes at hand where they are few."""
        return self._few(self.tables.pairs, "column_1", "column_2")

    def _few(self, frame: pl.DataFrame | None, *columns: str) -> pl.DataFrame | None:
        if frame is None or self.only is None:
            return frame
        return frame.filter(pl.col(name).cast(pl.String).is_in(self.only.implode()) for name in columns)

    @property
    def _words(self) -> pl.Series:
        tables = self.tables
        listed = [
            *(each.rvu["hcpcs"] for each in self.releases),
            pl.Series([code for policy in self.policies for code in policy.codes()], dtype=pl.String),
        ]
        for frame, names in (
            (self.pairs, ("column_1", "column_2")), (tables.units, ("hcpcs",)), (tables.add_ons, ("add_on", "primary")),
        ):  # fmt: skip
            if frame is not None:
                listed += [frame[name].unique().cast(pl.String) for name in names]
        if self.only is not None:
            wanted = self.only.implode()
            listed = [each.filter(each.is_in(wanted)) for each in listed]
        return pl.concat(listed).unique().sort()


@dataclass(frozen=True)
class Codes:
    """Codes by number; the last number, one more than there are codes (and -1), stands for codes that no edit knows."""

    kind: pl.Enum
    sources: Sources

    @cached_property
    def words(self) -> pl.Series:
        """Return the codes, sorted."""
        return self.kind.categories

    def numbers(self, codes: pl.Series) -> Integers:
        """Return the number of each code, -1 for one that no edit knows. Shape: [code given]."""
        return numbers(codes, self.kind)

    def numbers_in(self, kind: pl.Enum) -> Integers:
        """Return the number of each code in another list, -1 where it is not there. Shape: [code + 1]."""
        return np.append(numbers(self.words, kind), np.int32(-1))

    def named(self, codes: Sequence[str]) -> Flags:
        """Return whether each code is one of some. Shape: [code + 1]."""
        return np.append(self.words.is_in(pl.Series(codes, dtype=pl.String).implode()).to_numpy(), [False])

    def indicator(self, column: str) -> Indicator:
        """Return a column of the releases' rows without a modifier. Shape: [release, code + 1]."""
        listed = [each.rvu[column].cast(pl.String) for each in self.sources.releases]
        words = sorted({word for values in listed for word in values.unique().drop_nulls().to_list()})
        found = np.full((len(listed), len(self.words) + 1), len(words), np.int16)
        for release, (code, values) in enumerate(zip(self._code_of_rows, listed, strict=True)):
            number = values.cast(pl.Enum(words)).to_physical().cast(pl.Int16).fill_null(len(words)).to_numpy()
            known = code >= 0
            found[release, code[known]] = number[known]
        return Indicator(tuple(words), found)

    @cached_property
    def _code_of_rows(self) -> list[Integers]:
        """Return the number of the code of each row of each release, -1 for rows of a modifier."""
        return [
            np.where((each.rvu["modifier"] == "").to_numpy(), self.numbers(each.rvu["hcpcs"]), -1)
            for each in self.sources.releases
        ]

    @cached_property
    def days_others_matter(self) -> tuple[Flags, Flags]:
        """Return which codes pay what they pay whatever else is on the day, in every release; and which are paid only
        with, or only without, any other line of the day. Shape of each: [code + 1].
        """
        ranked = ~pl.col("mppr_indicator").is_in(_NO_RANKING)
        asks_all = (pl.col("global_days") == _ADD_ON) | (pl.col("status_indicator") == _PAID_ONLY_ALONE)
        any_row, all_row = (self._has_row(each) for each in (ranked | asks_all, asks_all))
        return ~any_row, all_row

    def _has_row(self, rows: pl.Expr) -> Flags:
        found = pl.concat([each.rvu.filter(rows.fill_null(True))["hcpcs"] for each in self.sources.releases])
        return np.append(self.words.is_in(found.unique().implode()).to_numpy(), [False])


def numbers(codes: pl.Series, kind: pl.Enum) -> Integers:
    """Return the number of each code in a list, -1 for one that is not there."""
    return codes.cast(kind, strict=False).to_physical().cast(pl.Int32).fill_null(-1).to_numpy()
