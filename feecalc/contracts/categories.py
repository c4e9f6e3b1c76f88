"""The category of a code: by known names, RBCS, codes and ranges; and the categories that reports show."""

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
from feecalc.contracts.codes import CodeSelection, code_keys, span_of
from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files.opening import open_file
from feecalc.pricing.arrays import Integers

NONE = -1
_RBCS_COLUMNS = ("hcpcs_code", "rbcs_category", "rbcs_subcategory", "rbcs_family")
_RBCS_LEVELS = _RBCS_COLUMNS[1:]
_MOST_NAMED = 12


@dataclass(frozen=True)
class Taxonomy:
    """CMS's Restructured BETOS (RBCS) categories, from CMS's file. Shape: ``_RBCS_COLUMNS``, one row a code."""

    codes: pl.DataFrame

    @cached_property
    def levels(self) -> dict[str, tuple[str, str]]:
        """The level and spelling of each name, by the name in lower case; a higher level takes precedence."""
        return {
            name.lower(): (level, name)
            for level in reversed(_RBCS_LEVELS)
            for name in self.codes[level].drop_nulls().unique().to_list()
        }

    def keys(self, name: str, where: str) -> Integers:
        """Return the codes of a category, subcategory or family. Raises InvalidValue."""
        category = self.levels.get(name.strip().lower())
        if category is None:
            similar = difflib.get_close_matches(name.lower(), self.levels, n=3, cutoff=0.5)
            suggestions = [self.levels[similar_name][1] for similar_name in similar] or sorted(
                self.codes["rbcs_category"].unique()
            )
            raise InvalidValue(f"{where}: no RBCS category {name!r}; there are {', '.join(suggestions)}")
        level, written = category
        codes = self.codes.filter(pl.col(level) == written)
        return codes.select(code_keys("hcpcs_code").alias("key")).drop_nulls()["key"].to_numpy()

    def category_of(self, codes: pl.Series) -> pl.Series:
        """Return the RBCS category of each code; null where it has none."""
        codes_frame = codes.alias("hcpcs_code").to_frame()
        return codes_frame.join(self.codes, on="hcpcs_code", how="left", maintain_order="left")["rbcs_category"]


def read_taxonomy(path: Path) -> Taxonomy:
    """Return the RBCS taxonomy as CMS publishes it, each code's newest row. Raises MissingColumn, UnreadableFile."""
    file = open_file(path, _RBCS_COLUMNS)
    columns = {heading.lower().strip(): f"input:{heading}" for heading in file.headings}
    columns |= {alias.replace("rbcs_cat_desc", "rbcs_category"): column for alias, column in columns.items()}
    missing = [name for name in _RBCS_COLUMNS if name not in columns]
    if missing:
        raise MissingColumn(f"{path.name}: not CMS's RBCS taxonomy, which has {', '.join(_RBCS_COLUMNS)}")
    end_date = columns.get("hcpcs_date_ended") or columns.get("rbcs_date_effective")
    order = [pl.col(end_date)] if end_date else []
    frame = file.frame.select(*(pl.col(columns[name]).alias(name) for name in _RBCS_COLUMNS), *order).collect()
    if end_date:
        frame = frame.sort(end_date, maintain_order=True)
    return Taxonomy(frame.select(_RBCS_COLUMNS).unique("hcpcs_code", keep="last", maintain_order=True))


@dataclass(frozen=True)
class Categories:
    """Categories as disjoint spans of code keys. Shape of the arrays: [span], sorted."""

    names: tuple[str, ...]
    first: Integers
    last: Integers
    number: Integers

    @classmethod
    def of(cls, categories: Sequence[tuple[str, Iterable[tuple[int, int]]]], where: Sequence[str] = ()) -> Categories:
        """Return categories from names and spans of codes; ``where`` says where each category is written.

        Raises InvalidValue where two categories share a code.
        """
        spans = sorted(
            (first, last, number) for number, (_, code_spans) in enumerate(categories) for first, last in code_spans
        )
        span_array = np.array(spans or np.empty((0, 3)), np.int64).reshape(-1, 3)
        first, last, number = span_array.T
        highest = np.maximum.accumulate(last) if len(last) else last
        overlaps = np.flatnonzero(first[1:] <= highest[:-1])
        for overlap in overlaps:
            earlier = int(np.flatnonzero(last[: overlap + 1] >= first[overlap + 1])[0])
            if number[earlier] != number[overlap + 1]:
                category_numbers = (int(number[earlier]), int(number[overlap + 1]))
                names = " and ".join(
                    where[category] if where else categories[category][0] for category in sorted(category_numbers)
                )
                raise InvalidValue(
                    f"{names}: both have the code {code_of(int(first[overlap + 1]))}; "
                    "take it out of one (without = [...])"
                )
        return cls(
            tuple(name for name, _ in categories), first, np.maximum.accumulate(last) if len(last) else last, number
        )

    def numbers(self, keys: Integers) -> Integers:
        """Return the number of the category of each code key, -1 for none."""
        if not len(self.first):
            return np.full(len(keys), NONE)
        span = np.searchsorted(self.first, keys, side="right") - 1
        is_in_span = (span >= 0) & (keys <= self.last[np.maximum(span, 0)])
        return np.where(is_in_span, self.number[np.maximum(span, 0)], NONE)


def code_of(key: int) -> str:
    """Return the code of a key of ``code_key``."""
    kind, digits = divmod(key, 100_000)
    if not kind:
        return f"{digits:05}"
    return f"{chr(kind)}{digits:04}" if kind < 128 else f"{digits:04}{chr(kind - 128)}"


def known_categories(day: date) -> dict[str, tuple[str, ...]]:
    """Return the codes of each category that feecalc has a name for, in force on a day."""
    return {row["name"]: tuple(row["codes"]) for row in reference.rows_on("service_category", day)}


def spans_of(term: CodeSelection, name: str, day: date, taxonomy: Taxonomy | None, where: str) -> list[tuple[int, int]]:
    """Return the spans of code keys that a selection includes, less the codes it excludes. Raises InvalidValue."""
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
    return _without_spans(sorted(set(spans)), sorted(span_of(text) for text in term.without))


def _without_spans(spans: list[tuple[int, int]], left_out: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans less the parts that lie in ``left_out``."""
    for low, high in left_out:
        spans = [
            part
            for first, last in spans
            for part in ((first, min(last, low - 1)), (max(first, high + 1), last))
            if part[0] <= part[1]
        ]
    return sorted(set(spans))


def reporting_categories(day: date) -> Categories:
    """Return the categories that feecalc has a name for, as reports show them."""
    return Categories.of([(name, [span_of(text) for text in codes]) for name, codes in known_categories(day).items()])
