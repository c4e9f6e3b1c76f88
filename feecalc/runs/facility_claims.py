"""A facility's claim file priced: each line by the rates of its quarter, and what the lines come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from feecalc.errors import FeeCalcError, InvalidValue, NotInstalled
from feecalc.facility.lines import ASC, OPPS, RESULTS, narrowed
from feecalc.facility.opening import open_facility, quarter
from feecalc.facility.result import not_modelled
from feecalc.facility.schedule import FacilitySchedule, price_facility_claims
from feecalc.files.facility_lines import FacilityDefaults, FacilityFile, facility_lines
from feecalc.files.opened_file import kept_name, plain_errors
from feecalc.ingest.store import Store

MOST_LINES = 5_000_000  # held in memory
AMOUNTS = ("facility_amount", "medicare_amount", "copayment")
_PRICED, _UNKNOWN_SETTING = "priced", "unknown_setting"


@dataclass(frozen=True)
class FacilityClaims:
    """Lines read, and the schedules of their quarters. Shape of ``lines``: as ``facility_lines`` has it."""

    file: FacilityFile
    defaults: FacilityDefaults
    lines: pl.DataFrame
    schedules: tuple[FacilitySchedule, ...]

    @property
    def notices(self) -> tuple[str, ...]:
        """Return what a person should know of the rates, each once."""
        notices = (text for each in self.schedules for texts in each.notices.values() for text in texts)
        return tuple(dict.fromkeys(notices))


@dataclass(frozen=True)
class FacilityReport:
    """Priced lines. ``priced``: the file's columns as they came, then ``feecalc.facility.lines.RESULTS``."""

    priced: pl.DataFrame
    statuses: Mapping[str, int]  # pricing_status to lines, the most frequent first
    amounts: Mapping[str, Decimal | None]  # sums of ``AMOUNTS`` over the priced lines; None where there are none [USD]
    at_national_rate: int  # priced lines with neither an area nor a wage index
    not_modeled: tuple[str, ...]  # what may change the amounts and is not modeled

    @property
    def lines(self) -> int:
        """Count the lines of the file."""
        return sum(self.statuses.values())

    @property
    def priced_lines(self) -> int:
        """Count the lines with an amount of their own: not those packaged into another."""
        return self.statuses.get(_PRICED, 0)

    @property
    def unknown_setting(self) -> int:
        """Count the lines of neither an ASC nor a hospital outpatient department."""
        return self.statuses.get(_UNKNOWN_SETTING, 0)


def read_facility_claims(
    file: FacilityFile, defaults: FacilityDefaults | None = None, home: Path | None = None
) -> FacilityClaims:
    """Read the lines of an opened file and open the schedule of each quarter they lie in.

    A quarter that is not installed has none, and its lines will say so. Raises MissingColumn, UnreadableFile,
    StoreError, InvalidValue for more than ``MOST_LINES`` lines, NotInstalled where no quarter is installed.
    """
    given = defaults or FacilityDefaults()
    with plain_errors(file.file.path):
        lines = facility_lines(file, given).collect()
    if lines.height > MOST_LINES:
        raise InvalidValue(f"{lines.height:,} lines; at most {MOST_LINES:,} at once: split the file")
    days = lines["date_of_service"].drop_nulls().unique().sort().to_list()
    return FacilityClaims(file, given, lines, _schedules(days, home))


def price_facility_file(claims: FacilityClaims) -> FacilityReport:
    """Price every line; one that cannot be priced has its status and reason.

    An area given for all lines is looked up by number or name. Raises UnknownLocality, AmbiguousLocality, NotInstalled;
    never for a single line.
    """
    lines, area = claims.lines, claims.defaults.cbsa
    if area is not None and claims.schedules:
        lines = lines.with_columns(pl.lit(_area(area, claims.schedules)).alias("cbsa"))
    priced = price_facility_claims(lines, claims.schedules)
    paid = priced.filter(pl.col("pricing_status") == _PRICED)
    counts = (
        priced.group_by("pricing_status")
        .agg(pl.len().alias("lines"))
        .sort("lines", "pricing_status", descending=[True, False])
    )
    return FacilityReport(
        narrowed(_as_written(priced, claims.file.file.headings)),
        dict(counts.iter_rows()),
        {name: paid.select(pl.col(name).sum()).item() if paid.height else None for name in AMOUNTS},
        paid.filter((pl.col("cbsa") == "") & pl.col("wage_index").is_null()).height,
        _not_modeled(paid),
    )


def _schedules(days: Sequence[date], home: Path | None) -> tuple[FacilitySchedule, ...]:
    """Open the schedule of each quarter that the days lie in and is installed; raises NotInstalled where none is."""
    store, opened, refused = Store(home), [], []
    for first in dict.fromkeys(quarter(day)[0] for day in days):
        try:
            opened.append(open_facility(store, first))
        except NotInstalled as error:
            refused.append(error)
    if days and not opened:
        raise refused[0]
    return tuple(opened)


def _area(text: str, schedules: Sequence[FacilitySchedule]) -> str:
    """Look up the area given for all lines; raises UnknownLocality, AmbiguousLocality, NotInstalled."""
    refused: FeeCalcError | None = None
    for schedule in reversed(schedules):
        for setting in (OPPS, ASC):
            try:
                return schedule.area(text, setting).cbsa
            except FeeCalcError as error:
                refused = error
    assert refused is not None
    raise refused


def _as_written(priced: pl.DataFrame, headings: Sequence[str]) -> pl.DataFrame:
    """Return the file's columns as they came, then the results; a heading that is a result's name keeps ``input:``."""
    own = (pl.col(kept_name(name)).alias(kept_name(name) if name in RESULTS else name) for name in headings)
    return priced.select(*own, *RESULTS)


def _not_modeled(paid: pl.DataFrame) -> tuple[str, ...]:
    """Return what may change the amounts of these priced lines and is not modeled, each once."""
    groups = (
        paid.group_by("setting", "date_of_service")
        .agg(pl.col("indicator").unique())
        .sort("date_of_service", "setting")
        .iter_rows()
    )
    sentences = (text for setting, day, indicators in groups for text in not_modelled(setting, indicators, day))
    return tuple(dict.fromkeys(sentences))
