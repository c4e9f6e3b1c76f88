"""Millions of code pairs, looked up by number: a bit for every two codes, then the rows of those that are a pair."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from feecalc.edits.ncci.spans import Spans, day_number, first_days, last_days
from feecalc.pricing.arrays import Flags, Whole
from feecalc.reference.indicators import ever_known

_NO_EDIT, _NEVER = "9", "0"


@dataclass(frozen=True)
class PairIndex:
    """The codes that stand in any pair, a bit for every two of them, and the rows by key: column 1 x count + 2."""

    codes: pl.Enum
    count: int
    bits: Whole  # of the two numbers, and one for a code that is in no pair, the lesser x (count + 1) + the greater
    spans: Spans
    never: Flags  # whether no modifier lifts the row's pair. Shape: [row of spans]
    strange: Flags  # whether the rules do not know the row's modifier indicator. Shape: [row of spans]
    indicator: pl.Series  # [row of spans]
    undated: Flags  # whether it is not known since when the row holds. Shape: [row of spans]
    rationale: pl.Series  # [row of spans]
    known_from: int  # the day since which an undated row is sure to hold

    @classmethod
    def of(cls, pairs: pl.DataFrame, known_from: date | None) -> PairIndex:
        """The index of the pairs that are edits at all: indicator 9 is none."""
        held = pairs.filter(pl.col("modifier_indicator") != _NO_EDIT)
        words = pl.concat([held["column_1"].unique(), held["column_2"].unique()]).unique().sort()
        codes, count = pl.Enum(words), len(words)
        one, two = (held[name].cast(codes).to_physical().cast(pl.Int64).to_numpy() for name in ("column_1", "column_2"))
        keys = one * count + two
        never = (held["modifier_indicator"] == _NEVER).to_numpy()
        strange = ~held["modifier_indicator"].is_in(sorted(ever_known("ncci_pair", "modifier_indicator"))).to_numpy()
        undated = held["effective_from"].is_null().to_numpy()
        first, last = first_days(held["effective_from"]), last_days(held["deleted_on"])
        spans, order = Spans.of(keys, first, last, ~never)
        bits = np.zeros((count + 1) ** 2 // 8 + 1, np.uint8)
        either = _either(one, two, count)
        np.bitwise_or.at(bits, either >> 3, np.left_shift(1, either & 7).astype(np.uint8))
        return cls(
            codes, count, bits, spans, never[order], strange[order],
            held["modifier_indicator"].cast(pl.Categorical)[order], undated[order],
            held["rationale"].cast(pl.Categorical)[order], 0 if known_from is None else day_number(known_from),
        )  # fmt: skip

    def holds(self, one: Whole, two: Whole) -> Flags:
        """Whether every two codes are a pair on any day, whichever is column 1. ``count``: a code that is in none."""
        either = _either(one, two, self.count)
        found: Flags = (self.bits[either >> 3] >> (either & 7).astype(np.uint8)) & 1 != 0
        return found


def _either(one: Whole, two: Whole, count: int) -> Whole:
    return np.minimum(one, two).astype(np.int64) * (count + 1) + np.maximum(one, two)
