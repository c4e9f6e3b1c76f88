"""Claims as text: comma, semicolon, tab or pipe, in UTF-8, Windows' Latin-1 or UTF-16, quoted or not."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

import polars as pl

from feecalc.errors import UnreadableFile
from feecalc.files.headings import recognized_count
from feecalc.files.opened_file import (
    HEAD_ROWS,
    SURPLUS,
    OpenedFile,
    heading_row,
    headings_of,
    kept_name,
    plain_errors,
)

MOST_RECODED = 512 * 2**20  # bytes; text in another encoding than UTF-8 is recoded in memory, never on the disk
_HEAD_BYTES = 2**18
_CHUNK = 2**23
_DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "pipe"}


def open_text(path: Path, theirs: tuple[str, ...]) -> OpenedFile:
    """Open a text file as a lazy frame of text.

    A title above the headings is passed over, and so is a line without any cell. Raises UnreadableFile.
    """
    encoding = _encoding(path)
    source: Path | bytes = path
    with path.open("rb") as file:
        start = file.read(_HEAD_BYTES)
    if encoding != "utf-8" or (b"\r" in start and b"\n" not in start):
        source = _recoded(path, encoding)
        start = source[:_HEAD_BYTES]
    head = _head_text(path, start, whole=len(start) < _HEAD_BYTES)
    delimiter, rows, line_ends = _best_rows(path, head, theirs)
    place = heading_row(rows, theirs)
    headings, notes = headings_of(path, rows[place])
    with plain_errors(path):
        frame = pl.scan_csv(
            source,
            has_header=False,
            schema=dict.fromkeys([*map(kept_name, headings), SURPLUS], pl.String),
            separator=delimiter,
            skip_lines=line_ends[place],
            missing_columns="insert",
            truncate_ragged_lines=True,
            raise_if_empty=False,
            glob=False,
        )
    if place:
        notes = (f"the headings are in row {place + 1}; what stands above them is passed over", *notes)
    if encoding != "utf-8":
        notes = (f"read as {encoding}", *notes)
    return OpenedFile(path, f"text with {_DELIMITERS[delimiter]}s", frame, headings, notes)


def _encoding(path: Path) -> str:
    """Return ``utf-8`` where all of it is, ``utf-16`` by its mark, otherwise Windows' Latin-1 (or Latin-1 itself)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        chunk = file.read(_CHUNK)
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = file.read(_CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _recoded(path: Path, encoding: str) -> bytes:
    size = path.stat().st_size
    if size > MOST_RECODED:
        raise UnreadableFile(
            f"{path.name}: {size:,} bytes that are not plain UTF-8; beyond {MOST_RECODED:,} bytes save it as UTF-8"
        )
    content = path.read_bytes()
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-16":
            raise UnreadableFile(f"{path.name}: begins as UTF-16 and does not go on so; save it as UTF-8") from error
        text = content.decode("latin-1")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    return text.encode("utf-8", errors="replace")


def _head_text(path: Path, start: bytes, *, whole: bool) -> str:
    text = start.decode("utf-8-sig", errors="replace")
    if "\x00" in text:
        raise UnreadableFile(f"{path.name}: not a text file; give one that is .csv, .parquet or .xlsx")
    if not text.strip():
        raise UnreadableFile(f"{path.name}: empty")
    return text if whole or "\n" not in text else text[: text.rindex("\n") + 1]


def _best_rows(path: Path, head: str, theirs: tuple[str, ...]) -> tuple[str, list[list[str]], list[int]]:
    """Return the delimiter by which a row names the most of our columns, the first rows by it, and their last lines."""
    best: tuple[tuple[int, int], str, list[list[str]], list[int]] | None = None
    for delimiter in _DELIMITERS:
        rows, line_ends = _rows(head, delimiter)
        if rows:
            place = heading_row(rows, theirs)
            score = (recognized_count(rows[place], theirs), len(rows[place]))
            if best is None or score > best[0]:
                best = score, delimiter, rows, line_ends
    if best is None:
        raise UnreadableFile(f"{path.name}: its first lines are not those of a table")
    return best[1:]


def _rows(head: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(head.split("\n"), delimiter=delimiter)
    rows, line_ends = [], []
    try:
        for row in reader:
            rows.append(row)
            line_ends.append(reader.line_num)
            if len(rows) == HEAD_ROWS:
                break
    except csv.Error:  # what stood before it is enough, if it holds the headings
        pass
    return rows, line_ends
