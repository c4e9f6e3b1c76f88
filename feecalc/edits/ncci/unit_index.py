"""Medically unlikely units as look-up tables: the most of each code, by the file of the day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Whole
from feecalc.reference.indicators import ever_known

UNKNOWN = 4  # after the indicators that are known


@dataclass(frozen=True)
class UnitIndex:
    """The codes that have an edit in any file, and the edits. The last code stands for all others, without one."""

    codes: pl.Enum
    count: int
    starts: Whole  # the first day of each file, since 1970
    most: Whole  # units [file, code]
    mai: Whole  # 1, 2 or 3; UNKNOWN for one that no rule knows; 0 for no edit [file, code]
    place: Whole  # row of ``edits`` [file, code]
    edits: pl.DataFrame  # mue_units, rationale, printed_mai

    @classmethod
    def of(cls, units: pl.DataFrame) -> UnitIndex:
        words = units["hcpcs"].unique().sort()
        codes, count = pl.Enum(words), len(words)
        days = units["effective_from"].to_physical()
        starts = days.unique().sort()
        at = (
            starts.search_sorted(days).to_numpy(),
            units["hcpcs"].cast(codes).to_physical().to_numpy(),
        )
        most = np.full((len(starts), count + 1), np.iinfo(np.int32).max, np.int32)
        mai, place = np.zeros(most.shape, np.int8), np.zeros(most.shape, np.int32)
        most[at] = units["mue_units"].cast(pl.Int32).to_numpy()
        known = {code: int(code) for code in ever_known("mue", "mai")}
        mai[at] = units["mai"].replace_strict(known, default=UNKNOWN, return_dtype=pl.Int8).to_numpy()
        place[at] = np.arange(units.height)
        edits = units.select("mue_units", "rationale", pl.col("mai").alias("printed_mai"))
        return cls(codes, count, starts.to_numpy(), most, mai, place, edits)
