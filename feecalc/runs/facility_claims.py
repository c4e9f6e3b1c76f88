"""A facility's claim file priced: each line by the rates of its quarter, and what the lines come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from feecalc.errors import FeeCalcError, InvalidValue, NotInstalled
from feecalc.facility.adjustments import ADJUSTED
from feecalc.facility.lines import ASC, OPPS, RESULTS, with_fewest_decimals
from feecalc.facility.opening import open_facility, quarter
from feecalc.facility.result import not_modeled
from feecalc.facility.schedule import FacilitySchedule, price_facility_claims
from feecalc.files.facility_lines import FacilityDefaults, FacilityFile, facility_lines
from feecalc.files.line_tables import FacilityLine, checked
from feecalc.files.opening import kept_name, plain_errors
from feecalc.ingest.store import Store
from feecalc.runs.facility_edits import open_facility_edits

MOST_LINES = 5_000_000  # held in memory
_FEW = 1 << 12  # lines, for whose codes alone the edits are opened
AMOUNTS = ("facility_amount", "medicare_amount", "copayment")
_PRICED, _UNKNOWN_SETTING = "priced", "unknown_setting"


@dataclass(frozen=True)
class FacilityClaims:
    """Lines read, and the schedules of their quarters. Shape of ``lines``: as ``facility_lines`` has it."""

    file: FacilityFile
    defaults: FacilityDefaults
    lines: pl.DataFrame
    schedules: tuple[FacilitySchedule, ...]
    home: Path | None = None  # of what is installed

    @property
    def notices(self) -> tuple[str, ...]:
        """Return what is assumed of the file, and what a person should know of the rates, each once."""
        notices = (text for each in self.schedules for texts in each.notices.values() for text in texts)
        return (*self.file.assumed, *self.file.assumed_of(self.lines), *dict.fromkeys(notices))


@dataclass(frozen=True)
class FacilityReport:
    """Priced lines.

    ``priced``: the file's columns as they came, then ``feecalc.facility.lines.RESULTS`` and
    ``feecalc.facility.adjustments.ADJUSTED``.
    """

    priced: pl.DataFrame
    statuses: Mapping[str, int]  # pricing_status to lines, the most frequent first
    amounts: Mapping[str, Decimal | None]  # sums of ``AMOUNTS`` over the priced lines; None where there are none [USD]
    at_national_rate: int  # priced lines with neither an area nor a wage index
    not_modeled: tuple[str, ...]  # what may change the amounts and is not modeled
    edits: tuple[str, ...] = ()  # by which edits lines were denied, and which lack
    unread: tuple[str, ...] = ()  # the cells that could not be read, by row; their lines are not priced

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
        lines = checked(FacilityLine, facility_lines(file, given).collect(), file.file.path.name)
    if lines.height > MOST_LINES:
        raise InvalidValue(f"{lines.height:,} lines; at most {MOST_LINES:,} at once: split the file")
    days = lines["date_of_service"].drop_nulls().unique().sort().to_list()
    return FacilityClaims(file, given, lines, _schedules(days, home), home)


def price_facility_file(
    claims: FacilityClaims, *, rural_sole_community: bool = False, edits: bool = True
) -> FacilityReport:
    """Price every line; one that cannot be priced has its status and reason.

    With ``edits`` a line that NCCI's pairs, unlikely units or a coverage policy denies is not paid.
    An area given for all lines is looked up by number or name. Raises UnknownLocality, AmbiguousLocality, NotInstalled;
    never for a single line.
    """
    lines, area = claims.lines, claims.defaults.cbsa
    if area is not None and claims.schedules:
        lines = lines.with_columns(pl.lit(_area(area, claims.schedules)).alias("cbsa"))
    lines = lines.with_columns(pl.lit(rural_sole_community).alias("rural_sole_community"))
    said: tuple[str, ...] = ("no edits were applied",)
    if edits:
        lines, said = _with_denials(lines, claims.schedules, claims.home)
    priced = price_facility_claims(lines, claims.schedules)
    paid = priced.filter(pl.col("pricing_status") == _PRICED)
    counts = (
        priced.group_by("pricing_status")
        .agg(pl.len().alias("lines"))
        .sort("lines", "pricing_status", descending=[True, False])
    )
    return FacilityReport(
        with_fewest_decimals(_as_written(priced, claims.file.file.headings)),
        dict(counts.iter_rows()),
        {name: paid.select(pl.col(name).sum()).item() if paid.height else None for name in AMOUNTS},
        paid.filter((pl.col("cbsa") == "") & pl.col("wage_index").is_null()).height,
        _not_modeled(paid),
        said,
        tuple(lines.filter(pl.col("intake_reason") != "")["intake_reason"]),
    )


def _with_denials(
    lines: pl.DataFrame, schedules: Sequence[FacilitySchedule], home: Path | None
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the lines with ``denied_because``, why an edit denies each; and by which edits.

    The edits are those of the days that have rates: a slip such as 2062 is not looked for.
    """
    day = pl.col("date_of_service")
    has_rates = pl.any_horizontal(
        pl.lit(False), *(day.is_between(each.first_day, each.last_day) for each in schedules)
    ).fill_null(False)
    known = lines.filter(pl.col("setting").is_in([ASC, OPPS]), has_rates)
    days = known["date_of_service"]
    if not days.len():
        return lines, ()
    codes = known["hcpcs"].unique() if known.height <= _FEW else None
    edits = open_facility_edits(days.min(), days.max(), codes, home)  # type: ignore[arg-type]  # a date column: dates
    parts = [
        of_setting.select("_place").with_columns(edits.denied(of_setting.drop("_place"), setting))
        for setting in (ASC, OPPS)
        if (of_setting := _of_setting(lines, setting)).height
    ]
    if not parts:
        return lines, edits.said
    numbered = lines.with_row_index("_place").join(pl.concat(parts), on="_place", how="left", maintain_order="left")
    return numbered.drop("_place").with_columns(pl.col("denied_because").fill_null("")), edits.said


def _of_setting(lines: pl.DataFrame, setting: str) -> pl.DataFrame:
    """Return the dated lines of a setting, with their places."""
    dated = pl.col("date_of_service").is_not_null()
    return lines.with_row_index("_place").filter(dated, pl.col("setting") == setting)


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
    added = (*RESULTS, *ADJUSTED)
    own = (pl.col(kept_name(name)).alias(kept_name(name) if name in added else name) for name in headings)
    return priced.select(*own, *added)


def _not_modeled(paid: pl.DataFrame) -> tuple[str, ...]:
    """Return what may change the amounts of these priced lines and is not modeled, each once."""
    groups = (
        paid.group_by("setting", "date_of_service")
        .agg(pl.col("indicator").unique())
        .sort("date_of_service", "setting")
        .iter_rows()
    )
    sentences = (text for setting, day, indicators in groups for text in not_modeled(setting, indicators, day))
    return tuple(dict.fromkeys(sentences))
