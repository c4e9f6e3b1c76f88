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
from feecalc.files.claim_lines import ONE_PATIENT, units_told
from feecalc.files.dates import dates_of
from feecalc.files.headings import RecognizedColumns, by_usual_names, listed_headings, recognize, shown, spelled
from feecalc.files.line_tables import FacilityLine, with_types
from feecalc.files.opening import OpenedFile, kept_name, open_file, rows_of

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

    @property
    def assumed(self) -> tuple[str, ...]:
        """Return what is assumed where the file has no such column."""
        return tuple(text for name, text in _WITHOUT.items() if name not in self.columns)

    def assumed_of(self, lines: pl.DataFrame) -> tuple[str, ...]:
        """Return what is assumed of some of the lines, as ``facility_lines`` has them."""
        notes = []
        if "units" in self.columns:
            blank = lines.select((cells.text(self.columns.columns["units"]) == "").sum()).item()
            notes += [units_told(blank)] if blank else []
        nobody = pl.col("beneficiary_id") == ""
        named = pl.col("beneficiary_id").filter(~nobody).n_unique().over("claim_id")
        for found, text in ((named == 1, _ONE_PATIENT), (named > 1, _SEVERAL_PATIENTS)):
            count = lines.select((nobody & found).sum()).item()
            notes += [f"{count:,} {'line names' if count == 1 else 'lines name'} no patient: {text}"] if count else []
        return tuple(notes)


_ONE_PATIENT = "taken as the one patient's whom the other lines of their claim number name"
_SEVERAL_PATIENTS = "their claim number is of several, and they are a bill of their own"


_WITHOUT = {
    "claim_id": "no column claim_id: each line is a bill of its own, named by its row",
    "beneficiary_id": ONE_PATIENT,
    "units": "no column units: 1 for every line",
    "billed_amount": "no column billed_amount: nothing is held against what was charged",
}


def open_facility_file(path: Path, column_map: Mapping[str, str] | None = None) -> FacilityFile:
    """Open a facility's claim file and find its columns; ``column_map``: as ``recognize`` has it.

    Raises InvalidValue, MissingColumn, UnreadableFile, StoreError.
    """
    own_names = {row["column"] for row in reference.rows("facility_column_name")}
    mapped = {heading: name.strip().lower() for heading, name in (column_map or {}).items()}
    file = open_file(path, mapped)
    own = {heading: name for heading, name in mapped.items() if name in own_names}
    left_alone = dict.fromkeys(own, "")
    columns = recognize(file.headings, {heading: left_alone.get(heading, name) for heading, name in mapped.items()})
    taken = {*columns.theirs.values(), *(spelled(heading, file.headings) for heading in mapped)}
    found = by_usual_names(file.headings, "facility_column_name", taken)
    as_mapped = {name: spelled(heading, file.headings) for heading, name in own.items()}
    return FacilityFile(file, columns, {name: headings[0] for name, headings in found.items()} | as_mapped)


def facility_lines(opened: FacilityFile, defaults: FacilityDefaults) -> pl.LazyFrame:
    """Return the lines as the table ``FacilityLine``, then ``input:HEADING`` for each of the file's columns.

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
    units = cells.units(own["units"], kinds[own["units"]]) if "units" in own else pl.lit(1)
    billed = pl.lit(None, cells.MONEY)
    unread = {}  # by what a cell is: whether it cannot be read as that, and the cell
    if "billed_amount" in own:
        cell = cells.text(own["billed_amount"])
        billed = cells.money(own["billed_amount"], kinds[own["billed_amount"]])
        unread[_CHARGE] = (billed.is_null() & (cell != ""), cell)
    if "units" in own:
        cell = cells.text(own["units"])
        unread["the units {} cannot be read as a whole number"] = (units.is_null() & (cell != ""), cell)
    reasons = [
        pl.format("row {}: " + text, pl.when(wrong).then("row_number"), _quoted(cell))
        for text, (wrong, cell) in unread.items()
    ]
    day = pl.lit(defaults.day, pl.Date) if defaults.day is not None else dates_of(file.frame, own["date_of_service"])
    lines = rows_of(file, "row_number").select(
        claim.alias("claim_id"),
        pl.col("row_number").cast(pl.Int32).alias("line"),
        day.alias("date_of_service"),
        cells.hcpcs(own["hcpcs"]).alias("hcpcs"),
        *(cell.alias(name) for name, cell in cells.modifiers(own).items()),
        _setting(defaults.setting, also.get("setting"), own.get("place_of_service")).alias("setting"),
        units.cast(pl.Int32, strict=False).alias("units"),
        (pl.lit(defaults.cbsa.strip()) if defaults.cbsa is not None else area).alias("cbsa"),
        pl.lit(defaults.wage_index, OPTIONAL["wage_index"]).alias("wage_index"),
        billed.alias("billed_amount"),
        (unread[_CHARGE][0] if _CHARGE in unread else pl.lit(False)).alias("billed_unreadable"),
        (pl.coalesce(*reasons, pl.lit("")) if reasons else pl.lit("")).alias("intake_reason"),
        *(
            (cells.text(own[name]) if name in own else pl.lit("")).alias(name)
            for name in ("beneficiary_id", "billing_npi")
        ),
        *map(kept_name, file.headings),
    )
    return with_types(FacilityLine, lines, file.path.name)


_CHARGE = "the charge {} cannot be read as an amount"
_SHOWN = 40  # letters of a cell


def _quoted(cell: pl.Expr) -> pl.Expr:
    return pl.format("'{}'", cell.str.slice(0, _SHOWN))


def _require(opened: FacilityFile, defaults: FacilityDefaults) -> None:
    """Raise MissingColumn for what neither the file nor the defaults give."""
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
