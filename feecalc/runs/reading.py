"""The lines of a claim file ready to be priced, and the way back: the file's own columns, then what pricing added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from feecalc.files.claim_lines import EDIT_COLUMNS, LINE_COLUMNS, LineDefaults, claim_lines, first_pass
from feecalc.files.headings import KEPT, RecognizedColumns, recognize, shown
from feecalc.files.opened_file import kept_name, plain_errors
from feecalc.files.opening import open_file
from feecalc.files.places import Places
from feecalc.installed import open_zip_directory
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.runs.release_days import OpenSchedules, open_schedules

# Statuses of the engine that a line gets for a cell it could not be shown; the reason then stands in intake_reason.
_INVALID_UNITS, _UNKNOWN_LOCALITY, _INVALID_BILLED = "invalid_units", "unknown_locality", "invalid_billed_amount"
UNREADABLE = "unreadable"


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
        return with_cell_reasons(priced).select(*own, *(each.alias(name) for name, each in added.items()), *results)


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
    notes = (*file.notes, *_assumed(columns, defaults), *_set_aside(columns, defaults), *opened.notices)
    frame = claim_lines(file, columns, defaults, places, seen=seen, edits=edits)
    span = (min(known), max(known)) if len(known) else None
    return ClaimLines(path, frame, columns, int(seen.days["rows"].sum()), opened, notes, span)


def with_cell_reasons(priced: pl.LazyFrame) -> pl.LazyFrame:
    """Give a line that the file's own cells keep from being priced the reason of that cell, not the engine's."""
    refused = pl.col("intake_reason").is_not_null() & (pl.col("pricing_status") == _INVALID_UNITS)
    nowhere = pl.col("intake_reason").is_not_null() & (pl.col("pricing_status") == _UNKNOWN_LOCALITY)
    billed = pl.col("billed_unreadable")
    return priced.with_columns(
        pricing_status=pl.when(refused & billed)
        .then(pl.lit(_INVALID_BILLED))
        .when(refused)
        .then(pl.lit(UNREADABLE))
        .otherwise(pl.col("pricing_status")),
        reason=pl.when(refused | nowhere).then(pl.col("intake_reason")).otherwise(pl.col("reason")),
    )


def _assumed(columns: RecognizedColumns, defaults: LineDefaults) -> list[str]:
    """Say what is taken where the file has no such column, and how dates are read."""
    notes = []
    if "claim_id" not in columns:
        notes.append("no column claim_id: each line is a claim of its own, named by its row")
    elif "line" not in columns:
        notes.append("no column line: lines are numbered within their claim in the file's order")
    if "units" not in columns:
        notes.append("no column units: 1 for every line")
    if "billed_amount" not in columns:
        notes.append("no column billed_amount: nothing is held against what was charged")
    if defaults.day is None:
        notes.append("dates such as 3/4/2026 are read month first")
    return notes


def _set_aside(columns: RecognizedColumns, defaults: LineDefaults) -> list[str]:
    """Name the columns of the file that an option for all lines goes before."""
    set_aside = []
    if defaults.day is not None:
        set_aside += [("--date", name) for name in ("date_of_service",)]
    if defaults.locality is not None:
        set_aside += [("--locality", name) for name in ("mac", "locality", "zip_code")]
    return [
        f"{option} is given: the column {shown(columns.theirs[name])} is not used"
        for option, name in set_aside
        if name in columns
    ]
