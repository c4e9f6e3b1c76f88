"""A release's rows as look-up tables, and the rules of a day: what every other table of an era is made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers, RvuArrays
from feecalc.pricing.claims.arrays.vocabulary import Vocabulary
from feecalc.pricing.release_tables import ReleaseTables
from feecalc.reference.indicators import known_indicators

NONE = -1
COMPONENTS = ("", "26", "TC", "53")
GLOBAL, PROFESSIONAL, TECHNICAL, DISCONTINUED = range(len(COMPONENTS))
# Indicators of RVU25D.pdf, Attachment A.
_TECHNICAL_ONLY = "3"  # PC/TC
ADD_ON = "ZZZ"  # global days
_STATUS = "status_indicator"
_MANY = 256  # rows: from then on polars numbers a column's values in less time than a loop


def _coded_few(column: pl.Series) -> tuple[list[str | None], Integers]:
    at: dict[str | None, int] = {}
    numbers = [at.setdefault(value, len(at)) for value in column.to_list()]
    return list(at), np.array(numbers, np.int64)


def _coded_many(column: pl.Series) -> tuple[list[str | None], Integers]:
    texts = column.cast(pl.String)
    values = texts.drop_nulls().unique(maintain_order=True)
    numbers = texts.cast(pl.Enum(values)).to_physical().cast(pl.Int64).fill_null(len(values))
    return [*values.to_list(), None], numbers.to_numpy()


def is_within(code: str, spans: Iterable[Sequence[str]]) -> bool:
    """Return whether a code lies in one of some spans, first and last: of digits alone where its ends are."""
    return any(
        len(code) == len(first) and code.isdigit() == first.isdigit() and first <= code <= last
        for first, last in spans
    )


@dataclass(frozen=True)
class Rulebook:
    """Look up the rows of reference/ on a day."""

    day: date

    def rows(self, name: str, **key: str) -> list[reference.Row]:
        return reference.rows_on(name, self.day, **key)

    def row(self, name: str, **key: str) -> reference.Row:
        return reference.row_on(name, self.day, **key)

    def indicators(self, name: str, column: str, *payments: str) -> list[str]:
        """Return the indicators of a column that a rule pays so."""
        rows = self.rows(name, kind="indicator")
        return [row[column] for row in rows if column in row and row["payment"] in payments]


@dataclass(frozen=True)
class Rows:
    """Look up the rows of a release. Shape of each table: [row], unless it says another.

    With ``both_tracks`` the rows that price QPs follow everybody else's, each under the number of its code plus
    ``codes``: so the lines of a group that holds both are looked at together, each by its own track's rows.
    """

    tables: ReleaseTables
    words: Vocabulary
    book: Rulebook
    both_tracks: bool = False

    @cached_property
    def _tracks(self) -> tuple[ReleaseTables, ...]:
        return (self.tables, self.tables.of_track(qp=True)) if self.both_tracks else (self.tables,)

    @cached_property
    def rvu(self) -> pl.DataFrame:
        """Return the relative value table, of both tracks where both are looked at."""
        return pl.concat([each.rvu for each in self._tracks]) if self.both_tracks else self.tables.rvu

    @cached_property
    def arrays(self) -> RvuArrays:
        return RvuArrays(self.rvu) if self.both_tracks else self.tables.arrays

    @property
    def codes(self) -> int:
        """Return how many code numbers a track has: those of the vocabulary and the one of an unknown code."""
        return len(self.words.hcpcs.listed) + 1

    @cached_property
    def of_qp(self) -> Flags:
        """Mark the rows that price QPs only."""
        found: Flags = np.arange(self.rvu.height) >= self.tables.rvu.height
        return found

    @cached_property
    def code(self) -> Integers:
        """Return the number of each row's code, that of its track added."""
        numbers = self.words.hcpcs.numbers(self.column("hcpcs")).astype(np.int64)
        return numbers + self.codes * self.of_qp

    def source_of(self, row: int) -> str:
        """Return the member and line a row was read from."""
        return self._tracks[int(self.of_qp[row])].source_of_row(self._within(row))

    def scaled_to_qp(self, row: int) -> str:
        """Say that a QP's row has OPPS relative values that are scaled; "" for as they are printed."""
        return self._tracks[int(self.of_qp[row])].scaled_to_qp(self._within(row))

    def _within(self, row: int) -> int:
        return row - self.tables.rvu.height if self.of_qp[row] else row

    def column(self, name: str) -> pl.Series:
        return self.rvu[name]

    def have(self, name: str, *values: str) -> Flags:
        """Mark the rows with one of the values in a column."""
        at, numbers = self._coded(name)
        found: Flags = np.array([each in values for each in at], np.bool_)[numbers]
        return found

    def within(self, spans: Iterable[Sequence[str]]) -> Flags:
        """Mark the rows whose code lies in one of some spans."""
        at, numbers = self._coded("hcpcs")
        listed = list(spans)
        found: Flags = np.array([each is not None and is_within(each, listed) for each in at], np.bool_)[numbers]
        return found

    def by(self, name: str, numbers: dict[str, int], default: int) -> Integers:
        """Return the number of each row's value in a column."""
        at, own = self._coded(name)
        of_value = [default if value is None else numbers.get(value, default) for value in at]
        found: Integers = np.array(of_value, np.int64)[own]
        return found

    def _coded(self, name: str) -> tuple[list[str | None], Integers]:
        """Return the values of a column, and the place among them of each row's."""
        if name not in self._codes_of_columns:
            column = self.column(name)
            self._codes_of_columns[name] = _coded_few(column) if len(column) < _MANY else _coded_many(column)
        return self._codes_of_columns[name]

    @cached_property
    def _codes_of_columns(self) -> dict[str, tuple[list[str | None], Integers]]:
        return {}

    @cached_property
    def by_code(self) -> Integers:
        """Return the row of each code and component, -1 where none. Shape: [codes of each track, component]."""
        found = np.full((len(self._tracks) * self.codes, len(COMPONENTS)), NONE, np.intp)  # as wide as numpy looks up
        component = self.by("modifier", {modifier: number for number, modifier in enumerate(COMPONENTS)}, NONE)
        rows = np.flatnonzero(component >= 0)
        found[self.code[rows], component[rows]] = rows
        return found

    @cached_property
    def global_row(self) -> Integers:
        """Return the global service's row of each code. Shape: [codes of each track], -1 where there is none."""
        return np.ascontiguousarray(self.by_code[:, GLOBAL])

    @cached_property
    def has_code(self) -> Flags:
        """Return whether the release has each code. Shape: [codes of each track]."""
        found: Flags = np.any(self.by_code >= 0, axis=1)
        return found

    @cached_property
    def component(self) -> Integers:
        """Return the component of each row."""
        return self.by("modifier", {modifier: number for number, modifier in enumerate(COMPONENTS)}, GLOBAL)

    @cached_property
    def of_same_code(self) -> Integers:
        """Return for each row the rows of its code. Shape: [row, component]."""
        return self.by_code[self.code]

    @cached_property
    def technical_row(self) -> Integers:
        """Return the TC row of each global row, -1 elsewhere."""
        return np.where(self.component == GLOBAL, self.of_same_code[:, TECHNICAL], NONE)

    @cached_property
    def professional_row(self) -> Integers:
        """Return the 26 row of each global row, -1 elsewhere."""
        return np.where(self.component == GLOBAL, self.of_same_code[:, PROFESSIONAL], NONE)

    @cached_property
    def is_professional_row(self) -> Flags:
        found: Flags = self.component == PROFESSIONAL
        return found

    @cached_property
    def is_technical_row(self) -> Flags:
        """Mark the rows that are technical work only: the TC row, or PC/TC indicator 3."""
        found: Flags = (self.component == TECHNICAL) | self.have("pctc_indicator", _TECHNICAL_ONLY)
        return found

    @cached_property
    def is_add_on(self) -> Flags:
        return self.have("global_days", ADD_ON)

    def is_unknown(self, name: str) -> Flags:
        """Mark the rows with an indicator in a column that the rules do not know."""
        (known,) = (each for each in known_indicators("rvu", self.book.day) if each.column == name)
        found: Flags = ~self.have(name, *known.values)
        return found

    @cached_property
    def has_unknown_indicator(self) -> Flags:
        """Mark the rows with any indicator beside the status that the rules do not know."""
        columns = [known.column for known in known_indicators("rvu", self.book.day) if known.column != _STATUS]
        found: Flags = np.logical_or.reduce([self.is_unknown(column) for column in columns])
        return found
