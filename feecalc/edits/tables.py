"""The edit tables opened for some days of service: NCCI pairs, unlikely units, add-on codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Protocol

import polars as pl

_VERSION = re.compile(r"v\d{3}r\d", re.IGNORECASE)  # in the name of a file of pairs: ccipra-v322r0-f1
_OF_ANCILLARY = ("hcpcs", "payment_indicator")  # all that an edit reads of Addendum BB
_PAIR = ("column_1", "column_2")
_ENTRY = re.compile(r"(.+)-(\d{4})([1-4])?(?:-F\d+)?")  # how the store names them: MUE-20243, NCCI_PAIR-20262-F1
Bill = Literal["professional", "asc", "hospital"]
KINDS = {"ncci_pair": "NCCI pairs", "mue": "medically unlikely units", "add_on": "add-on codes"}
# the lists that CMS publishes for hospitals apart, and what the store calls those
OF_HOSPITALS = {"ncci_pair": "ncci_pair_hospital", "mue": "mue_hospital"}


class Missing(str):
    """A sentence on what is missing; ``kind``: of ``KINDS``, "" for none of these."""

    kind: str

    def __new__(cls, text: str, kind: str = "") -> Missing:
        found = super().__new__(cls, text)
        found.kind = kind
        return found


def kind_and_quarter(name: str) -> tuple[str, str] | None:
    """Return the kind of an entry of the store and its quarter, 2026Q2, by its name; None for one of no quarter."""
    met = _ENTRY.fullmatch(name)
    return (met[1].lower(), f"{met[2]}Q{met[3]}") if met and met[3] else None


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
    of service; ``missing_in_centers``: the same, of what only lines in a surgical center need. ``left_out``: the
    names of ``listed.switches`` that a person leaves out. ``of_hospitals``: which of ``OF_HOSPITALS`` are the
    hospitals' own.
    """

    pairs: pl.DataFrame | None = None
    units: pl.DataFrame | None = None
    add_ons: pl.DataFrame | None = None
    ancillary: pl.DataFrame | None = None
    pairs_known_from: date | None = None  # the quarter of the pairs: earlier, a pair without a first day is uncertain
    files: tuple[str, ...] = ()
    missing: tuple[Missing | str, ...] = ()
    missing_in_centers: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()
    of_hospitals: frozenset[str] = frozenset()


def open_edit_tables(
    store: Shelves, day: date, first_day: date | None = None, codes: pl.Series | None = None, *,
    bill: Bill = "professional", left_out: frozenset[str] = frozenset(), dated: bool = True,
) -> EditTables:  # fmt: skip
    """Return the tables for days of service up to ``day``, from ``first_day`` on (default: ``day`` itself).

    Pairs and add-on codes carry their days, so the newest file serves all of them; units are taken from the file of
    each line's quarter, and lines before the oldest file have none. All are as they stood at one moment, the parts of
    a file too. ``codes``: of all lines there are, where they are few; only pairs of these are opened then. ``bill``: a
    hospital's is looked at by the hospitals' files; a list of which there is none is the practitioners', and that is
    said. An ASC's is looked at by the practitioners'. ``left_out``: as in ``EditTables``. ``dated``: whether lines have
    these days; else no file is older than they are. Raises StoreError where an entry is damaged.

    Source: Pub. 100-04 ch. 23 sec. 20.9: CMS publishes the edits of practitioners and those of hospitals apart. First
    Coast, FAQ 225076: an ASC's claims are Part B's; that the practitioners' lists serve them is assumed, as no text of
    CMS's that says it was read.
    """
    begins = day if first_day is None else first_day
    newest = day if dated else None
    tables = store.read_at_once(lambda shelf: _opened(shelf, day, begins, codes, bill, newest))
    return replace(tables, left_out=left_out)


def has_lists_of_hospitals(store: Shelf) -> bool:
    """Return whether any of the hospitals' own lists is installed."""
    return any(store.manifests(kind) for kind in OF_HOSPITALS.values())


def _entries(store: Shelf, bill: Bill, day: date) -> dict[str, tuple[str, Sequence[Entry]]]:
    """Return what the store calls each list for a kind of bill, and its entries."""
    found: dict[str, tuple[str, Sequence[Entry]]] = {kind: (kind, store.manifests(kind)) for kind in KINDS}
    if bill == "hospital":
        for kind, own in OF_HOSPITALS.items():
            entries = store.manifests(own)
            # limits are of one quarter; pairs carry their days
            if any(kind == "ncci_pair" or _first_day(entry) <= day for entry in entries):
                found[kind] = (own, entries)
    return found


def _by_practitioners(lists: Mapping[str, tuple[str, Sequence[Entry]]], files: Sequence[str]) -> list[str]:
    """Return which of a hospital's lines are not looked at by the hospitals' own lists."""
    lacking = [kind for kind in OF_HOSPITALS if lists[kind][0] == kind]
    used = [name for name in files if name.startswith(tuple(f"{kind.upper()}-" for kind in lacking))]
    if not used:
        return []
    words = " and ".join({"ncci_pair": "NCCI pairs", "mue": "unlikely units"}[kind] for kind in lacking)
    return [f"hospitals' own {words} are not installed: looked at by the practitioners' files "
            f"({', '.join(used)}), from which CMS's hospital edits may differ"]  # fmt: skip


def _not_installed(store: Shelf, kind: str) -> str:
    """Return the sentence on a list that is not there."""
    own = OF_HOSPITALS.get(kind)
    if own is not None and store.manifests(own):
        return (
            f"no {KINDS[kind]} of practitioners are installed, only hospitals': that edit is not checked "
            "(feecalc build FILE)"
        )
    return f"no {KINDS[kind]} are installed: that edit is not checked (feecalc build FILE)"


def _opened(
    store: Shelf, day: date, first: date, codes: pl.Series | None, bill: Bill, newest_line: date | None
) -> EditTables:
    files: list[str] = []
    lists = _entries(store, bill, day)
    newest: dict[str, list[Entry]] = {kind: _newest(entries) for kind, (_, entries) in lists.items()}
    missing: list[Missing | str] = [Missing(_not_installed(store, kind), kind) for kind in KINDS if not newest[kind]]
    pairs = _read(store, lists["ncci_pair"][0], newest["ncci_pair"], files)
    if pairs is not None:
        over = pl.col("deleted_on") < first
        wanted = [pl.col(name).is_in(codes.implode()) for name in _PAIR if codes is not None]
        # millions of rows, whose texts repeat themselves
        pairs = pairs.filter(~over.fill_null(False), *wanted).cast({pl.String: pl.Categorical()})
    add_ons = _read(store, "add_on", newest["add_on"], files)
    units, begins = _by_quarter(store, lists["mue"][0], first, day, files)
    ancillary, listed_from = _by_quarter(store, "asc_ancillary", first, day, files, _OF_ANCILLARY)
    if begins is not None and begins > first:
        missing.append(f"unlikely units begin with the file of {begins}: earlier lines are not checked for them")
    missing += _of_versions(lists["ncci_pair"][0], newest["ncci_pair"])
    for kind, words in KINDS.items():
        missing += [Missing(text, kind) for text in _stale(words, newest[kind], newest_line)]
    if bill == "hospital":
        missing += _by_practitioners(lists, files)
    known_from = newest["ncci_pair"][0].first_date_of_service if newest["ncci_pair"] else None
    return EditTables(
        pairs=pairs,
        units=units,
        add_ons=add_ons,
        ancillary=ancillary,
        pairs_known_from=known_from,
        files=tuple(files),
        missing=tuple(missing),
        missing_in_centers=_missing_in_centers(store.manifests("asc_ancillary"), listed_from, first, newest_line),
        of_hospitals=frozenset(kind for kind, (stored, _) in lists.items() if stored != kind),
    )


def _newest(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of the latest quarter: more than one where a file comes in parts."""
    days = [_first_day(entry) for entry in entries]
    return [entry for entry, day in zip(entries, days, strict=True) if day == max(days)]


def _first_day(entry: Entry) -> date:
    return entry.first_date_of_service or date.min


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
    entries = sorted((entry for entry in store.manifests(kind) if _first_day(entry) <= day), key=_first_day)
    older = [entry for entry in entries if _first_day(entry) <= first]
    used = entries[max(len(older) - 1, 0) :]
    frames = []
    for entry in used:
        begins = pl.lit(_first_day(entry), dtype=pl.Date)
        frames.append(store.read(entry.name, kind, columns).with_columns(effective_from=begins))
        files.append(entry.name)
    return (pl.concat(frames), used[0].first_date_of_service) if frames else (None, None)


def _of_versions(kind: str, parts: Sequence[Entry]) -> list[str]:
    """Return a sentence where the parts of the pairs come from files of different versions, v322r0 and v322r1."""
    versions = {}
    for entry in parts:
        named = f"{entry.tables[kind].get('member', '')} {entry.source.get('name', '')}"
        if found := _VERSION.search(named):
            versions[entry.name] = found[0].lower()
    if len(set(versions.values())) < 2:
        return []
    listed = ", ".join(f"{name} is of {version}" for name, version in versions.items())
    return [f"against NCCI pairs of one version: {listed}; build all parts of one version"]


def _missing_in_centers(
    entries: Sequence[Entry], begins: date | None, first: date, day: date | None
) -> tuple[str, ...]:
    """Return what is lacking for lines in a surgical center (place of service 24)."""
    if begins is None:
        return (
            "ASC Addendum BB is not installed: whether the technical part of imaging in a surgical center is the "
            "center's is not checked (feecalc build FILE)",
        )
    if begins > first:
        return (f"ASC Addendum BB begins with the file of {begins}: earlier lines in a center are not checked by it",)
    newest = max(entries, key=_first_day)
    return tuple(_stale("services of ASC Addendum BB", [newest], day))


def _stale(words: str, entries: Sequence[Entry], day: date | None) -> list[str]:
    """Return a sentence where the newest file is of an earlier quarter than the newest line, if a line has a day."""
    begins = entries[0].first_date_of_service if entries else None
    if begins is None or day is None or (begins.year, (begins.month + 2) // 3) >= (day.year, (day.month + 2) // 3):
        return []
    named = f"{begins} ({entries[0].name})"
    return [f"against {words} newer than those of {named}; lines run to {day}: build the newer file"]

