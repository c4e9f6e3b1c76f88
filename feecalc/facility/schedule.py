"""A quarter's facility rates, opened for pricing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from feecalc.errors import InvalidValue, NotInstalled
from feecalc.facility.areas import Area, find_area
from feecalc.facility.case import CaseLine
from feecalc.facility.hospital.assignment import HospitalTables
from feecalc.facility.hospital.pricing import price_hospital
from feecalc.facility.lines import MODIFIERS, OPPS, OPTIONAL, RESULTS, SETTINGS, complete, results
from feecalc.facility.result import FacilityPrice, facility_price
from feecalc.facility.rules import rules_on
from feecalc.facility.surgery_center import CenterTables, price_center

_MOST_LINES = 1000


@dataclass(frozen=True)
class FacilitySchedule:
    """The rates of a quarter for hospitals (OPPS) and ambulatory surgical centers.

    ``entries``: for each setting, table -> the store's entry it was read from. ``missing``: why a setting has none.
    """

    first_day: date
    last_day: date
    hospital: HospitalTables | None = None
    center: CenterTables | None = None
    entries: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)

    def price(
        self,
        lines: Sequence[CaseLine],
        setting: str,
        *,
        cbsa: str = "",
        wage_index: Decimal | None = None,
        day: date | None = None,
    ) -> FacilityPrice:
        """Return what a facility is paid for one case, with the steps of each line. [USD]

        ``cbsa`` "" and no ``wage_index`` is the national rate. Raises InvalidValue, NotInstalled, UnknownLocality,
        AmbiguousLocality, MissingRule.
        """
        on = self.first_day if day is None else day
        if not self.first_day <= on <= self.last_day:
            raise InvalidValue(f"{on} is not within {self.first_day} to {self.last_day}, the quarter that was opened")
        if not 1 <= len(lines) <= _MOST_LINES:
            raise InvalidValue(f"{len(lines)} codes given; a case has from 1 to {_MOST_LINES:,}")
        area = self.area(cbsa, setting) if cbsa else None
        frame = pl.DataFrame(
            [
                {
                    "claim_id": "",
                    "line": number,
                    "date_of_service": on,
                    "hcpcs": line.hcpcs,
                    "setting": setting,
                    "units": line.units,
                    "cbsa": area.cbsa if area else "",
                    "wage_index": wage_index,
                    **dict(zip(MODIFIERS, line.modifiers, strict=False)),
                }
                for number, line in enumerate(lines, start=1)
            ],
            schema_overrides={
                "line": pl.Int32,
                "units": pl.Int32,
                "wage_index": OPTIONAL["wage_index"],
                **dict.fromkeys(MODIFIERS, pl.String),
            },
            infer_schema_length=None,
        )
        worked = self._worked(complete(frame), setting)
        entries, notices = self.entries.get(setting, {}), self.notices.get(setting, ())
        return facility_price(worked, setting, on, area, wage_index, entries, notices)

    def area(self, text: str, setting: str) -> Area:
        """Return the area that a number or a name means. Raises NotInstalled, UnknownLocality, AmbiguousLocality."""
        tables = self._tables(setting)
        names = self.entries.get(setting, {})
        if tables.areas.is_empty():
            raise NotInstalled(
                f"no wage index for {setting} of {self.first_day.year} is installed, and so no area is known; give the "
                "facility's own (--wage-index), or load the file: feecalc build"
            )
        return find_area(tables.areas, text, names.get(f"{setting}_wage_index", "the wage index"))

    def has(self, setting: str) -> bool:
        """Return whether the setting can be priced."""
        return (self.hospital if setting == OPPS else self.center) is not None

    def _tables(self, setting: str) -> HospitalTables | CenterTables:
        if setting not in SETTINGS:
            raise InvalidValue(f"setting {setting[:20]!r}; give {' or '.join(SETTINGS)}")
        tables = self.hospital if setting == OPPS else self.center
        if tables is None:
            raise NotInstalled(self.missing.get(setting, f"no {setting} rates are installed"))
        return tables

    def _worked(self, lines: pl.DataFrame, setting: str) -> pl.DataFrame:
        """Return the lines of one setting with every working column."""
        tables, rules = self._tables(setting), rules_on(setting, self.first_day)
        if isinstance(tables, HospitalTables):
            return price_hospital(lines, tables, rules)
        return price_center(lines, tables, rules)

    def _results(self, lines: pl.DataFrame, setting: str) -> pl.DataFrame:
        """Return ``row`` and the results of lines of one setting; of a setting that is not installed, why."""
        if not lines.height:
            return _unpriced(lines, "", "")
        if not self.has(setting):
            return _unpriced(lines, "not_installed", self.missing.get(setting, f"no {setting} rates are installed"))
        return results(self._worked(lines, setting))


def price_facility_claims(claims: pl.LazyFrame | pl.DataFrame, schedules: Sequence[FacilitySchedule]) -> pl.DataFrame:
    """Return what a facility is paid for each line of its claims. [USD]

    Shape: the claims' own columns, then ``lines.RESULTS``; columns needed: ``lines.REQUIRED``. A line is priced by
    the schedule whose quarter holds its day. Raises MissingColumn; a bad line never stops a run, it carries its
    ``pricing_status`` and reason.
    """
    given = claims.collect() if isinstance(claims, pl.LazyFrame) else claims
    lines = complete(given)
    found: list[pl.DataFrame] = []
    known = pl.col("setting").is_in(SETTINGS)
    day = pl.col("date_of_service")
    left = known & day.is_not_null()
    for schedule in schedules:
        within = day.is_between(schedule.first_day, schedule.last_day)
        for setting in SETTINGS:
            of_setting = lines.filter(left & within & (pl.col("setting") == setting))
            found.append(schedule._results(of_setting, setting))
        left = left & ~within
    neither = "neither an ASC nor a hospital outpatient department"
    found.append(_unpriced(lines.filter(~known), "unknown_setting", neither))
    found.append(_unpriced(lines.filter(known & day.is_null()), "invalid_date", "no date of service that can be read"))
    found.append(_unpriced(lines.filter(left), "not_installed", "no rates of that date are installed"))
    priced = pl.concat(found).sort("row").drop("row")
    return pl.concat([given.drop([name for name in priced.columns if name in given.columns]), priced], how="horizontal")


def _unpriced(lines: pl.DataFrame, status: str, reason: str) -> pl.DataFrame:
    """Return lines without an amount: one status and reason for all."""
    text = {"pricing_status": status, "reason": reason}
    return lines.select(
        "row",
        *(
            pl.lit(text.get(name, "") if kind == pl.String else None, dtype=kind).alias(name)
            for name, kind in RESULTS.items()
        ),
    )
