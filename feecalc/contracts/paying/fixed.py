"""Fixed amounts: carve-outs and a payer's own fee table, found for many lines at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.contracts.contract import CarveOut
from feecalc.errors import DuplicateKey
from feecalc.files import cells
from feecalc.files.cells import MODIFIERS
from feecalc.files.table import read_table
from feecalc.money import MONEY_PLACES, whole
from feecalc.pricing.arrays import Flags, Whole

NONE = -1
RATE_PLACES = 4  # of a percent
_KEY = ("hcpcs", "modifier", "place_of_service")
_COLUMNS = (*_KEY, "cents")
_ANY = ""


@dataclass(frozen=True)
class FixedAmounts:
    """Amounts for a unit by code, modifier ("" the service without a component's) and place ("" any). [cents]

    Shape of ``rows``: hcpcs, modifier, place_of_service, cents; no two of one key.
    """

    rows: pl.DataFrame

    @classmethod
    def of_carve_outs(cls, terms: Sequence[CarveOut]) -> FixedAmounts:
        """The carve-outs of one day."""
        rows = [
            (term.hcpcs, term.modifier, term.place_of_service or _ANY, whole(term.amount, MONEY_PLACES))
            for term in terms
        ]
        return cls(pl.DataFrame(rows, schema=_schema(), orient="row"))

    @property
    def is_empty(self) -> bool:
        return not self.rows.height

    @cached_property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """What the rows are found by, in their order: which line has which row does not change with the amounts."""
        return tuple(self.rows.select(_KEY).rows())

    @cached_property
    def cents(self) -> Whole:
        """The amounts. Shape: [row]"""
        return self.rows["cents"].to_numpy()

    def times(self, percent: Decimal) -> FixedAmounts:
        """The amounts at a percent, rounded to the cent."""
        if percent == 100:
            return self
        scaled, divisor = whole(percent, RATE_PLACES), 100 * 10**RATE_PLACES
        number = pl.col("cents").cast(pl.Int128) * scaled
        rounded = (2 * number + divisor) // (2 * divisor)
        found = FixedAmounts(self.rows.with_columns(rounded.cast(pl.Int64).alias("cents")))
        vars(found)["keys"] = self.keys  # a cached property, told before it is asked
        return found

    @cached_property
    def codes(self) -> dict[str, int]:
        return {code: number for number, code in enumerate(self.rows["hcpcs"].unique().to_list())}

    @cached_property
    def _words(self) -> tuple[dict[str, int], dict[str, int]]:
        """The modifiers and places of the table, each with its number; 0 is none, or any."""
        found = []
        for name in ("modifier", "place_of_service"):
            words = [word for word in self.rows[name].unique().to_list() if word != _ANY]
            found.append({_ANY: 0} | {word: number for number, word in enumerate(words, 1)})
        return found[0], found[1]

    @cached_property
    def _numbered(self) -> tuple[Whole, Whole]:
        """The keys of the rows as numbers in order, and the row of each."""
        modifiers, places = self._words
        code = self.rows["hcpcs"].replace_strict(self.codes, return_dtype=pl.Int64).to_numpy()
        modifier = self.rows["modifier"].replace_strict(modifiers, return_dtype=pl.Int64).to_numpy()
        place = self.rows["place_of_service"].replace_strict(places, return_dtype=pl.Int64).to_numpy()
        keys = self._key(code, modifier, place)
        order = np.argsort(keys)
        return keys[order], order

    def _key(self, code: Whole, modifier: Whole, place: Whole) -> Whole:
        modifiers, places = self._words
        key: Whole = (code * len(modifiers) + modifier) * len(places) + place
        return key

    def has(self, modifiers: frozenset[str]) -> Flags:
        """Whether each row's modifier is one of these. Shape: [row]"""
        return self.rows["modifier"].is_in(list(modifiers)).to_numpy()

    def match(self, lines: pl.DataFrame, component: frozenset[str]) -> Whole:
        """The row of each line, -1 for none.

        ``lines``: hcpcs, modifiers and place_of_service. The row that says most goes first: a modifier before none, a
        place before any. A line with a modifier of ``component`` is not of a row without one.
        """
        modifiers, places = self._words

        def number(name: str, words: dict[str, int]) -> Whole:
            texts = lines[name].cast(pl.String).fill_null("")
            return texts.replace_strict(words, default=NONE, return_dtype=pl.Int64).to_numpy()

        code, place = number("hcpcs", self.codes), number("place_of_service", places)
        row = np.full(lines.height, NONE, np.int64)
        held = [name for name in MODIFIERS if name in lines.columns]
        is_component = lines.select(
            pl.any_horizontal(pl.lit(False), *(pl.col(name).cast(pl.String).is_in(list(component)) for name in held))
        ).to_series()
        whole_service = ~is_component.fill_null(False).to_numpy()
        for name in (*held, None):
            modifier = np.zeros(lines.height, np.int64) if name is None else number(name, modifiers)
            usable = (code >= 0) & (modifier > 0 if name else whole_service)
            for at in (np.where(place > 0, place, NONE), np.zeros_like(place)):
                free = np.flatnonzero(usable & (row == NONE) & (at >= 0))
                row[free] = self._found(self._key(code[free], modifier[free], at[free]))
        return row

    def _found(self, asked: Whole) -> Whole:
        keys, row = self._numbered
        if not len(keys):
            return np.full(len(asked), NONE, np.int64)
        at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        return np.where(keys[at] == asked, row[at], NONE)


def _schema() -> dict[str, pl.DataType]:
    return dict(zip(_COLUMNS, (pl.String(), pl.String(), pl.String(), pl.Int64()), strict=True))


def read_fee_table(path: Path) -> FixedAmounts:
    """A payer's own fees: a csv, xlsx or parquet with a code, an amount, and a modifier and place where it has them.

    Raises InvalidValue, MissingColumn, DuplicateKey, UnreadableFile.
    """
    table = read_table(path)
    amount = table.column("amount")
    read = table.frame.select(
        "row",
        pl.col(amount),
        cells.hcpcs(table.column("hcpcs")).alias("hcpcs"),
        *(each.alias(name) for name, each in table.modifiers().items()),
        table.place_of_service(_ANY).alias("place_of_service"),
        table.money("amount").alias("read"),
    )
    table.refuse(read, pl.col("hcpcs").str.len_chars() != 5, "no procedure code, which has five digits and letters")
    table.refuse(read, pl.col("modifier_2") != "", "two modifiers; a fee is found by one, give it a row each")
    table.refuse(read, pl.col("read").is_null(), "the amount is missing or cannot be read")
    table.refuse(read, pl.col("read") < 0, "an amount below 0")
    key = ["hcpcs", "modifier_1", "place_of_service"]
    again = read.filter(pl.struct(key).is_duplicated() & ~pl.struct(key).is_first_distinct())
    if again.height:
        code, modifier, place = again.select(key).row(0)
        raise DuplicateKey(
            f"{path.name}, row {again['row'][0]} below the headings: {code} {modifier} {place}".rstrip()
            + " stands twice; keep one of them"
        )
    cents = (pl.col("read") * 100).cast(pl.Int64)
    return FixedAmounts(
        read.select("hcpcs", pl.col("modifier_1").alias("modifier"), "place_of_service", cents.alias("cents"))
    )


def holding_modifiers(day: date, what: str) -> frozenset[str]:
    """Modifiers whose row in a fee table holds ``what`` they pay already: "sides" or "percents"."""
    tables = reference.row_on("payer_rule", day, rule="row_holds")[what]
    return frozenset(row["modifier"] for row in reference.rows_on("modifier", day) if row.get("table") in tables)


def component_modifiers(day: date) -> frozenset[str]:
    """Modifiers of a part of the service, or of one that was broken off."""
    does = reference.row_on("payer_rule", day, rule="component")["does"]
    return frozenset(row["modifier"] for row in reference.rows_on("modifier", day) if row.get("does") in does)
