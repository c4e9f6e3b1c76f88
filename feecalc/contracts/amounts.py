"""Percents of cents, and fixed amounts by code, modifier and place of service, looked up for many lines at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.files.cells import MODIFIERS
from feecalc.money import rounded, whole
from feecalc.pricing.arrays import Flags, Integers

NONE = -1
RATE_PLACES = 4  # of a percent
HUNDRED_PERCENT = 100 * 10**RATE_PLACES
_KEY = ("hcpcs", "modifier", "place_of_service")
_COLUMNS = (*_KEY, "cents")
ANY = ""


def share(cents: Integers, percent: Integers | int) -> Integers:
    """Return a percent of amounts, rounded once, half up. ``percent`` in ten-thousandths of a percent. [cents]"""
    part: Integers = rounded(cents * percent, HUNDRED_PERCENT)
    return part


@dataclass(frozen=True)
class FixedAmounts:
    """Fixed amounts for one unit, by code, modifier and place of service. [cents]

    Shape of ``rows``: hcpcs, modifier, place_of_service, cents; one row a key. Modifier "" is the global service, place
    "" any place.
    """

    rows: pl.DataFrame
    # ``keys`` of the same rows at other amounts, where they were computed already.
    known_keys: tuple[tuple[str, ...], ...] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_rows(cls, rows: Sequence[tuple[str, str, str, int]]) -> FixedAmounts:
        """Return a table of amounts from rows of code, modifier, place of service and cents."""
        return cls(pl.DataFrame(rows, schema=_schema(), orient="row"))

    @property
    def is_empty(self) -> bool:
        return not self.rows.height

    @cached_property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """Code, modifier and place of each row. Which row a line matches depends on these alone, not on the amounts."""
        return self.known_keys if self.known_keys is not None else tuple(self.rows.select(_KEY).rows())

    @cached_property
    def cents(self) -> Integers:
        """The amounts. Shape: [row]"""
        return self.rows["cents"].to_numpy()

    def at_percent(self, percent: Decimal) -> FixedAmounts:
        """Return the amounts at a percent, each rounded to the cent."""
        if percent == 100:
            return self
        number = pl.col("cents").cast(pl.Int128) * whole(percent, RATE_PLACES)  # wider than 64 bits
        cents = rounded(number, HUNDRED_PERCENT).cast(pl.Int64)
        return FixedAmounts(self.rows.with_columns(cents.alias("cents")), self.keys)

    @cached_property
    def codes(self) -> dict[str, int]:
        return {code: number for number, code in enumerate(self.rows["hcpcs"].unique().to_list())}

    @cached_property
    def _word_numbers(self) -> tuple[dict[str, int], dict[str, int]]:
        """The numbers of the table's modifiers and of its places of service; 0 is no modifier, or any place."""
        numbers = []
        for name in ("modifier", "place_of_service"):
            words = [word for word in self.rows[name].unique().to_list() if word != ANY]
            numbers.append({ANY: 0} | {word: number for number, word in enumerate(words, 1)})
        return numbers[0], numbers[1]

    @cached_property
    def _numbered(self) -> tuple[Integers, Integers]:
        """The keys of the rows as sorted numbers, and the row of each."""
        modifiers, places = self._word_numbers
        code = self.rows["hcpcs"].replace_strict(self.codes, return_dtype=pl.Int64).to_numpy()
        modifier = self.rows["modifier"].replace_strict(modifiers, return_dtype=pl.Int64).to_numpy()
        place = self.rows["place_of_service"].replace_strict(places, return_dtype=pl.Int64).to_numpy()
        keys = self._key(code, modifier, place)
        order = np.argsort(keys)
        return keys[order], order

    def _key(self, code: Integers, modifier: Integers, place: Integers) -> Integers:
        modifiers, places = self._word_numbers
        key: Integers = (code * len(modifiers) + modifier) * len(places) + place
        return key

    def has_modifier(self, modifiers: frozenset[str]) -> Flags:
        """Return whether each row's modifier is one of these. Shape: [row]"""
        return self.rows["modifier"].is_in(list(modifiers)).to_numpy()

    def match(self, lines: pl.DataFrame, component: frozenset[str]) -> Integers:
        """Return the row of each line, -1 for none.

        ``lines``: hcpcs, modifiers and place_of_service. The most specific row is taken: one with a modifier before one
        without, one with a place before one for any place. A line with a modifier of ``component`` never matches a row
        without a modifier.
        """
        modifiers, places = self._word_numbers

        def number(name: str, words: dict[str, int]) -> Integers:
            texts = lines[name].cast(pl.String).fill_null("")
            return texts.replace_strict(words, default=NONE, return_dtype=pl.Int64).to_numpy()

        code, place = number("hcpcs", self.codes), number("place_of_service", places)
        row = np.full(lines.height, NONE, np.int64)
        modifier_columns = [name for name in MODIFIERS if name in lines.columns]
        is_component = lines.select(
            pl.any_horizontal(
                pl.lit(False), *(pl.col(name).cast(pl.String).is_in(list(component)) for name in modifier_columns)
            )
        ).to_series()
        whole_service = ~is_component.fill_null(False).to_numpy()
        for name in (*modifier_columns, None):
            modifier = np.zeros(lines.height, np.int64) if name is None else number(name, modifiers)
            may_match = (code >= 0) & (modifier > 0 if name else whole_service)
            for place_number in (np.where(place > 0, place, NONE), np.zeros_like(place)):
                unmatched = np.flatnonzero(may_match & (row == NONE) & (place_number >= 0))
                row[unmatched] = self._rows_with(
                    self._key(code[unmatched], modifier[unmatched], place_number[unmatched])
                )
        return row

    def _rows_with(self, line_keys: Integers) -> Integers:
        keys, row = self._numbered
        if not len(keys):
            return np.full(len(line_keys), NONE, np.int64)
        position = np.minimum(np.searchsorted(keys, line_keys), len(keys) - 1)
        return np.where(keys[position] == line_keys, row[position], NONE)


def _schema() -> dict[str, pl.DataType]:
    return dict(zip(_COLUMNS, (pl.String(), pl.String(), pl.String(), pl.Int64()), strict=True))


def component_modifiers(day: date) -> frozenset[str]:
    """Return the modifiers of a component of a service (26, TC) or of a discontinued service, in force on a day."""
    effects = reference.row_on("payer_rule", day, rule="component")["does"]
    return frozenset(row["modifier"] for row in reference.rows_on("modifier", day) if row.get("does") in effects)
