"""What a line's modifiers mean to the edits, as bits of one whole number: uses of reference/edit_modifier.toml, and a
bit for each anatomic site.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Integers
from feecalc.reference import rows

MODIFIERS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")
_EPOCH = date(1970, 1, 1)
_PAIRS_OF_BYTES = 1 << 16
_SITE = "site"


@dataclass(frozen=True)
class _Meanings:
    """Bits by span of days and modifier. ``starts``: first day of each span, since 1970."""

    numbers: Integers  # of each two letters, as ``letters_of`` has them: the modifier's number
    uses: dict[str, int]  # the bit of each use
    site: dict[str, int]  # the bit of each site
    starts: Integers
    bits: Integers  # [span, modifier]; the last modifier is none of those listed


@cache
def _meanings() -> _Meanings:
    listed = rows("edit_modifier")
    words = sorted({word for row in listed for word in row["listed"]})
    uses = {use: 1 << place for place, use in enumerate(sorted({row["use"] for row in listed}))}
    site_words = sorted({word for row in listed if row["use"] == _SITE for word in row["listed"]})
    site = {word: 1 << (len(uses) + place) for place, word in enumerate(site_words)}
    days = {row["effective_from"] for row in listed}
    days |= {row["effective_to"] + timedelta(days=1) for row in listed if "effective_to" in row}
    spans = sorted(days)
    bits = np.zeros((len(spans) + 1, len(words) + 1), np.int64)
    for number, day in enumerate(spans, 1):
        for row in listed:
            if row["effective_from"] <= day <= row.get("effective_to", date.max):
                for word in row["listed"]:
                    more = site[word] if row["use"] == _SITE else 0
                    bits[number, words.index(word)] |= uses[row["use"]] | more
    starts = np.array([(day - _EPOCH).days for day in spans])
    numbers = by_letters({word: number for number, word in enumerate(words)}, len(words), np.int32)
    return _Meanings(numbers, uses, site, starts, bits)


def letters_of(lines: pl.DataFrame, columns: Iterable[str]) -> list[Integers]:
    """Return columns as numbers of two letters, the first the lower byte; 0 where there are not two. Shape: [line]."""
    found = lines.select(pl.col(list(columns)).cast(pl.Binary).bin.reinterpret(dtype=pl.UInt16).fill_null(0))
    return [column.to_numpy() for column in found.get_columns()]


def by_letters(values: Mapping[str, int], other: int, kind: type[np.generic]) -> Integers:
    """Return the value of every two letters by their number in ``letters_of``, ``other`` for those not listed."""
    found = np.full(_PAIRS_OF_BYTES, other, kind)
    for word, value in values.items():
        found[int.from_bytes(word.encode(), "little")] = value
    return found


def bits_of(letters: Sequence[Integers], day: Integers) -> Integers:
    """Return the bits of each line, by its modifiers and day. Shape: [line]."""
    known = _meanings()
    found: Integers = np.zeros(len(day), np.int64)
    nothing = known.bits.shape[1] - 1
    for given in letters:
        number = known.numbers[given]
        at = np.flatnonzero(number != nothing)
        found[at] |= known.bits[np.searchsorted(known.starts, day[at], side="right"), number[at]]
    return found


def bit(use: str) -> int:
    """Return the bit of a use; 0 for one that no row has."""
    return _meanings().uses.get(use, 0)


def site_bits(words: Iterable[str] | None = None) -> int:
    """Return the bits of some sites' modifiers, of all where None."""
    site = _meanings().site
    return sum(site[word] for word in (site if words is None else words) if word in site)


def modifiers_of(use: str) -> list[str]:
    """Return every modifier that has had a use, sorted."""
    return sorted({word for row in rows("edit_modifier") if row["use"] == use for word in row["listed"]})
