"""The edit tables opened for some days of service: NCCI pairs, unlikely units, add-on codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Protocol

import polars as pl

from feecalc.edits.ncci.add_on_index import AddOnIndex
from feecalc.edits.ncci.pair_index import PairIndex
from feecalc.edits.ncci.unit_index import UnitIndex

_OF_ANCILLARY = ("hcpcs", "payment_indicator")  # all that an edit asks of Addendum BB
KINDS = {"ncci_pair": "NCCI pairs", "mue": "medically unlikely units", "add_on": "add-on codes"}


class Entry(Protocol):
    """What the store says of an entry."""

    @property
    def name(self) -> str: ...
    @property
    def first_date_of_service(self) -> date | None: ...


class Shelf(Protocol):
    """The store, as far as it is needed here: ``feecalc.ingest.store.Store`` is one."""

    def manifests(self, kind: str | None = None) -> Sequence[Any]:
        """The entries of a kind, oldest first."""

    def read(self, name: str, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The table of an entry."""


@dataclass(frozen=True)
class EditTables:
    """The tables of the edits; None where none is installed, and then that edit finds nothing.

    ``pairs``, ``add_ons``: as ``feecalc.tables`` has them, with the days of each row. ``units``: the same with
    ``effective_from``, the first day of the quarter its file is of, as the file has no days; so ``ancillary``, ASC
    Addendum BB. ``files``: the store entries used. ``missing``: sentences on what is not there, or older than the days
    asked for; ``missing_in_centers``: the same, of what only lines in a surgical center need.
    """

    pairs: pl.DataFrame | None = None
    units: pl.DataFrame | None = None
    add_ons: pl.DataFrame | None = None
    ancillary: pl.DataFrame | None = None
    pairs_known_from: date | None = None  # the quarter of the pairs: earlier, a pair without a first day is uncertain
    files: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    missing_in_centers: tuple[str, ...] = ()

    @cached_property
    def pair_index(self) -> PairIndex | None:
        """The pairs, ready to be looked up by the million."""
        return None if self.pairs is None else PairIndex.of(self.pairs, self.pairs_known_from)

    @cached_property
    def unit_index(self) -> UnitIndex | None:
        """The most units of each code, ready to be looked up."""
        return None if self.units is None else UnitIndex.of(self.units)

    @cached_property
    def add_on_index(self) -> AddOnIndex | None:
        """The add-on codes and their primaries, ready to be looked up."""
        return None if self.add_ons is None else AddOnIndex.of(self.add_ons)


def open_edit_tables(store: Shelf, day: date, first_day: date | None = None) -> EditTables:
    """The tables for days of service up to ``day``, from ``first_day`` on (default: ``day`` itself).

    Pairs and add-on codes carry their days, so the newest file serves all of them; units are taken from the file of
    each line's quarter, and lines before the oldest file have none. Raises StoreError where an entry is damaged.
    """
    first = day if first_day is None else first_day
    files: list[str] = []
    missing: list[str] = []
    newest = {kind: _newest(store.manifests(kind)) for kind in KINDS}
    for kind, words in KINDS.items():
        if not newest[kind]:
            missing.append(f"no {words} are installed: that edit is not checked (feecalc build FILE)")
    pairs = _read(store, "ncci_pair", newest["ncci_pair"], files)
    add_ons = _read(store, "add_on", newest["add_on"], files)
    units, begins = _by_quarter(store, "mue", first, day, files)
    ancillary, listed_from = _by_quarter(store, "asc_ancillary", first, day, files, _OF_ANCILLARY)
    if begins is not None and begins > first:
        missing.append(f"unlikely units begin with the file of {begins}: earlier lines are not checked for them")
    for kind in ("ncci_pair", "mue", "add_on"):
        missing += _stale(KINDS[kind], newest[kind], day)
    known_from = newest["ncci_pair"][0].first_date_of_service if newest["ncci_pair"] else None
    return EditTables(
        pairs=None if pairs is None else pairs.filter(pl.col("deleted_on").is_null() | (pl.col("deleted_on") >= first)),
        units=units,
        add_ons=add_ons,
        ancillary=ancillary,
        pairs_known_from=known_from,
        files=tuple(files),
        missing=tuple(missing),
        missing_in_centers=_missing_in_centers(store.manifests("asc_ancillary"), listed_from, first, day),
    )


def _newest(entries: Sequence[Entry]) -> list[Entry]:
    """The entries of the latest quarter: several where a file comes in parts."""
    days = [each.first_date_of_service or date.min for each in entries]
    return [entry for entry, day in zip(entries, days, strict=True) if day == max(days)]


def _read(store: Shelf, table: str, entries: Iterable[Entry], files: list[str]) -> pl.DataFrame | None:
    frames = []
    for entry in entries:
        frames.append(store.read(entry.name, table))
        files.append(entry.name)
    return pl.concat(frames) if frames else None


def _by_quarter(
    store: Shelf, kind: str, first: date, day: date, files: list[str], columns: Sequence[str] | None = None
) -> tuple[pl.DataFrame | None, date | None]:
    """The files of the days, each row with its file's first day; and the first day of the oldest of them."""
    entries = [each for each in store.manifests(kind) if (each.first_date_of_service or date.min) <= day]
    entries.sort(key=lambda each: each.first_date_of_service or date.min)
    older = [each for each in entries if (each.first_date_of_service or date.min) <= first]
    used = entries[max(len(older) - 1, 0) :]
    frames = []
    for entry in used:
        begins = entry.first_date_of_service or date.min
        frames.append(store.read(entry.name, kind, columns).with_columns(effective_from=pl.lit(begins, dtype=pl.Date)))
        files.append(entry.name)
    return (pl.concat(frames), used[0].first_date_of_service) if frames else (None, None)


def _missing_in_centers(
    entries: Sequence[Entry], begins: date | None, first: date, day: date
) -> tuple[str, ...]:
    """What is lacking for lines in a surgical center (place of service 24)."""
    if begins is None:
        return (
            "ASC Addendum BB is not installed: whether the technical part of imaging in a surgical center is the "
            "center's is not checked (feecalc build FILE)",
        )
    if begins > first:
        return (f"ASC Addendum BB begins with the file of {begins}: earlier lines in a center are not checked by it",)
    newest = max(entries, key=lambda each: each.first_date_of_service or date.min)
    return tuple(_stale("services of ASC Addendum BB", [newest], day))


def _stale(words: str, entries: Sequence[Entry], day: date) -> list[str]:
    """A sentence where the newest file is of an earlier quarter than the newest line."""
    begins = entries[0].first_date_of_service if entries else None
    if begins is None or (begins.year, (begins.month + 2) // 3) >= (day.year, (day.month + 2) // 3):
        return []
    named = f"{begins} ({entries[0].name})"
    return [f"against {words} newer than those of {named}; lines run to {day}: build the newer file"]

