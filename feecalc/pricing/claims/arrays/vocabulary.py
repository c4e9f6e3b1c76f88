"""The words of claim lines as small integers: codes, modifiers, places of service, localities, provider types.

A word that is not in its list gets the number after the last one, so that a look-up table has a place for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.pricing.release_tables import ReleaseTables

_TWO_BYTES = 2
_OTHER = 1 << (8 * _TWO_BYTES)  # after every pair of bytes: the place of a word that is null or not of two bytes
_BLANK = _OTHER + 1
Numbers = np.ndarray[tuple[int, ...], np.dtype[np.uint32]]


@dataclass(frozen=True)
class Words:
    """Number the words of a list."""

    listed: tuple[str, ...]

    @cached_property
    def kind(self) -> pl.Enum:
        return pl.Enum(list(self.listed))

    @cached_property
    def at(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.listed)}

    @property
    def unknown(self) -> int:
        return len(self.listed)

    def number(self, column: str | pl.Expr) -> pl.Expr:
        """Return the number of each word of a column; null counts as unknown. [Int32]"""
        words = pl.col(column) if isinstance(column, str) else column
        if not self._packed:
            return words.cast(self.kind, strict=False).to_physical().cast(pl.Int32).fill_null(self.unknown)
        packed = words.cast(pl.Binary).bin.reinterpret(dtype=pl.UInt16).cast(pl.UInt32)  # null but for two bytes
        if "" in self.at:
            packed = pl.when(words.str.len_bytes() == 0).then(pl.lit(_BLANK, pl.UInt32)).otherwise(packed)
        return pl.lit(self._of_packed).gather(packed.fill_null(_OTHER))

    @cached_property
    def _packed(self) -> bool:
        """Return whether the words are of two letters, or blank: two bytes are found without a comparison of texts."""
        return all(len(word.encode()) in (0, _TWO_BYTES) for word in self.listed)

    @cached_property
    def _of_packed(self) -> pl.Series:
        """Return the number of every pair of bytes, the first byte the lower one, and of the two places after them."""
        found = [self.unknown] * (_BLANK + 1)
        for word, number in self.at.items():
            found[int.from_bytes(word.encode(), "little") if word else _BLANK] = number
        return pl.Series(found, dtype=pl.Int32)

    def numbers(self, column: pl.Series) -> Numbers:
        """Return the number of each word of a column; null counts as unknown."""
        coded = column.cast(self.kind, strict=False).to_physical().cast(pl.UInt32)
        return coded.fill_null(self.unknown).to_numpy()


def _words(texts: Iterable[str]) -> Words:
    return Words(tuple(dict.fromkeys(texts)))


@cache
def _of_rules() -> tuple[Words, Words, Words]:
    """Return the modifiers, places of service and provider types of the rules of every year."""
    return (
        _words(["", *(row["modifier"] for row in reference.rows("modifier"))]),
        _words(row["code"] for row in reference.rows("place_of_service")),
        _words(row["provider_type"] for row in reference.rows("provider_type")),
    )


@dataclass(frozen=True)
class Vocabulary:
    """Number every word that the releases and the rules know."""

    hcpcs: Words
    modifiers: Words
    places: Words
    macs: Words
    numbers: Words
    provider_types: Words

    @classmethod
    def of(cls, tables: Sequence[ReleaseTables]) -> Vocabulary:
        """Return the words of these releases together, and of the rules of every year."""
        modifiers, places, provider_types = _of_rules()
        return cls(
            hcpcs=_words(code for each in tables for rows in each.printed_rows for code in rows["hcpcs"]),
            modifiers=modifiers,
            places=places,
            macs=_words(mac for each in tables for mac in each.localities["mac"].unique(maintain_order=True)),
            numbers=_words(
                number for each in tables for number in each.localities["locality"].unique(maintain_order=True)
            ),
            provider_types=provider_types,
        )
