"""A facility's claim file: its columns found, its lines in the columns that facility pricing takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from feecalc import reference
from feecalc.errors import MissingColumn
from feecalc.facility.lines import ASC, OPPS, OPTIONAL
from feecalc.files import cells
from feecalc.files.dates import dates_of
from feecalc.files.headings import RecognizedColumns, by_usual_names, listed_headings, recognize, shown
from feecalc.files.opened_file import OpenedFile, kept_name
from feecalc.files.opening import open_file

_PATIENTS = {"hospital_outpatient": OPPS, "asc": ASC}


@dataclass(frozen=True)
class FacilityDefaults:
    """What a person gives for all lines, in place of a column; None leaves it to the file.

    ``setting``: asc or opps; ``cbsa``: the facility's area; ``wage_index``: its own; ``day``: the date of service.
    """

    setting: str | None = None
    cbsa: str | None = None
    wage_index: Decimal | None = None
    day: date | None = None


@dataclass(frozen=True)
class FacilityFile:
    """An opened file. ``columns``: those of any claim file; ``facility_columns``: our name to the heading of others."""

    file: OpenedFile
    columns: RecognizedColumns
    facility_columns: Mapping[str, str]

    @property
    def recognized(self) -> tuple[str, ...]:
        """Return ``CPT -> hcpcs``, a line a column."""
        also = (f"{shown(heading)} -> {name}" for name, heading in self.facility_columns.items())
        return (*self.columns.lines(), *also)


def open_facility_file(path: Path) -> FacilityFile:
    """Open a facility's claim file and find its columns. Raises InvalidValue, UnreadableFile, StoreError."""
    file = open_file(path)
    columns = recognize(file.headings)
    found = by_usual_names(file.headings, "facility_column_name", {*columns.theirs.values()})
    return FacilityFile(file, columns, {name: headings[0] for name, headings in found.items()})


def facility_lines(opened: FacilityFile, defaults: FacilityDefaults) -> pl.LazyFrame:
    """Return the lines in the columns of ``feecalc.facility.lines``, then ``input:HEADING`` for each of the file's.

    A cell that cannot be read is null. Raises MissingColumn.
    """
    file, own = opened.file, opened.columns.columns
    also = {name: kept_name(heading) for name, heading in opened.facility_columns.items()}
    _require(opened, defaults)
    kinds = file.frame.collect_schema()
    claim = pl.format("row {}", "row_number")
    if "claim_id" in own:
        named = cells.text(own["claim_id"])
        claim = pl.when(named == "").then(claim).otherwise(named)
    area = cells.numbered(cells.raw(also["cbsa"]), 2) if "cbsa" in also else pl.lit("")
    units = cells.whole(own["units"], kinds[own["units"]]) if "units" in own else pl.lit(1)
    billed = pl.lit(None, cells.MONEY)
    if "billed_amount" in own:
        billed = cells.money(own["billed_amount"], kinds[own["billed_amount"]])
    day = pl.lit(defaults.day, pl.Date) if defaults.day is not None else dates_of(file.frame, own["date_of_service"])
    return file.frame.with_row_index("row_number", offset=1).select(
        claim.alias("claim_id"),
        pl.col("row_number").cast(pl.Int32).alias("line"),
        day.alias("date_of_service"),
        cells.hcpcs(own["hcpcs"]).alias("hcpcs"),
        *(each.alias(name) for name, each in cells.modifiers(own).items()),
        _setting(defaults.setting, also.get("setting"), own.get("place_of_service")).alias("setting"),
        units.cast(pl.Int32, strict=False).alias("units"),
        (pl.lit(defaults.cbsa.strip()) if defaults.cbsa is not None else area).alias("cbsa"),
        pl.lit(defaults.wage_index, OPTIONAL["wage_index"]).alias("wage_index"),
        billed.alias("billed_amount"),
        *map(kept_name, file.headings),
    )


def _require(opened: FacilityFile, defaults: FacilityDefaults) -> None:
    """Raises MissingColumn for what neither the file nor the defaults say."""
    missing = ["hcpcs"] if "hcpcs" not in opened.columns else []
    if defaults.day is None and "date_of_service" not in opened.columns:
        missing.append("date_of_service")
    settled = defaults.setting is not None or "setting" in opened.facility_columns
    if not missing and not settled and "place_of_service" not in opened.columns:
        missing.append("setting or place_of_service")
    if missing:
        raise MissingColumn(
            f"no column for {', '.join(missing)}; seen: {listed_headings(opened.file.headings)}. Rename one, or give "
            "--date, --setting for all lines"
        )


def _setting(for_all: str | None, setting: str | None, place: str | None) -> pl.Expr:
    """Return asc or opps for each line: as given for all, else the file's column, else by the place of service."""
    if for_all is not None:
        return pl.lit(for_all)
    if setting is not None:
        return cells.small_letters(setting)
    assert place is not None
    places = {
        row["code"]: _PATIENTS[row["patient"]]
        for row in reference.rows("place_of_service")
        if row["patient"] in _PATIENTS
    }
    return cells.place_of_service(place).replace_strict(places, default="", return_dtype=pl.String)
