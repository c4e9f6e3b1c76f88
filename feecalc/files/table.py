"""A table of a person's that is read into memory whole: a volume, a payer's fees, a list.

It is opened as claim files are, and has the headings that only such tables have as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files import cells
from feecalc.files.headings import by_usual_names, listed_headings, looked_for, recognize, usual_names
from feecalc.files.opening import OpenedFile, kept_name, open_file, plain_errors

MOST_ROWS = 5_000_000
MOST_LIST_ROWS = 500_000  # of a list of codes: five times the diagnoses there are
_ROWS_NAMED = 3


@dataclass(frozen=True)
class Table:
    """A table read whole, as text or as it is typed. ``theirs``: our name to the heading of the file.

    Shape of ``frame``: ``row`` (from 1 below the headings), then ``input:HEADING`` for each.
    """

    path: Path
    frame: pl.DataFrame
    theirs: Mapping[str, str]
    headings: tuple[str, ...]
    notes: tuple[str, ...]

    def has(self, name: str) -> bool:
        return name in self.theirs

    def column(self, name: str) -> str:
        """Return the column of ``frame`` that is ours by that name. Raises MissingColumn."""
        self.require(name)
        return kept_name(self.theirs[name])

    def require(self, *names: str) -> None:
        """Raise MissingColumn for those the file does not have, with what was looked for and seen."""
        missing = [name for name in names if name not in self.theirs]
        if missing:
            raise MissingColumn(
                f"{self.path.name}: no column for {', '.join(missing)}; the file's headings: "
                f"{listed_headings(self.headings)}; rename one. Looked for:"
                + "".join(f"\n  {looked_for(name)}" for name in missing)
            )

    def kind(self, name: str) -> pl.DataType:
        return self.frame.schema[self.column(name)]

    @cached_property
    def codes(self) -> pl.Series:
        return self.frame.select(cells.hcpcs(self.column("hcpcs")).alias("hcpcs")).to_series()

    def text(self, name: str, otherwise: str = "") -> pl.Expr:
        if not self.has(name):
            return pl.lit(otherwise)
        read = cells.text(self.column(name))
        return pl.when(read == "").then(pl.lit(otherwise)).otherwise(read) if otherwise else read

    def modifiers(self) -> dict[str, pl.Expr]:
        """Return the modifiers of a row; a cell may have more than one."""
        return cells.modifiers({name: kept_name(heading) for name, heading in self.theirs.items()})

    def place_of_service(self, otherwise: str) -> pl.Expr:
        if not self.has("place_of_service"):
            return pl.lit(otherwise)
        read = cells.place_of_service(self.column("place_of_service"))
        return pl.when(read == "").then(pl.lit(otherwise)).otherwise(read)

    def money(self, name: str) -> pl.Expr:
        return cells.money(self.column(name), self.kind(name)) if self.has(name) else pl.lit(None, cells.MONEY)

    def unreadable(self, name: str, read: str) -> pl.Expr:
        """Return whether a cell holds something that the column ``read`` could not be made of."""
        filled = pl.col(self.column(name)).cast(pl.String, strict=False).fill_null("").str.strip_chars() != ""
        return filled & pl.col(read).is_null()

    def refuse(self, rows: pl.DataFrame, wrong: pl.Expr, what: str) -> None:
        """Raise InvalidValue, naming the first rows, where ``wrong`` holds."""
        found = rows.filter(wrong)["row"].head(_ROWS_NAMED + 1).to_list()
        if found:
            named = ", ".join(str(row) for row in found[:_ROWS_NAMED]) + (", ..." if found[_ROWS_NAMED:] else "")
            raise InvalidValue(f"{self.path.name}, row {named} below the headings: {what}")


def read_table(path: Path, column_map: Mapping[str, str] | None = None) -> Table:
    """Read a person's table whole and find its columns. Raises InvalidValue, UnreadableFile, MissingColumn."""
    file = open_file(path, column_map or ())
    own = {name: found[0] for name, found in by_usual_names(file.headings, "payer_column_name").items()}
    columns = recognize([heading for heading in file.headings if heading not in own.values()], column_map)
    frame = _frame(file, MOST_ROWS, "a volume has one a code, place and locality")
    return Table(path, frame, {**own, **columns.theirs}, file.headings, file.notes)


def read_list(path: Path, columns: str, what: str) -> Table:
    """Read a list of a person's whole, with the columns of one table of reference/ (``columns``) and no others.

    ``what`` its rows are, for a message. Raises InvalidValue, UnreadableFile, UnsafeArchive, StoreError.
    """
    file = open_file(path, usual_names(columns))
    theirs = {name: found[0] for name, found in by_usual_names(file.headings, columns).items()}
    return Table(path, _frame(file, MOST_LIST_ROWS, what), theirs, file.headings, file.notes)


def _frame(file: OpenedFile, most: int, what: str) -> pl.DataFrame:
    """Return the rows of a file that hold anything, numbered. Raises InvalidValue for none, or more than ``most``."""
    name = file.path.name
    with plain_errors(file.path):
        frame = file.frame.with_row_index("row", offset=1).head(most + 1).collect()
    if frame.height > most:
        raise InvalidValue(f"{name}: more than {most:,} rows; {what}")
    filled = pl.any_horizontal(pl.exclude("row").cast(pl.String).fill_null("").str.strip_chars() != "")
    if file.form != "parquet":
        frame = frame.filter(filled)
    if not frame.height:
        raise InvalidValue(f"{name}: no rows below its headings")
    return frame
