"""Millions of code pairs, looked up by number: a bit for each possible pair, then the rows of those that are there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

_NO_EDIT = "9"


@dataclass(frozen=True)
class PairIndex:
    """The codes that stand in any pair, a bit for every pair of them, and the rows by key. [key: column 1 x n + 2]"""

    codes: pl.Enum
    count: int
    bits: np.ndarray
    rows: pl.DataFrame  # key, effective_from, deleted_on, modifier_indicator, rationale
    known_from: date | None

    @classmethod
    def of(cls, pairs: pl.DataFrame, known_from: date | None) -> PairIndex:
        """The index of the pairs that are edits at all: indicator 9 is none."""
        edits = pl.col("modifier_indicator") != _NO_EDIT
        held = pairs.filter(edits).with_columns(pl.col("rationale").cast(pl.Categorical))
        words = pl.concat([held["column_1"].unique(), held["column_2"].unique()]).unique().sort()
        codes, count = pl.Enum(words), len(words)
        number = [pl.col(name).cast(codes).to_physical().cast(pl.Int64) for name in ("column_1", "column_2")]
        rows = held.select(
            (number[0] * count + number[1]).alias("key"),
            "effective_from", "deleted_on", "modifier_indicator", "rationale",
        )  # fmt: skip
        keys = rows["key"].to_numpy()
        bits = np.zeros(count * count // 8 + 1, np.uint8)
        np.bitwise_or.at(bits, keys >> 3, np.left_shift(1, keys & 7).astype(np.uint8))
        return cls(codes, count, bits, rows, known_from)

    def holds(self, keys: np.ndarray) -> np.ndarray:
        """Whether each key is a pair on any day. Shape: [key]."""
        found: np.ndarray = (self.bits[keys >> 3] >> (keys & 7)) & 1 != 0
        return found
