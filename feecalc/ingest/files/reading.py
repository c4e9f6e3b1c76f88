"""Members to tables of text: which layout fits, its rows found, every cell a stripped string, nothing converted yet.

A frame read here has the layout's column names, all String, and ``line``: the line or spreadsheet row in the member,
for messages.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from feecalc.errors import BadValue, MissingColumn, UnreadableFile, UnsafeArchive
from feecalc.ingest.files.archive import MOST_BYTES, Member
from feecalc.ingest.files.layout import Delimited, Layout, Lines, layouts
from feecalc.ingest.files.text import decoded

_HEAD_LINES = 60  # the tallest banner seen is nine lines
_MOST_STACKED = 6
_MOST_COLUMNS = 400


@dataclass(frozen=True)
class Header:
    """The header found in a member: the row below which data starts, and the label of each column."""

    data_starts: int
    labels: tuple[str, ...]


@dataclass(frozen=True)
class RawTable:
    """A member read by a layout: text cells, and what its header said."""

    layout: Layout
    member: str
    frame: pl.DataFrame
    labels: tuple[str, ...] = ()
    unknown_labels: tuple[str, ...] = ()


def read_member(member: Member) -> RawTable | None:
    """The member as a table of text, or None where no layout knows it."""
    if member.form == "xlsx":
        return _read_cells(member.name, _spreadsheet_rows(member))
    text = decoded(member.read())
    lines = text.split("\n")
    for layout in layouts():
        if layout.lines is not None and _recognised(layout.lines, lines):
            frame = _read_lines(member.name, layout.lines, lines)
            return RawTable(layout, member.name, frame)
    return _read_cells(member.name, _csv_rows(member.name, lines))


def _recognised(form: Lines, lines: list[str]) -> bool:
    return any(form.recognise.search(line) for line in lines[:_HEAD_LINES]) and not any(
        line.count(",") > 3 and not line.startswith('"') for line in lines[:3]
    )


def _read_lines(name: str, form: Lines, lines: list[str]) -> pl.DataFrame:
    numbered = pl.DataFrame({"line": range(1, len(lines) + 1), "text": lines}, schema={"line": pl.Int64, "text": pl.String})
    record = pl.col("text").str.contains(form.record)
    if form.columns:
        is_record = record & pl.col("text").str.contains(form.suspect.pattern) if not form.record else record
    else:
        is_record = record
    kept = numbered.filter(is_record)
    lost = numbered.filter(~is_record & pl.col("text").str.contains(_rust(form.suspect.pattern)))
    if lost.height:
        line, text = lost.row(0)
        raise BadValue(f"{name}, line {line}: not a record of the layout: {text[:80]!r} ({lost.height} such lines)")
    if form.shortest:
        cut = kept.filter(pl.col("text").str.len_chars() < form.shortest)
        if cut.height:
            raise BadValue(
                f"{name}, line {cut['line'][0]}: cut short at {len(cut['text'][0])} of at least {form.shortest} "
                f"characters ({cut.height} such lines); the file is truncated"
            )
    if form.columns:
        cells = [
            pl.col("text").str.slice(first - 1, last - first + 1).str.strip_chars().alias(column)
            for column, (first, last) in form.columns.items()
        ]
        return kept.select("line", *cells)
    frame = kept.select("line", pl.col("text").str.extract_groups(form.record).alias("groups")).unnest("groups")
    frame = frame.with_columns(pl.exclude("line").str.strip_chars().fill_null(""))
    return frame.with_columns(
        (pl.col(column).str.head(-places) + "." + pl.col(column).str.tail(places)).alias(column)
        for column, places in form.implied_decimals.items()
    )
