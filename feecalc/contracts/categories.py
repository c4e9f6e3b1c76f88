"""Which category a code is of: by known names, RBCS, codes and ranges; and the ones that reports show."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.contracts.codes import Selection, code_keys, span_of
from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files.opening import open_file
from feecalc.pricing.arrays import Integers

NONE = -1
_RBCS_COLUMNS = ("hcpcs_code", "rbcs_category", "rbcs_subcategory", "rbcs_family")
_RBCS_LEVELS = _RBCS_COLUMNS[1:]
_MOST_NAMED = 12


@dataclass(frozen=True)
class Taxonomy:
    """CMS's Restructured BETOS categories, from the file a person has. Shape: ``_RBCS_COLUMNS``, one row a code."""

    codes: pl.DataFrame

    @cached_property
    def levels(self) -> dict[str, tuple[str, str]]:
        """Each name in small letters: the level it is of, and as it is written; a higher level goes before."""
        return {
            name.lower(): (level, name)
            for level in reversed(_RBCS_LEVELS)
            for name in self.codes[level].drop_nulls().unique().to_list()
        }

    def keys(self, name: str, where: str) -> Integers:
        """Return the codes of a category, subcategory or family. Raises InvalidValue."""
        found = self.levels.get(name.strip().lower())
        if found is None:
            near = difflib.get_close_matches(name.lower(), self.levels, n=3, cutoff=0.5)
            known = [self.levels[close][1] for close in near] or sorted(self.codes["rbcs_category"].unique())
            raise InvalidValue(f"{where}: no RBCS category {name!r}; there are {', '.join(known)}")
        level, written = found
        codes = self.codes.filter(pl.col(level) == written)
        return codes.select(code_keys("hcpcs_code").alias("key")).drop_nulls()["key"].to_numpy()

    def category_of(self, codes: pl.Series) -> pl.Series:
        """Return the RBCS category of each code; null where it has none."""
        wanted = codes.alias("hcpcs_code").to_frame()
        return wanted.join(self.codes, on="hcpcs_code", how="left", maintain_order="left")["rbcs_category"]


def read_taxonomy(path: Path) -> Taxonomy:
    """Return the RBCS taxonomy as CMS publishes it, each code's newest row. Raises MissingColumn, UnreadableFile."""
    file = open_file(path, _RBCS_COLUMNS)
    named = {heading.lower().strip(): f"input:{heading}" for heading in file.headings}
    named |= {alias.replace("rbcs_cat_desc", "rbcs_category"): column for alias, column in named.items()}
    missing = [name for name in _RBCS_COLUMNS if name not in named]
    if missing:
        raise MissingColumn(f"{path.name}: not CMS's RBCS taxonomy, which has {', '.join(_RBCS_COLUMNS)}")
    ended = named.get("hcpcs_date_ended") or named.get("rbcs_date_effective")
    order = [pl.col(ended)] if ended else []
    frame = file.frame.select(*(pl.col(named[name]).alias(name) for name in _RBCS_COLUMNS), *order).collect()
    if ended:
        frame = frame.sort(ended, maintain_order=True)
    return Taxonomy(frame.select(_RBCS_COLUMNS).unique("hcpcs_code", keep="last", maintain_order=True))


@dataclass(frozen=True)
class Categories:
    """Disjoint spans of code keys, each of a category. Shape of the arrays: [span], in order."""

    names: tuple[str, ...]
    first: Integers
    last: Integers
    number: Integers

    @classmethod
    def of(cls, named: Sequence[tuple[str, Iterable[tuple[int, int]]]], where: Sequence[str] = ()) -> Categories:
        """Return categories by name and spans. Raises InvalidValue where two share a code; ``where`` names each."""
        spans = sorted((first, last, number) for number, (_, own) in enumerate(named) for first, last in own)
        array = np.array(spans or np.empty((0, 3)), np.int64).reshape(-1, 3)
        first, last, number = array.T
        reached = np.maximum.accumulate(last) if len(last) else last
        clash = np.flatnonzero(first[1:] <= reached[:-1])
        for at in clash:
            former = int(np.flatnonzero(last[: at + 1] >= first[at + 1])[0])
            if number[former] != number[at + 1]:
                both = (int(number[former]), int(number[at + 1]))
                names = " and ".join(where[one] if where else named[one][0] for one in sorted(both))
                raise InvalidValue(
                    f"{names}: both have the code {code_of(int(first[at + 1]))}; take it out of one (without = [...])"
                )
        return cls(tuple(name for name, _ in named), first, np.maximum.accumulate(last) if len(last) else last, number)

    def numbers(self, keys: Integers) -> Integers:
        """Return the number of the category of each code key, -1 for none."""
        if not len(self.first):
            return np.full(len(keys), NONE)
        at = np.searchsorted(self.first, keys, side="right") - 1
        inside = (at >= 0) & (keys <= self.last[np.maximum(at, 0)])
        return np.where(inside, self.number[np.maximum(at, 0)], NONE)


def code_of(key: int) -> str:
    """Return the code that a key is of."""
    kind, digits = divmod(key, 100_000)
    if not kind:
        return f"{digits:05}"
    return f"{chr(kind)}{digits:04}" if kind < 128 else f"{digits:04}{chr(kind - 128)}"


def known_categories(day: date) -> dict[str, tuple[str, ...]]:
    """Return the categories that have a name here, and their codes."""
    return {row["name"]: tuple(row["codes"]) for row in reference.rows_on("service_category", day)}


def spans_of(term: Selection, name: str, day: date, taxonomy: Taxonomy | None, where: str) -> list[tuple[int, int]]:
    """Return the spans of code keys that a selection means, without what it leaves out. Raises InvalidValue."""
    texts = term.codes
    if not texts and not term.rbcs:
        known = known_categories(day)
        if name.lower() not in known:
            raise InvalidValue(
                f"{where}: {name!r} is not one of the known categories ({', '.join(known)}); give codes = [...] or "
                "rbcs = [...]"
            )
        texts = known[name.lower()]
    spans = [span_of(text) for text in texts]
    for rbcs_name in term.rbcs:
        if taxonomy is None:
            raise InvalidValue(f"{where}: rbcs {rbcs_name!r} needs CMS's RBCS taxonomy, and its file is not given")
        spans += [(int(key), int(key)) for key in taxonomy.keys(rbcs_name, where)]
    return _less(sorted(set(spans)), sorted(span_of(text) for text in term.without))


def _less(spans: list[tuple[int, int]], out: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans without what lies in the others."""
    for low, high in out:
        spans = [
            part
            for first, last in spans
            for part in ((first, min(last, low - 1)), (max(first, high + 1), last))
            if part[0] <= part[1]
        ]
    return sorted(set(spans))


def reporting_categories(day: date) -> Categories:
    """Return the known categories, as reports show them."""
    return Categories.of([(name, [span_of(text) for text in codes]) for name, codes in known_categories(day).items()])
