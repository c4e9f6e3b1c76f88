"""A practice's volume: how many units of which code, where, at what charge.

A row is so many units of one code, each unit priced as a claim of its own: rules over the lines of a day do not reach
it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files import cells
from feecalc.files.line_tables import VolumeRow, checked, columns_of
from feecalc.files.places import PlaceCells, Places
from feecalc.files.table import Table, read_table
from feecalc.pricing.places.zip_code import ZipDirectory
from feecalc.pricing.schedule import FeeSchedule

NATIONAL = "national"
COLUMNS: Mapping[str, pl.DataType] = columns_of(VolumeRow)


def read_volume(
    path: Path,
    schedules: Sequence[FeeSchedule],
    *,
    locality: str | None = None,
    place_of_service: str = "11",
    day: date | None = None,
    zips: ZipDirectory | None = None,
    column_map: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Read a volume file (csv, xlsx or parquet) as the table ``VolumeRow``.

    Headings are found as a claim file's are; a code and its units are needed. ``locality`` (a key, a name, or
    "national") is for rows that name none. A volume is small and a person's own: a cell that cannot be read is an
    InvalidValue that names its row. Raises also MissingColumn, UnreadableFile, UnknownLocality.
    """
    table = read_table(path, column_map)
    table.require("hcpcs", "units")
    if locality is None and not (table.has("locality") or table.has("zip_code")):
        raise MissingColumn(
            f"{path.name}: no column for locality, and none is given for the rows; give one, as 'Miami, FL' or national"
        )
    read = table.frame.select(
        "row",
        *map(pl.col, {table.column(name) for name in ("units", "billed_amount", "minutes") if table.has(name)}),
        cells.hcpcs(table.column("hcpcs")).alias("hcpcs"),
        *(read.alias(name) for name, read in table.modifiers().items()),
        table.place_of_service(place_of_service).alias("place_of_service"),
        cells.count(table.column("units"), table.kind("units")).alias("units"),
        table.money("billed_amount").alias("billed_amount"),
        *(table.text(name).replace("", None).alias(name) for name in ("payer", "category")),
        table.text("provider_type", "physician").str.to_lowercase().alias("provider_type"),
        _minutes(table).alias("minutes"),
    )
    table.refuse(read, pl.col("hcpcs").str.len_chars() != 5, "no procedure code, which has five digits and letters")
    table.refuse(read, pl.col("units").is_null(), "units are not a whole number above 0")
    table.refuse(read, pl.col("units") < 1, "units must be above 0; leave out what was not done")
    for name in ("billed_amount", "minutes"):
        if table.has(name):
            table.refuse(read, table.unreadable(name, name), f"{name} cannot be read")
    table.refuse(read, pl.col("billed_amount") < 0, "a charge below 0")
    placed = read.with_columns(_places(table, schedules, locality, day or schedules[-1].release.day(None), zips))
    rows = placed.select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())
    return checked(VolumeRow, rows, path.name)


def _minutes(table: Table) -> pl.Expr:
    return cells.whole(table.column("minutes"), table.kind("minutes")) if table.has("minutes") else pl.lit(None)


def _places(
    table: Table, schedules: Sequence[FeeSchedule], locality: str | None, day: date, zips: ZipDirectory | None
) -> list[pl.Series]:
    """Look up mac and locality of each row. Raises InvalidValue, naming the row, where a place is not known."""
    columns_of = {"mac": "mac", "words": "locality", "zips": "zip_code"}
    given = {
        ours: table.frame.select(cells.raw(table.column(name)).str.strip_chars()).to_series()
        for ours, name in columns_of.items()
        if table.has(name)
    }
    height = table.frame.height
    words = given.get("words", pl.Series([""], dtype=pl.String).new_from_index(0, height))
    if locality is not None:
        zip_codes = given.get("zips", words)
        nowhere = (words == "") & (zip_codes == "")
        words = pl.select(pl.when(nowhere).then(pl.lit(locality)).otherwise(words)).to_series()
    given["words"] = words
    national = words.str.to_lowercase() == NATIONAL
    columns = pl.DataFrame({"day": pl.Series([day]).new_from_index(0, height), **given})
    place_cells = PlaceCells(**{name: pl.col(name) for name in given})
    found = Places(schedules, zips or ZipDirectory()).of(columns, place_cells, pl.col("day"))
    found = found.with_columns(national.alias(NATIONAL), table.frame["row"]).with_columns(
        pl.when(NATIONAL).then(pl.lit("")).otherwise(pl.col(name)).alias(name) for name in ("mac", "locality")
    )
    lost = found.filter(pl.col("mac").is_null())
    if lost.height:
        raise InvalidValue(f"{table.path.name}, row {lost['row'][0]} below the headings: {lost['reason'][0]}")
    return [found["mac"], found["locality"]]
