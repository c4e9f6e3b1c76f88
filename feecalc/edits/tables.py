"""The edit tables opened for some days of service: NCCI pairs, unlikely units, add-on codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import polars as pl

_VERSION = re.compile(r"v\d{3}r\d", re.IGNORECASE)  # in the name of a file of pairs: ccipra-v322r0-f1
_OF_ANCILLARY = ("hcpcs", "payment_indicator")  # all that an edit asks of Addendum BB
_PAIR = ("column_1", "column_2")
KINDS = {"ncci_pair": "NCCI pairs", "mue": "medically unlikely units", "add_on": "add-on codes"}


class Entry(Protocol):
    """What the store says of an entry."""

    @property
    def name(self) -> str: ...
    @property
    def first_date_of_service(self) -> date | None: ...
    @property
    def source(self) -> Mapping[str, Any]: ...
    @property
    def tables(self) -> Mapping[str, Mapping[str, Any]]: ...


class Shelf(Protocol):
    """What is installed at one moment, as far as it is needed here."""

    def manifests(self, kind: str | None = None) -> Sequence[Any]:
        """Return the entries of a kind, oldest first."""

    def read(self, name: str, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return the table of an entry."""


class Shelves(Protocol):
    """The store: ``feecalc.ingest.store.Store`` is one."""

    def read_at_once(self, reading: Callable[[Shelf], EditTables]) -> EditTables:
        """Return what ``reading`` makes of the store as it stood at one moment."""


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


def open_edit_tables(
    store: Shelves, day: date, first_day: date | None = None, codes: pl.Series | None = None
) -> EditTables:
    """Return the tables for days of service up to ``day``, from ``first_day`` on (default: ``day`` itself).

    Pairs and add-on codes carry their days, so the newest file serves all of them; units are taken from the file of
    each line's quarter, and lines before the oldest file have none. All are as they stood at one moment, the parts of
    a file too. ``codes``: of all lines there are, where they are few; only pairs of these are opened then.
    Raises StoreError where an entry is damaged.
    """
    return store.read_at_once(lambda shelf: _opened(shelf, day, day if first_day is None else first_day, codes))


def _opened(store: Shelf, day: date, first: date, codes: pl.Series | None) -> EditTables:
    files: list[str] = []
    missing: list[str] = []
    newest: dict[str, list[Entry]] = {kind: _newest(store.manifests(kind)) for kind in KINDS}
    for kind, words in KINDS.items():
        if not newest[kind]:
            missing.append(f"no {words} are installed: that edit is not checked (feecalc build FILE)")
    pairs = _read(store, "ncci_pair", newest["ncci_pair"], files)
    if pairs is not None:
        over = pl.col("deleted_on") < first
        wanted = [pl.col(name).is_in(codes.implode()) for name in _PAIR if codes is not None]
        # millions of rows, whose texts repeat themselves
        pairs = pairs.filter(~over.fill_null(False), *wanted).cast({pl.String: pl.Categorical()})
    add_ons = _read(store, "add_on", newest["add_on"], files)
    units, begins = _by_quarter(store, "mue", first, day, files)
    ancillary, listed_from = _by_quarter(store, "asc_ancillary", first, day, files, _OF_ANCILLARY)
    if begins is not None and begins > first:
        missing.append(f"unlikely units begin with the file of {begins}: earlier lines are not checked for them")
    missing += _of_versions(newest["ncci_pair"])
    for kind in ("ncci_pair", "mue", "add_on"):
        missing += _stale(KINDS[kind], newest[kind], day)
    known_from = newest["ncci_pair"][0].first_date_of_service if newest["ncci_pair"] else None
    return EditTables(
        pairs=pairs,
        units=units,
        add_ons=add_ons,
        ancillary=ancillary,
        pairs_known_from=known_from,
        files=tuple(files),
        missing=tuple(missing),
        missing_in_centers=_missing_in_centers(store.manifests("asc_ancillary"), listed_from, first, day),
    )


def _newest(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of the latest quarter: several where a file comes in parts."""
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
    """Return the files of the days, each row with its file's first day; and the first day of the oldest of them."""
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


def _of_versions(parts: Sequence[Entry]) -> list[str]:
    """Return a sentence where the parts of the pairs come from files of different versions, v322r0 and v322r1."""
    versions = {}
    for each in parts:
        named = f"{each.tables['ncci_pair'].get('member', '')} {each.source.get('name', '')}"
        if found := _VERSION.search(named):
            versions[each.name] = found[0].lower()
    if len(set(versions.values())) < 2:
        return []
    told = ", ".join(f"{name} is of {version}" for name, version in versions.items())
    return [f"against NCCI pairs of one version: {told}; build all parts of one version"]


def _missing_in_centers(
    entries: Sequence[Entry], begins: date | None, first: date, day: date
) -> tuple[str, ...]:
    """Return what is lacking for lines in a surgical center (place of service 24)."""
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
    """Return a sentence where the newest file is of an earlier quarter than the newest line."""
    begins = entries[0].first_date_of_service if entries else None
    if begins is None or (begins.year, (begins.month + 2) // 3) >= (day.year, (day.month + 2) // 3):
        return []
    named = f"{begins} ({entries[0].name})"
    return [f"against {words} newer than those of {named}; lines run to {day}: build the newer file"]

