"""Every code that an edit knows by one number, so that codes are looked up once, and by number from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from feecalc.edits.policies.policy import Policy
from feecalc.edits.tables import Bill, EditTables
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.release_tables import ReleaseTables
from feecalc.pricing.rules.order import OTHERS

__all__ = ["Bill", "Codes", "Indicator", "Sources", "numbers"]
ADD_ON = "ZZZ"  # a global period (RVU25D.pdf, Attachment A)


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

    @cached_property
    def numbered_pairs(self) -> tuple[pl.Enum, Integers, Integers] | None:
        """Return the codes of NCCI's pairs, and of each pair the numbers of column 1 and 2 in them."""
        if self.pairs is None:
            return None
        columns = [_ByCategory.of(self.pairs[name]) for name in ("column_1", "column_2")]
        kind = pl.Enum(pl.concat([each.words for each in columns]).unique().sort())
        one, two = (each.numbers(kind) for each in columns)
        return kind, one, two

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
        if self.numbered_pairs is not None:
            listed.append(self.numbered_pairs[0].categories)
        for frame, names in ((tables.units, ("hcpcs",)), (tables.add_ons, ("add_on", "primary"))):
            if frame is not None:
                listed += [frame[name].unique() for name in names]
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

    def hundredths(self, *columns: str) -> Integers:
        """Return the sum of columns of rows without a modifier, in hundredths. Shape: [release, code + 1]."""
        found = np.zeros((len(self.sources.releases), len(self.words) + 1), np.int64)
        for release, (code, tables) in enumerate(zip(self._code_of_rows, self.sources.releases, strict=True)):
            values = tables.rvu.select(pl.sum_horizontal(pl.col(*columns).fill_null(0)) * 100).to_series()
            known = code >= 0
            found[release, code[known]] = values.cast(pl.Int64).to_numpy()[known]
        return found

    @cached_property
    def _code_of_rows(self) -> list[Integers]:
        """Return the number of the code of each row of each release, -1 for rows of a modifier."""
        return [
            np.where((each.rvu["modifier"] == "").to_numpy(), self.numbers(each.rvu["hcpcs"]), -1)
            for each in self.sources.releases
        ]

    @cached_property
    def turns_on_others(self) -> tuple[Flags, Flags]:
        """Return of which codes the price may turn on other lines of the day, in some release; and on any other line.

        Shape of each: [code + 1].
        """
        some, of_any = ([each.rows() for each in OTHERS if each.rows and each.any_line is any_line]
                        for any_line in (False, True))  # fmt: skip
        return self._has_row(pl.any_horizontal(*some, *of_any)), self._has_row(pl.any_horizontal(of_any))

    def _has_row(self, rows: pl.Expr) -> Flags:
        found = pl.concat([each.rvu.filter(rows.fill_null(True))["hcpcs"] for each in self.sources.releases])
        return np.append(self.words.is_in(found.unique().implode()).to_numpy(), [False])


def numbers(codes: pl.Series, kind: pl.Enum) -> Integers:
    """Return the number of each code in a list, -1 for one that is not there."""
    if codes.dtype == pl.Categorical:  # each category once, not each row
        return _ByCategory.of(codes).numbers(kind)
    return codes.cast(kind, strict=False).to_physical().cast(pl.Int32).fill_null(-1).to_numpy()


@dataclass(frozen=True)
class _ByCategory:
    """Millions of texts by category, so that each text is looked up once."""

    category: Integers  # of each row, the last for null
    first: Integers  # a row of each category that is there
    words: pl.Series  # their texts

    @classmethod
    def of(cls, texts: pl.Series) -> _ByCategory:
        number = texts.cast(pl.Categorical).to_physical()
        category = number.fill_null(1 + int(number.max() or 0)).to_numpy()  # type: ignore[arg-type]  # whole numbers
        row = np.full(int(category.max(initial=0)) + 1, -1, np.int32)
        row[category] = np.arange(len(category), dtype=np.int32)
        first = row[row >= 0]
        return cls(category, first, texts.gather(first).cast(pl.String))

    def numbers(self, kind: pl.Enum) -> Integers:
        """Return the number of each row's text in a list, -1 for one that is not there."""
        of_category = np.full(int(self.category.max(initial=0)) + 1, -1, np.int32)
        of_category[self.category[self.first]] = numbers(self.words, kind)
        found: Integers = of_category[self.category]
        return found
