"""What a line's modifiers mean to the edits, as bits of one whole number: uses of reference/edit_modifier.toml, and a
bit for each anatomic site.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Integers
from feecalc.reference import rows

MODIFIERS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")
_EPOCH = date(1970, 1, 1)
_TWO_BYTES = 2
_SITE, _BOTH = "site", "both_sides"


@dataclass(frozen=True)
class _Meanings:
    """Bits by span of days and modifier. ``starts``: first day of each span, since 1970."""

    numbers: pl.Series  # of each two letters, the first the lower byte: the modifier's number
    uses: dict[str, int]  # the bit of each use
    site: dict[str, int]  # the bit of each site
    starts: Integers
    bits: Integers  # [span, modifier]; the last modifier is none of those listed
    always: Integers  # [span]: the uses that hold without a modifier


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
    always = np.zeros(len(spans) + 1, np.int64)
    for number, day in enumerate(spans, 1):
        for row in listed:
            if row["effective_from"] <= day <= row.get("effective_to", date.max):
                sides = sum(site[side] for side in row.get("sides", ()))
                for word in row["listed"]:
                    more = site[word] if row["use"] == _SITE else sides
                    bits[number, words.index(word)] |= uses[row["use"]] | more
                if not row["listed"]:
                    always[number] |= uses[row["use"]]
    starts = np.array([(day - _EPOCH).days for day in spans])
    numbers = np.full(1 << 16, len(words), np.int32)
    for number, word in enumerate(words):
        numbers[int.from_bytes(word.encode(), "little")] = number
    return _Meanings(pl.Series(numbers), uses, site, starts, bits, always)


def bits_of(lines: pl.DataFrame) -> Integers:
    """Return the bits of each line, by its modifiers (those that are there) and day. Shape: [line]."""
    known = _meanings()
    day = lines["date_of_service"].to_physical().fill_null(-(10**6)).to_numpy()
    span = np.searchsorted(known.starts, day, side="right")
    found: Integers = known.always[span]
    for name in MODIFIERS:
        if name not in lines.columns:
            continue
        given = lines[name]
        meant = (given.str.len_bytes() == _TWO_BYTES).arg_true()
        if not len(meant):
            continue
        letters = given.gather(meant).cast(pl.Binary).bin.reinterpret(dtype=pl.UInt16)
        at, number = meant.to_numpy(), known.numbers.gather(letters).to_numpy()
        found[at] |= known.bits[span[at], number]
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
