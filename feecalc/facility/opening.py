"""Facility schedules opened from the store: for each table the newest entry that is not after the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

import polars as pl

from feecalc import reference
from feecalc.errors import NotInstalled
from feecalc.facility.amounts import scaled
from feecalc.facility.areas import hospital_areas, surgery_center_areas
from feecalc.facility.hospital.assignment import (
    BILATERAL,
    DEVICES,
    HospitalTables,
    codes_at_later_rates,
    with_codes_elsewhere,
    with_coinsurance,
    with_new_technology,
    with_skin_substitutes,
)
from feecalc.facility.lines import ASC, OPPS, SETTINGS
from feecalc.facility.rules import SHARE_PLACES
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
# The ASC's files, and their columns with codes.
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
    """An entry of the store, as far as it is needed here."""

    @property
    def name(self) -> str: ...
    @property
    def year(self) -> int: ...
    @property
    def first_date_of_service(self) -> date | None: ...


class Entries(Protocol):
    """The store at one moment: entries of a kind, oldest first, and an entry's table."""

    def manifests(self, kind: str | None = None) -> Sequence[Any]: ...
    def read(self, name: str, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame: ...


class Installed(Protocol):
    """The store, as far as it is needed here: all reads see it at one moment."""

    def read_at_once(self, reading: Callable[[Entries], FacilitySchedule]) -> FacilitySchedule: ...


def open_facility(store: Installed, day: date | None = None, settings: Sequence[str] = SETTINGS) -> FacilitySchedule:
    """Return the facility rates of the quarter of ``day``, by default the newest installed quarter.

    ``missing`` of the result says why a setting has no rates. Raises NotInstalled where no setting has any.
    """
    return store.read_at_once(lambda installed: _facility_schedule(installed, day, settings))


def _facility_schedule(installed: Entries, day: date | None, settings: Sequence[str]) -> FacilitySchedule:
    entries_by_kind = _EntriesByKind(installed)
    service_day = day or entries_by_kind.newest(settings)
    first, last = quarter(service_day)
    tables: dict[str, Any] = {}
    entries: dict[str, Mapping[str, str]] = {}
    notices: dict[str, tuple[str, ...]] = {}
    missing: dict[str, str] = {}
    for setting in settings:
        try:
            opening = (
                _hospital(entries_by_kind, service_day) if setting == OPPS else _center(entries_by_kind, service_day)
            )
        except NotInstalled as error:
            missing[setting] = str(error)
            continue
        tables["hospital" if setting == OPPS else "center"], entries[setting], notices[setting] = opening
    if not tables:
        raise NotInstalled("\n".join(missing.values()))
    return FacilitySchedule(first, last, entries=entries, notices=notices, missing=missing, **tables)


def quarter(day: date) -> tuple[date, date]:
    """Return the first and the last day of a day's calendar quarter."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    next_quarter = date(first.year + (first.month > 9), (first.month + 2) % 12 + 1, 1)
    return first, next_quarter - timedelta(days=1)


class _EntriesByKind:
    """The store's entries by kind, each kind listed once."""

    def __init__(self, installed: Entries) -> None:
        self.installed = installed
        self.kinds: dict[str, Sequence[Entry]] = {}

    def entries(self, kind: str) -> Sequence[Entry]:
        if kind not in self.kinds:
            self.kinds[kind] = self.installed.manifests(kind)
        return self.kinds[kind]

    def newest(self, settings: Sequence[str]) -> date:
        kinds = {OPPS: ("opps", "apc"), ASC: ("asc",)}
        days = [_first_day(entry) for setting in settings for kind in kinds[setting] for entry in self.entries(kind)]
        if not days:
            raise NotInstalled(
                "no facility rates are installed; load CMS's files: feecalc build FILE with OPPS Addendum B, the ASC "
                "addenda AA, BB, EE and FF, and the wage indices"
            )
        return max(days)

    def of_day(self, kind: str, day: date, *, of_year: bool = True) -> Entry | None:
        """Return the newest entry of a kind that is not after ``day``; with ``of_year``, of the same year only."""
        candidates = [
            entry
            for entry in self.entries(kind)
            if _first_day(entry) <= day and (not of_year or _year(entry) == day.year)
        ]
        return max(candidates, key=lambda entry: (_first_day(entry), entry.name)) if candidates else None

    def read(self, entry: Entry, kind: str) -> pl.DataFrame:
        return self.installed.read(entry.name, kind)

    def installed_names(self, kind: str) -> str:
        return ", ".join(entry.name for entry in self.entries(kind)) or "none"


def _first_day(entry: Entry) -> date:
    return entry.first_date_of_service or date(entry.year, 1, 1)


def _year(entry: Entry) -> int:
    return _first_day(entry).year


def _hospital(entries: _EntriesByKind, day: date) -> tuple[HospitalTables, dict[str, str], tuple[str, ...]]:
    names: dict[str, str] = {}
    notices: list[str] = []
    by_apc = entries.of_day("apc", day)
    apcs = with_coinsurance(entries.read(by_apc, "apc"), by_apc.name) if by_apc is not None else None
    by_code = entries.of_day("opps", day)
    if by_code is not None:
        codes = with_coinsurance(entries.read(by_code, "opps"), by_code.name)
        names["opps"] = by_code.name
        not_listed = f"{by_code.name} does not list the code, so OPPS has no rate for it; {{}} lists it"
        codes = with_codes_elsewhere(codes, _in_other_lists(entries, day, not_listed))
    else:
        older = entries.of_day("opps", day, of_year=False)
        if older is None or apcs is None or by_apc is None or _year(older) != day.year - 1:
            raise NotInstalled(
                f"no OPPS Addendum B of {day.year} is installed (installed: {entries.installed_names('opps')}); "
                "load it: feecalc build ADDENDUM_B, or give --date"
            )
        offset = entries.of_day("asc_device_offset", day)
        devices = None if offset is None else entries.read(offset, "asc_device_offset")
        earlier = with_coinsurance(entries.read(older, "opps"), older.name)
        if offset is not None and devices is not None:
            apcs = with_new_technology(apcs, earlier, devices, _new_technology(day), offset.name)
        codes = codes_at_later_rates(earlier, apcs, devices)
        skin = reference.rows_on("opps_skin_substitute", day)
        listed = entries.of_day("asc_ancillary", day)
        if skin and listed is not None:
            table = entries.read(listed, "asc_ancillary")
            codes = with_skin_substitutes(codes, table, str(skin[0]["payment_indicator"]), listed.name)
            names["asc_ancillary"] = listed.name
        no_addendum_b = f"no Addendum B of {day.year} is installed; "
        if offset is not None and devices is not None:
            text = f"{no_addendum_b}{offset.name} has the code in APC {{}}, of which {by_apc.name} holds no rate"
            of_apc = devices.filter(pl.col("apc") != "").select("hcpcs", pl.format(text, "apc").alias("elsewhere"))
            codes = with_codes_elsewhere(codes, of_apc)
        not_listed = f"{no_addendum_b}{{}} lists the code, and does not say what OPPS pays for it"
        codes = with_codes_elsewhere(codes, _in_other_lists(entries, day, not_listed))
        names |= {"opps": older.name, "rates": by_apc.name}
        other_apcs = "" if offset is None else f", the APC of {offset.name} where it has another"
        names |= {} if offset is None else {"asc_device_offset": offset.name}
        notices.append(
            f"no Addendum B of {day.year} is installed: statuses and APCs of {older.name}{other_apcs}, at the rates of "
            f"{by_apc.name}"
        )
    if by_apc is not None:
        names["apc"] = by_apc.name
    if apcs is None:  # the APCs that Addendum B itself names
        named = codes.filter(pl.col("apc") != "")
        apcs = named.unique("apc", keep="first", maintain_order=True).drop("hcpcs", "elsewhere")
    ranks = _annual(entries, "comprehensive_rank", day, names, _RANKS)
    pairs = _annual(entries, "complexity_adjustment", day, names, _PAIRS)
    notices += _addendum_j(entries, day)
    if by_code is not None:
        notices += _older_quarter_notice(by_code, day)
    index = entries.of_day("opps_wage_index", day)
    areas = pl.DataFrame(schema=_AREAS)
    if index is not None:
        areas = hospital_areas(entries.read(index, "opps_wage_index"), day)
        names["opps_wage_index"] = index.name
    else:
        notices.append(_no_index("OPPS", "opps_wage_index", entries, day))
    devices, bilateral = _device_shares(entries, day, names), _bilateral(entries, day, names)
    return HospitalTables(codes, apcs, ranks, pairs, areas, devices, bilateral), names, tuple(notices)


def _new_technology(day: date) -> list[str]:
    rows = reference.rows_on("opps_comprehensive_exclusion", day, kind="new_technology")
    return [apc for row in rows for apc in row["apcs"]]


def _device_shares(entries: _EntriesByKind, day: date, names: dict[str, str]) -> pl.DataFrame:
    """Return the device's share of each procedure, of the year's ASC Addendum FF; empty where there is none."""
    entry = entries.of_day("asc_device_offset", day)
    if entry is None:
        return pl.DataFrame(schema=DEVICES)
    names["asc_device_offset"] = entry.name
    table = entries.read(entry, "asc_device_offset")
    if "device_offset_rate" not in table.columns:
        return pl.DataFrame(schema=DEVICES)
    share = scaled("device_offset_rate", SHARE_PLACES).cast(pl.Int64).alias("device_share")
    return table.select("hcpcs", share)


def _bilateral(entries: _EntriesByKind, day: date, names: dict[str, str]) -> pl.DataFrame:
    """Return the bilateral indicator of each code, of the newest physician file before the day; empty without one."""
    entry = entries.of_day("release", day, of_year=False)
    if entry is None:
        return pl.DataFrame(schema=BILATERAL)
    names["rvu"] = entry.name
    table = entries.installed.read(entry.name, "rvu", ["hcpcs", "modifier", "bilateral_indicator"])
    rows = table.filter(pl.col("modifier").cast(pl.String) == "")
    return rows.select(pl.col("hcpcs", "bilateral_indicator").cast(pl.String)).unique("hcpcs", keep="first")


def _in_other_lists(entries: _EntriesByKind, day: date, reason: str) -> pl.DataFrame:
    """Return the codes in the year's ASC files: hcpcs, and in ``elsewhere`` the ``reason`` with the entry's name."""
    parts = [pl.DataFrame(schema={"hcpcs": pl.String, "elsewhere": pl.String})]
    for kind, columns in _CODES_OF.items():
        entry = entries.of_day(kind, day)
        if entry is not None:
            table, text = entries.read(entry, kind), pl.lit(reason.format(entry.name)).alias("elsewhere")
            parts += [table.select(pl.col(name).alias("hcpcs"), text) for name in columns]
    return pl.concat(parts).unique("hcpcs", keep="first", maintain_order=True)


def _annual(entries: _EntriesByKind, kind: str, day: date, names: dict[str, str], schema: _Columns) -> pl.DataFrame:
    """Return a table of Addendum J, of the year or the newest earlier one; empty where there is none."""
    entry = entries.of_day(kind, day, of_year=False)
    if entry is None:
        return pl.DataFrame(schema=schema)
    names[kind] = entry.name
    return entries.read(entry, kind)


def _addendum_j(entries: _EntriesByKind, day: date) -> list[str]:
    """Return notices about Addendum J: that it is missing, or of an earlier year."""
    used = [entries.of_day(kind, day, of_year=False) for kind in ("comprehensive_rank", "complexity_adjustment")]
    notices = []
    if None in used:
        notices.append(
            "not all of OPPS Addendum J (ranks, complexity adjustments) is installed: feecalc build ADDENDUM_J"
        )
    older = [entry.name for entry in used if entry is not None and _year(entry) != day.year]
    if older:
        notices.append(f"no Addendum J of {day.year} is installed: {' and '.join(older)} are used")
    return notices


def _older_quarter_notice(entry: Entry, day: date) -> list[str]:
    """Return a notice if an entry is of an earlier quarter than the day."""
    first, _ = quarter(day)
    if _first_day(entry) >= first:
        return []
    return [f"rates of {entry.name} for {day}: nothing of the quarter from {first} is installed"]


def _center(entries_by_kind: _EntriesByKind, day: date) -> tuple[CenterTables, dict[str, str], tuple[str, ...]]:
    names: dict[str, str] = {}
    notices: list[str] = []
    tables: dict[str, pl.DataFrame | None] = {}
    entries: dict[str, Entry] = {}
    for kind in ("asc", "asc_ancillary", "asc_excluded", "asc_device_offset", "asc_code_pair", "asc_wage_index"):
        entry = entries_by_kind.of_day(kind, day)
        tables[kind] = None if entry is None else entries_by_kind.read(entry, kind)
        if entry is not None:
            names[kind], entries[kind] = entry.name, entry
    covered = tables["asc"]
    if covered is None:
        raise NotInstalled(
            f"no ASC Addendum AA of {day.year} is installed (installed: {entries_by_kind.installed_names('asc')}); "
            "load it: feecalc build ADDENDUM_AA, or give --date"
        )
    notices += _older_quarter_notice(entries["asc"], day)
    lacking = [f"Addendum {_LETTERS[kind]}" for kind in _LETTERS if tables[kind] is None]
    if lacking:
        notices.append(f"not installed for {day.year}: ASC {', '.join(lacking)}: {_WITHOUT}")
    index = tables["asc_wage_index"]
    areas = pl.DataFrame(schema=_AREAS) if index is None else surgery_center_areas(index)
    if index is None:
        notices.append(_no_index("ASC", "asc_wage_index", entries_by_kind, day))
    codes = center_codes(tables, {kind: entry.name for kind, entry in entries.items()})
    pairs = tables["asc_code_pair"]
    return (
        CenterTables(codes, pl.DataFrame(schema=_CODE_PAIRS) if pairs is None else pairs, areas),
        names,
        tuple(notices),
    )


_LETTERS = {"asc_ancillary": "BB", "asc_excluded": "EE", "asc_device_offset": "FF"}
_WITHOUT = "ancillary services, exclusions and device parts that stand there are not known"


def _no_index(words: str, kind: str, entries: _EntriesByKind, day: date) -> str:
    return (
        f"no {words} wage index of {day.year} is installed (installed: {entries.installed_names(kind)}): "
        "give --wage-index, or load it with feecalc build"
    )
