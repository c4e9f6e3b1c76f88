"""From what is installed to a schedule of facility rates: for each table the newest entry that is not after the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

import polars as pl

from feecalc.errors import NotInstalled
from feecalc.facility.areas import hospital_areas, surgery_center_areas
from feecalc.facility.hospital.assignment import HospitalTables, carried, known_elsewhere, rated
from feecalc.facility.lines import ASC, OPPS, SETTINGS
from feecalc.facility.schedule import FacilitySchedule
from feecalc.facility.surgery_center import CenterTables, center_codes

_Columns = Mapping[str, pl.DataType | type[pl.DataType]]
_RANKS: _Columns = {"hcpcs": pl.String, "rank": pl.Int32}
_PAIRS: _Columns = {"primary_hcpcs": pl.String, "secondary_hcpcs": pl.String, "adjusted_apc": pl.String}
_CODE_PAIRS: _Columns = {
    "device_hcpcs": pl.String,
    "procedure_hcpcs": pl.String,
    "percent_multiplier": pl.Decimal(22, 12),
    "effective_from": pl.Date,
    "effective_to": pl.Date,
}
# The ASC's files, and in which of their columns codes stand.
_CODES_OF = {
    "asc": ("hcpcs",),
    "asc_ancillary": ("hcpcs",),
    "asc_device_offset": ("hcpcs",),
    "asc_code_pair": ("device_hcpcs", "procedure_hcpcs"),
    "asc_excluded": ("hcpcs",),
}
_AREAS: _Columns = {
    "cbsa": pl.String,
    "area": pl.String,
    "index": pl.Int64,
    "area_status": pl.String,
    "area_note": pl.String,
}


class Entry(Protocol):
    """What is asked of an entry of the store."""

    @property
    def name(self) -> str: ...
    @property
    def year(self) -> int: ...
    @property
    def first_date_of_service(self) -> date | None: ...


class Entries(Protocol):
    """What is asked of what is installed at one moment: its entries of a kind, oldest first, and an entry's table."""

    def manifests(self, kind: str | None = None) -> Sequence[Any]: ...
    def read(self, name: str, table: str) -> pl.DataFrame: ...


class Installed(Protocol):
    """What is asked of the store: all that is read is as it stood at one moment."""

    def read_at_once(self, reading: Callable[[Entries], FacilitySchedule]) -> FacilitySchedule: ...


def open_facility(store: Installed, day: date | None = None, settings: Sequence[str] = SETTINGS) -> FacilitySchedule:
    """Return the rates of the quarter that ``day`` lies in, by default the newest quarter that is installed.

    A setting whose rates are not installed is told in ``missing``. Raises NotInstalled where that is every setting.
    """
    return store.read_at_once(lambda installed: _opened(installed, day, settings))


def _opened(installed: Entries, day: date | None, settings: Sequence[str]) -> FacilitySchedule:
    shelf = _Shelf(installed)
    on = day or shelf.newest(settings)
    first, last = quarter(on)
    made: dict[str, Any] = {}
    entries: dict[str, Mapping[str, str]] = {}
    notices: dict[str, tuple[str, ...]] = {}
    missing: dict[str, str] = {}
    for setting in settings:
        try:
            opening = _hospital(shelf, on) if setting == OPPS else _center(shelf, on)
        except NotInstalled as error:
            missing[setting] = str(error)
            continue
        made["hospital" if setting == OPPS else "center"], entries[setting], notices[setting] = opening
    if not made:
        raise NotInstalled("\n".join(missing.values()))
    return FacilitySchedule(first, last, entries=entries, notices=notices, missing=missing, **made)


def quarter(day: date) -> tuple[date, date]:
    """The first and last day of the calendar quarter a day lies in."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    after = date(first.year + (first.month > 9), (first.month + 2) % 12 + 1, 1)
    return first, after - timedelta(days=1)


class _Shelf:
    """The entries by kind, each kind listed once."""

    def __init__(self, installed: Entries) -> None:
        self.installed = installed
        self.kinds: dict[str, Sequence[Entry]] = {}

    def entries(self, kind: str) -> Sequence[Entry]:
        if kind not in self.kinds:
            self.kinds[kind] = self.installed.manifests(kind)
        return self.kinds[kind]

    def newest(self, settings: Sequence[str]) -> date:
        kinds = {OPPS: ("opps", "apc"), ASC: ("asc",)}
        days = [_begins(entry) for setting in settings for kind in kinds[setting] for entry in self.entries(kind)]
        if not days:
            raise NotInstalled(
                "no facility rates are installed; load CMS's files: feecalc build FILE with OPPS Addendum B, the ASC "
                "addenda AA, BB, EE and FF, and the wage indices"
            )
        return max(days)

    def of_day(self, kind: str, day: date, *, of_year: bool = True) -> Entry | None:
        """Return the newest entry of a kind that is not after ``day``, of its year unless told otherwise."""
        found = [
            entry for entry in self.entries(kind) if _begins(entry) <= day and (not of_year or _year(entry) == day.year)
        ]
        return max(found, key=lambda each: (_begins(each), each.name)) if found else None

    def read(self, entry: Entry, kind: str) -> pl.DataFrame:
        return self.installed.read(entry.name, kind)

    def have(self, kind: str) -> str:
        return ", ".join(entry.name for entry in self.entries(kind)) or "none"


def _begins(entry: Entry) -> date:
    return entry.first_date_of_service or date(entry.year, 1, 1)


def _year(entry: Entry) -> int:
    return _begins(entry).year


def _hospital(shelf: _Shelf, day: date) -> tuple[HospitalTables, dict[str, str], tuple[str, ...]]:
    names: dict[str, str] = {}
    notices: list[str] = []
    by_apc = shelf.of_day("apc", day)
    apcs = rated(shelf.read(by_apc, "apc"), by_apc.name) if by_apc is not None else None
    by_code = shelf.of_day("opps", day)
    if by_code is not None:
        codes = rated(shelf.read(by_code, "opps"), by_code.name)
        names["opps"] = by_code.name
        without = f"{by_code.name} does not list the code, so OPPS has no rate for it; {{}} lists it"
        codes = known_elsewhere(codes, _in_other_lists(shelf, day, without))
    else:
        older = shelf.of_day("opps", day, of_year=False)
        if older is None or apcs is None or by_apc is None or _year(older) != day.year - 1:
            raise NotInstalled(
                f"no OPPS Addendum B of {day.year} is installed (installed: {shelf.have('opps')}); "
                "load it: feecalc build ADDENDUM_B, or give --date"
            )
        offset = shelf.of_day("asc_device_offset", day)
        devices = None if offset is None else shelf.read(offset, "asc_device_offset")
        codes = carried(rated(shelf.read(older, "opps"), older.name), apcs, devices)
        lacking = f"no Addendum B of {day.year} is installed; "
        if offset is not None and devices is not None:
            said = f"{lacking}{offset.name} has the code in APC {{}}, of which {by_apc.name} holds no rate"
            of_apc = devices.filter(pl.col("apc") != "").select("hcpcs", pl.format(said, "apc").alias("elsewhere"))
            codes = known_elsewhere(codes, of_apc)
        without = f"{lacking}{{}} lists the code, and does not say what OPPS pays for it"
        codes = known_elsewhere(codes, _in_other_lists(shelf, day, without))
        names |= {"opps": older.name, "rates": by_apc.name}
        also = "" if offset is None else f", the APC of {offset.name} where it has another"
        names |= {} if offset is None else {"asc_device_offset": offset.name}
        notices.append(
            f"no Addendum B of {day.year} is installed: statuses and APCs of {older.name}{also}, at the rates of "
            f"{by_apc.name}"
        )
    if by_apc is not None:
        names["apc"] = by_apc.name
    if apcs is None:  # the APCs that Addendum B itself names
        named = codes.filter(pl.col("apc") != "")
        apcs = named.unique("apc", keep="first", maintain_order=True).drop("hcpcs", "elsewhere")
    ranks = _annual(shelf, "comprehensive_rank", day, names, _RANKS)
    pairs = _annual(shelf, "complexity_adjustment", day, names, _PAIRS)
    notices += _addendum_j(shelf, day)
    if by_code is not None:
        notices += _stale(by_code, day)
    index = shelf.of_day("opps_wage_index", day)
    areas = pl.DataFrame(schema=_AREAS)
    if index is not None:
        areas = hospital_areas(shelf.read(index, "opps_wage_index"), day)
        names["opps_wage_index"] = index.name
    else:
        notices.append(_no_index("OPPS", "opps_wage_index", shelf, day))
    return HospitalTables(codes, apcs, ranks, pairs, areas), names, tuple(notices)


def _in_other_lists(shelf: _Shelf, day: date, said: str) -> pl.DataFrame:
    """The codes that the ASC's files of the year hold: hcpcs, and ``elsewhere``, ``said`` with the entry's name."""
    parts = [pl.DataFrame(schema={"hcpcs": pl.String, "elsewhere": pl.String})]
    for kind, columns in _CODES_OF.items():
        entry = shelf.of_day(kind, day)
        if entry is not None:
            table, text = shelf.read(entry, kind), pl.lit(said.format(entry.name)).alias("elsewhere")
            parts += [table.select(pl.col(name).alias("hcpcs"), text) for name in columns]
    return pl.concat(parts).unique("hcpcs", keep="first", maintain_order=True)


def _annual(shelf: _Shelf, kind: str, day: date, names: dict[str, str], schema: _Columns) -> pl.DataFrame:
    """Return a table of Addendum J: of the year, else of an earlier one; empty where there is none."""
    entry = shelf.of_day(kind, day, of_year=False)
    if entry is None:
        return pl.DataFrame(schema=schema)
    names[kind] = entry.name
    return shelf.read(entry, kind)


def _addendum_j(shelf: _Shelf, day: date) -> list[str]:
    """Return what is to be said of Addendum J: that it lacks, or is an earlier year's."""
    used = [shelf.of_day(kind, day, of_year=False) for kind in ("comprehensive_rank", "complexity_adjustment")]
    notices = []
    if None in used:
        notices.append(
            "not all of OPPS Addendum J (ranks, complexity adjustments) is installed: feecalc build ADDENDUM_J"
        )
    older = [entry.name for entry in used if entry is not None and _year(entry) != day.year]
    if older:
        notices.append(f"no Addendum J of {day.year} is installed: {' and '.join(older)} are used")
    return notices


def _stale(entry: Entry, day: date) -> list[str]:
    """Return rates of an earlier quarter than the day's."""
    first, _ = quarter(day)
    if _begins(entry) >= first:
        return []
    return [f"rates of {entry.name} for {day}: nothing of the quarter from {first} is installed"]


def _center(shelf: _Shelf, day: date) -> tuple[CenterTables, dict[str, str], tuple[str, ...]]:
    names: dict[str, str] = {}
    notices: list[str] = []
    read: dict[str, pl.DataFrame | None] = {}
    entries: dict[str, Entry] = {}
    for kind in ("asc", "asc_ancillary", "asc_excluded", "asc_device_offset", "asc_code_pair", "asc_wage_index"):
        entry = shelf.of_day(kind, day)
        read[kind] = None if entry is None else shelf.read(entry, kind)
        if entry is not None:
            names[kind], entries[kind] = entry.name, entry
    covered = read["asc"]
    if covered is None:
        raise NotInstalled(
            f"no ASC Addendum AA of {day.year} is installed (installed: {shelf.have('asc')}); load it: feecalc build "
            "ADDENDUM_AA, or give --date"
        )
    notices += _stale(entries["asc"], day)
    lacking = [f"Addendum {_LETTERS[kind]}" for kind in _LETTERS if read[kind] is None]
    if lacking:
        notices.append(f"not installed for {day.year}: ASC {', '.join(lacking)}: {_WITHOUT}")
    index = read["asc_wage_index"]
    areas = pl.DataFrame(schema=_AREAS) if index is None else surgery_center_areas(index)
    if index is None:
        notices.append(_no_index("ASC", "asc_wage_index", shelf, day))
    codes = center_codes(read, {kind: entry.name for kind, entry in entries.items()})
    pairs = read["asc_code_pair"]
    return (
        CenterTables(codes, pl.DataFrame(schema=_CODE_PAIRS) if pairs is None else pairs, areas),
        names,
        tuple(notices),
    )


_LETTERS = {"asc_ancillary": "BB", "asc_excluded": "EE", "asc_device_offset": "FF"}
_WITHOUT = "ancillary services, exclusions and device parts that stand there are not known"


def _no_index(words: str, kind: str, shelf: _Shelf, day: date) -> str:
    return (
        f"no {words} wage index of {day.year} is installed (installed: {shelf.have(kind)}): give --wage-index, or load "
        "it with feecalc build"
    )
