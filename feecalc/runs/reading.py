"""A claim file ready to be priced: its lines, whole patients together, and its own columns beside the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from feecalc.errors import InvalidValue
from feecalc.files.claim_lines import (
    EDIT_COLUMNS,
    LINE_COLUMNS,
    LineDefaults,
    claim_lines,
    first_pass,
    reading_notes,
    units_told,
)  # fmt: skip
from feecalc.files.headings import KEPT, RecognizedColumns, recognize
from feecalc.files.opening import kept_name, open_file, plain_errors
from feecalc.files.other_payers import other_payers
from feecalc.files.places import NO_PLACE, Places
from feecalc.installed import open_zip_directory
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.batches import LINES, stand_together, whole_patients
from feecalc.pricing.claims.grouping import patient
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.runs.release_days import OpenSchedules, open_schedules, with_release_reasons

# Statuses of the engine that a line gets for a cell it could not be shown; the reason then stands in intake_reason.
_INVALID_UNITS, _UNKNOWN_LOCALITY, _INVALID_BILLED = "invalid_units", "unknown_locality", "invalid_billed_amount"
UNREADABLE = "unreadable"
WRONG = outcomes.WRONG | {UNREADABLE}  # the lines that cannot be priced as written


@dataclass(frozen=True)
class ClaimLines:
    """Lines in the columns of the rules, and what a person is told of how they were read.

    Shape of ``frame``: ``LINE_COLUMNS``, then ``input:HEADING`` for each column of the file.
    """

    path: Path
    frame: pl.LazyFrame
    columns: RecognizedColumns
    rows: int  # of the file; rows without any cell are no lines
    opened: OpenSchedules
    notes: tuple[str, ...]
    days: tuple[date, date] | None = None  # the first and the last date of service; None where none can be read
    each_day: tuple[date, ...] = ()  # every date of service

    def output(self, priced: pl.LazyFrame) -> pl.LazyFrame:
        """Return the file's columns as they came, then what tells lines apart where it does not, then the results.

        ``priced`` is ``frame`` with the engine's columns after it. A column of the file that bears a result's name
        keeps its cells as ``input:NAME``.
        """
        ours = {*LINE_COLUMNS, *EDIT_COLUMNS}
        results = [name for name in priced.collect_schema().names() if name not in ours and _is_result(name)]
        added = {
            name: pl.col(name)
            for name in ("claim_id", "line")
            if name not in self.columns and name not in self.columns.headings
        }
        if not {"mac", "locality"} <= set(self.columns.theirs):
            added["payment_locality"] = pl.when(pl.col("mac") != "").then(pl.format("{}-{}", "mac", "locality"))
        taken = {*results, *added}
        own = [
            pl.col(kept_name(heading)).alias(kept_name(heading) if heading in taken else heading)
            for heading in self.columns.headings
        ]
        apart = (column.alias(name) for name, column in added.items())
        return _with_cell_reasons(priced).select(*own, *apart, *results)

    def with_reasons(self, priced: pl.DataFrame) -> pl.LazyFrame:
        """Give each priced line the reason that this file knows: the release its day needs, a cell that is not read."""
        return _with_cell_reasons(with_release_reasons(priced, self.opened).lazy())


def _is_result(name: str) -> bool:
    return not name.startswith(KEPT)


def read_claims(
    path: Path,
    *,
    column_map: Mapping[str, str] | None = None,
    defaults: LineDefaults | None = None,
    release: str | None = None,
    home: Path | None = None,
    edits: bool = False,
) -> ClaimLines:
    """Read a claim file's form, columns and dates, and open the releases they call for, ready to be priced.

    ``column_map`` maps headings of the file to our names; with ``edits`` what only edits read is read as well. The
    lines themselves are read when they are priced. Raises MissingColumn, InvalidValue, UnreadableFile, NotInstalled,
    UnknownLocality and what else keeps all lines from being priced; never for a single line.
    """
    defaults = defaults or LineDefaults()
    file = open_file(path, column_map or ())
    columns = recognize(file.headings, column_map)
    with plain_errors(path):
        seen = first_pass(file, columns, defaults)
    known = seen.days["date_of_service"].drop_nulls()
    opened = open_schedules(known, release, home)
    places = Places(opened.schedules, open_zip_directory(home) if "zip_code" in columns else ZipDirectory())
    blank = [units_told(seen.blank_units)] if seen.blank_units else []
    notes = (*file.notes, *reading_notes(columns, defaults), *blank, *other_payers(file, columns), *opened.notices)
    frame = claim_lines(file, columns, defaults, places, seen=seen, edits=edits)
    span = (min(known), max(known)) if len(known) else None
    return ClaimLines(path, frame, columns, int(seen.days["rows"].sum()), opened, notes, span, tuple(known))


def _with_cell_reasons(priced: pl.LazyFrame) -> pl.LazyFrame:
    """Give a line that the file's own cells keep from being priced the reason of that cell, not the engine's."""
    billed = pl.col("billed_unreadable")
    wrong_charge = billed & (pl.col("pricing_status") == _INVALID_BILLED)  # a facility's rates know of it
    by_cell = (pl.col("intake_reason") != NO_PLACE).fill_null(False)
    refused = by_cell & ((pl.col("pricing_status") == _INVALID_UNITS) | wrong_charge)
    nowhere = pl.col("intake_reason").is_not_null() & (pl.col("pricing_status") == _UNKNOWN_LOCALITY)
    return priced.with_columns(
        pricing_status=pl.when(refused & billed)
        .then(pl.lit(_INVALID_BILLED))
        .when(refused)
        .then(pl.lit(UNREADABLE))
        .otherwise(pl.col("pricing_status")),
        reason=pl.when(refused | nowhere).then(pl.col("intake_reason")).otherwise(pl.col("reason")),
    )


def lines_beside(lines: ClaimLines, claim_id: str, *, all_days: bool = False) -> pl.DataFrame:
    """Return a claim's lines, and those of its patients' other claims of its days, or of ``all_days``.

    Raises InvalidValue where the file has no such claim.
    """
    own = pl.col("claim_id") == claim_id
    claim = lines.frame.filter(own).collect(engine="streaming")
    if not claim.height:
        raise InvalidValue(f"the file has no claim {claim_id[:80]!r}: claim_id is compared letter by letter")
    patients = claim.filter(pl.col("beneficiary_id") != "")
    if not patients.height:
        return claim
    beside = pl.col("beneficiary_id").is_in(patients["beneficiary_id"].unique().to_list())
    if not all_days:
        beside &= pl.col("date_of_service").is_in(patients["date_of_service"].unique().to_list())
    return lines.frame.filter(own | beside).collect(engine="streaming")


def patient_batches(claims: pl.LazyFrame, lines: int = LINES) -> Iterator[pl.DataFrame]:
    """Return the lines in batches of about ``lines``, no patient in two of them.

    A file whose patients do not stand together is read whole and sorted by patient.
    """
    if stand_together(claims, lines):
        yield from whole_patients(claims.collect_batches(chunk_size=lines, maintain_order=True), lines)
    else:
        yield from _sorted_parts(claims.collect(engine="streaming"), lines)


def patient_parts(claims: pl.DataFrame, lines: int) -> Iterator[pl.DataFrame]:
    """Part a frame into frames of about ``lines``, no patient parted, nor a claim that names several patients."""
    if claims.height <= 2 * lines or _claims_are_shared(claims):
        yield claims
    else:
        yield from _sorted_parts(claims, lines)


def _sorted_parts(claims: pl.DataFrame, lines: int) -> Iterator[pl.DataFrame]:
    who = claims.select(patient(claims)).with_row_index("place")
    order = who.sort(*who.columns[1:], "place")["place"]
    parts = (claims[order[first : first + lines]] for first in range(0, claims.height, lines))
    yield from whole_patients(parts, lines)


def _claims_are_shared(claims: pl.DataFrame) -> bool:
    who = claims.select(pl.col("claim_id").alias("claim"), *patient(claims)).unique()
    return bool(who["claim"].is_duplicated().any())
