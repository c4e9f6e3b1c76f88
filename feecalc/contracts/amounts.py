"""Percents of cents, and fixed amounts by code, modifier and place, found for many lines at once."""

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
    """Return a percent (in ten-thousandths) of amounts, rounded once, halves up. [cents]"""
    found: Integers = rounded(cents * percent, HUNDRED_PERCENT)
    return found


@dataclass(frozen=True)
class FixedAmounts:
    """Amounts for a unit by code, modifier ("" the service without a component's) and place ("" any). [cents]

    Shape of ``rows``: hcpcs, modifier, place_of_service, cents; no two of one key.
    """

    rows: pl.DataFrame
    # ``keys`` of the same rows at other amounts, where they are known.
    known_keys: tuple[tuple[str, ...], ...] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of_rows(cls, rows: Sequence[tuple[str, str, str, int]]) -> FixedAmounts:
        """Return the amounts of rows of code, modifier, place and cents."""
        return cls(pl.DataFrame(rows, schema=_schema(), orient="row"))

    @property
    def is_empty(self) -> bool:
        return not self.rows.height

    @cached_property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """What the rows are found by, in their order: which line has which row does not change with the amounts."""
        return self.known_keys if self.known_keys is not None else tuple(self.rows.select(_KEY).rows())

    @cached_property
    def cents(self) -> Integers:
        """The amounts. Shape: [row]"""
        return self.rows["cents"].to_numpy()

    def times(self, percent: Decimal) -> FixedAmounts:
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
    def _words(self) -> tuple[dict[str, int], dict[str, int]]:
        """The modifiers and places of the table, each with its number; 0 is none, or any."""
        found = []
        for name in ("modifier", "place_of_service"):
            words = [word for word in self.rows[name].unique().to_list() if word != ANY]
            found.append({ANY: 0} | {word: number for number, word in enumerate(words, 1)})
        return found[0], found[1]

    @cached_property
    def _numbered(self) -> tuple[Integers, Integers]:
        """The keys of the rows as numbers in order, and the row of each."""
        modifiers, places = self._words
        code = self.rows["hcpcs"].replace_strict(self.codes, return_dtype=pl.Int64).to_numpy()
        modifier = self.rows["modifier"].replace_strict(modifiers, return_dtype=pl.Int64).to_numpy()
        place = self.rows["place_of_service"].replace_strict(places, return_dtype=pl.Int64).to_numpy()
        keys = self._key(code, modifier, place)
        order = np.argsort(keys)
        return keys[order], order

    def _key(self, code: Integers, modifier: Integers, place: Integers) -> Integers:
        modifiers, places = self._words
        key: Integers = (code * len(modifiers) + modifier) * len(places) + place
        return key

    def has(self, modifiers: frozenset[str]) -> Flags:
        """Return whether each row's modifier is one of these. Shape: [row]"""
        return self.rows["modifier"].is_in(list(modifiers)).to_numpy()

    def match(self, lines: pl.DataFrame, component: frozenset[str]) -> Integers:
        """Return the row of each line, -1 for none.

        ``lines``: hcpcs, modifiers and place_of_service. The row that says most goes first: a modifier before none, a
        place before any. A line with a modifier of ``component`` is not of a row without one.
        """
        modifiers, places = self._words

        def number(name: str, words: dict[str, int]) -> Integers:
            texts = lines[name].cast(pl.String).fill_null("")
            return texts.replace_strict(words, default=NONE, return_dtype=pl.Int64).to_numpy()

        code, place = number("hcpcs", self.codes), number("place_of_service", places)
        row = np.full(lines.height, NONE, np.int64)
        given = [name for name in MODIFIERS if name in lines.columns]
        is_component = lines.select(
            pl.any_horizontal(pl.lit(False), *(pl.col(name).cast(pl.String).is_in(list(component)) for name in given))
        ).to_series()
        whole_service = ~is_component.fill_null(False).to_numpy()
        for name in (*given, None):
            modifier = np.zeros(lines.height, np.int64) if name is None else number(name, modifiers)
            usable = (code >= 0) & (modifier > 0 if name else whole_service)
            for at in (np.where(place > 0, place, NONE), np.zeros_like(place)):
                free = np.flatnonzero(usable & (row == NONE) & (at >= 0))
                row[free] = self._found(self._key(code[free], modifier[free], at[free]))
        return row

    def _found(self, wanted: Integers) -> Integers:
        keys, row = self._numbered
        if not len(keys):
            return np.full(len(wanted), NONE, np.int64)
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, row[at], NONE)


def _schema() -> dict[str, pl.DataType]:
    return dict(zip(_COLUMNS, (pl.String(), pl.String(), pl.String(), pl.Int64()), strict=True))


def component_modifiers(day: date) -> frozenset[str]:
    """Return the modifiers of a part of the service, or of one that was broken off."""
    does = reference.row_on("payer_rule", day, rule="component")["does"]
    return frozenset(row["modifier"] for row in reference.rows_on("modifier", day) if row.get("does") in does)
