"""Facility rates of a quarter, opened for pricing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from feecalc.errors import InvalidValue, NotInstalled
from feecalc.facility.adjustments import with_adjustments
from feecalc.facility.areas import Area, find_area
from feecalc.facility.case import CaseLine
from feecalc.facility.discounts import modifiers_asked
from feecalc.facility.hospital.assignment import HospitalTables
from feecalc.facility.hospital.pricing import price_hospital
from feecalc.facility.lines import MODIFIERS, OPPS, OPTIONAL, RESULTS, SETTINGS, complete, results
from feecalc.facility.notes import ASKED
from feecalc.facility.result import FacilityPrice, facility_price
from feecalc.facility.rules import rules_on
from feecalc.facility.surgery_center import CenterTables, price_center

_MOST_LINES = 1000
Denials = Callable[[pl.DataFrame, str], pl.Series]  # lines and their setting: why an edit denies each, "" for none


@dataclass(frozen=True)
class FacilitySchedule:
    """The rates of a quarter for hospitals (OPPS) and ambulatory surgical centers.

    ``entries``: by setting and table, the store's entry it was read from. ``missing``: why a setting has no rates.
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
        rural_sole_community: bool = False,
        denials: Denials | None = None,
    ) -> FacilityPrice:
        """Return a facility's payment for one case, with the steps of each line. [USD]

        ``cbsa`` "" and no ``wage_index`` is the national rate. ``rural_sole_community``: the hospital is one.
        ``denials``: edits, whose denied lines are not paid. Raises InvalidValue, NotInstalled, UnknownLocality,
        AmbiguousLocality, MissingRule.
        """
        service_day = self.first_day if day is None else day
        if not self.first_day <= service_day <= self.last_day:
            raise InvalidValue(
                f"{service_day} is not within {self.first_day} to {self.last_day}, the quarter that was opened"
            )
        if not 1 <= len(lines) <= _MOST_LINES:
            raise InvalidValue(f"{len(lines)} codes given; a case has from 1 to {_MOST_LINES:,}")
        area = self.area(cbsa, setting) if cbsa else None
        frame = pl.DataFrame(
            [
                {
                    "claim_id": "",
                    "line": number,
                    "date_of_service": service_day,
                    "hcpcs": line.hcpcs,
                    "setting": setting,
                    "units": line.units,
                    "cbsa": area.cbsa if area else "",
                    "wage_index": wage_index,
                    "rural_sole_community": rural_sole_community,
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
        if denials is not None:
            frame = frame.with_columns(denials(complete(frame), setting))
        priced_lines = self._priced_lines(complete(frame), setting)
        entries, notices = self.entries.get(setting, {}), self.notices.get(setting, ())
        return facility_price(priced_lines, setting, service_day, area, wage_index, entries, notices)

    def area(self, text: str, setting: str) -> Area:
        """Return a wage index area by number or name. Raises NotInstalled, UnknownLocality, AmbiguousLocality."""
        tables = self._tables(setting)
        names = self.entries.get(setting, {})
        if tables.areas.is_empty():
            raise NotInstalled(
                f"no wage index for {setting} of {self.first_day.year} is installed, and so no area is known; give the "
                "facility's own (--wage-index), or load the file: feecalc build"
            )
        return find_area(tables.areas, text, names.get(f"{setting}_wage_index", "the wage index"))

    def is_priced(self, setting: str) -> bool:
        """Return whether the rates of a setting are installed."""
        return (self.hospital if setting == OPPS else self.center) is not None

    def _tables(self, setting: str) -> HospitalTables | CenterTables:
        if setting not in SETTINGS:
            raise InvalidValue(f"setting {setting[:20]!r}; give {' or '.join(SETTINGS)}")
        tables = self.hospital if setting == OPPS else self.center
        if tables is None:
            raise NotInstalled(self.missing.get(setting, f"no {setting} rates are installed"))
        return tables

    def _priced_lines(self, lines: pl.DataFrame, setting: str) -> pl.DataFrame:
        """Return the lines of one setting, priced, with every working column."""
        tables, rules = self._tables(setting), rules_on(setting, self.first_day)
        if isinstance(tables, HospitalTables):
            return price_hospital(lines, tables, rules)
        return price_center(lines, tables, rules)

    def _results(self, lines: pl.DataFrame, setting: str) -> pl.DataFrame:
        """Return ``row``, results and questions of lines of one setting; without its rates, the reason."""
        if not lines.height:
            return _unpriced(lines, "", "")
        if not self.is_priced(setting):
            missing = self.missing.get(setting, f"no {setting} rates are installed")
            return pl.concat(_without_rates(lines, missing))
        return results(self._priced_lines(lines, setting))


def price_facility_claims(
    claims: pl.LazyFrame | pl.DataFrame, schedules: Sequence[FacilitySchedule], *, asked: bool = False
) -> pl.DataFrame:
    """Return a facility's payment for each line of its claims. [USD]

    Shape: the claims' own columns, then ``lines.RESULTS`` and ``adjustments.ADJUSTED``, and with ``asked`` the
    questions of each line (``notes.ASKED``); columns needed: ``lines.REQUIRED``. A bill is the lines of one claim
    number, patient and facility (``lines.with_bills``). A line of an ASC is priced by the schedule of its quarter,
    a hospital's bill by that of its first day. Raises MissingColumn. A bad line never stops a run: it has a
    ``pricing_status`` and a reason.
    """
    frame = claims.collect() if isinstance(claims, pl.LazyFrame) else claims
    lines = complete(frame)
    parts: list[pl.DataFrame] = []
    known = pl.col("setting").is_in(SETTINGS)
    day = pl.col("date_of_service")
    remaining = known & day.is_not_null()
    for schedule in schedules:
        within = pl.col("priced_on").is_between(schedule.first_day, schedule.last_day)
        for setting in SETTINGS:
            of_setting = lines.filter(remaining & within & (pl.col("setting") == setting))
            parts.append(schedule._results(of_setting, setting))
        remaining = remaining & ~within
    neither = "neither an ASC nor a hospital outpatient department"
    parts.append(_unpriced(lines.filter(~known), "unknown_setting", neither))
    parts.append(_unpriced(lines.filter(known & day.is_null()), "invalid_date", "no date of service that can be read"))
    parts += _without_rates(lines.filter(remaining), "no rates of that date are installed")
    priced = pl.concat(parts).sort("row").drop("row", *([] if asked else [ASKED]))
    priced = with_adjustments(lines, priced)
    return pl.concat([frame.drop([name for name in priced.columns if name in frame.columns]), priced], how="horizontal")


def _without_rates(lines: pl.DataFrame, reason: str) -> list[pl.DataFrame]:
    """Return results without an amount, and what is asked of the modifiers, by the rules of each line's day."""
    parts = []
    by = lines.with_columns(pl.col("priced_on").dt.truncate("1q").alias("priced_on"))
    for (setting, day), some in by.partition_by("setting", "priced_on", as_dict=True).items():
        asked = some.select("row").join(modifiers_asked(some, str(setting), day), on="row", how="left")
        parts.append(
            _unpriced(some, "not_installed", reason)
            .drop("note", ASKED)
            .join(asked.rename({"modifier_note": "note", "modifier_asked": ASKED}), on="row", maintain_order="left")
            .with_columns(pl.col("note").fill_null(""))
            .select("row", *RESULTS, ASKED)
        )
    return parts or [_unpriced(lines, "", "")]


def _unpriced(lines: pl.DataFrame, status: str, reason: str) -> pl.DataFrame:
    """Return results without an amount, with one status and reason for all lines."""
    text = {"pricing_status": status, "reason": reason}
    return lines.select(
        "row",
        *(
            pl.lit(text.get(name, "") if kind == pl.String else None, dtype=kind).alias(name)
            for name, kind in RESULTS.items()
        ),
        pl.lit(None, pl.String).alias(ASKED),
    )
