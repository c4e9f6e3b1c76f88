"""Earlier sessions of the patients, in a file of their own: they count for a policy's limits, and get no finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files import cells
from feecalc.files.dates import dates_of
from feecalc.files.headings import listed_headings, recognize
from feecalc.files.line_tables import HistoryLine, checked
from feecalc.files.opening import open_file, plain_errors

_NEEDED = ("beneficiary_id", "date_of_service", "hcpcs")
_MOST_LINES = 5_000_000  # of the policies' codes: all are kept in memory


@dataclass(frozen=True)
class History:
    """Earlier sessions, as the table ``HistoryLine``; ``notes`` for a person."""

    lines: pl.DataFrame
    notes: tuple[str, ...]


def read_history(path: Path, codes: Iterable[str], column_map: Mapping[str, str] | None = None) -> History:
    """Read the lines of a history file that have one of ``codes``; ``column_map`` maps its headings to our names.

    Lines without a patient or a readable date are left out, and counted in a note. Raises MissingColumn, InvalidValue,
    UnreadableFile, StoreError.
    """
    file = open_file(path, column_map or ())
    mapped = {heading: name for heading, name in (column_map or {}).items() if heading in file.headings}
    columns = recognize(file.headings, mapped)
    missing = [name for name in _NEEDED if name not in columns]
    who = f"history {path.name}"
    if missing:
        raise MissingColumn(
            f"{who}: no column for {', '.join(missing)}; it needs {', '.join(_NEEDED)}. Its headings: "
            f"{listed_headings(file.headings)}"
        )
    kinds = file.frame.collect_schema()
    own = columns.columns
    with plain_errors(path):
        day = dates_of(file.frame, own["date_of_service"])
    read = {
        "beneficiary_id": cells.text(own["beneficiary_id"]),
        "date_of_service": day,
        "hcpcs": cells.hcpcs(own["hcpcs"]),
        "units": cells.whole(own["units"], kinds[own["units"]]).fill_null(1) if "units" in own else pl.lit(1),
        **cells.modifiers(own),
        "purpose": cells.small_letters(own["purpose"]) if "purpose" in own else pl.lit(""),
    }
    named = pl.col("hcpcs").is_in(sorted(set(codes)))
    with plain_errors(path):
        found = file.frame.select(cell.alias(name) for name, cell in read.items()).filter(named)
        lines = found.head(_MOST_LINES + 1).collect(engine="streaming")
    if lines.height > _MOST_LINES:
        raise InvalidValue(f"{who}: more than {_MOST_LINES:,} lines of the policies' codes; split the file")
    kept = lines.filter(pl.col("beneficiary_id") != "", pl.col("date_of_service").is_not_null())
    notes = [f"{who}: {kept.height:,} lines of the policies' codes"]
    if kept.height < lines.height:
        notes.append(f"{who}: {lines.height - kept.height:,} lines name no patient or date, and are left out")
    return History(checked(HistoryLine, kept, path.name), tuple(notes))
