"""Decoding of CMS text members into lines and cells: encodings, line ends and quoting as CMS has shipped them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from feecalc.errors import BadValue, UnreadableFile, UnsafeArchive

HEAD_ROWS = 60  # the tallest banner seen is nine lines
# The longest file read here, of NCCI's pairs, has 2.6 million lines of five cells; that of ZIP+4 codes 1.2 million.
MOST_LINES = 6_000_000
MOST_CELLS = 2**25
MOST_PARSED = 3_000_000  # cells of a file that is read cell by cell, because some run over several lines
_LONGEST_HEAD_LINE = 20_000
_SUBSTITUTE = "\x1a"  # the end-of-file mark of DOS, still at the end of some members
_INSIDE = "\x1f"  # stands for a separator inside a cell while lines are split; never in a member's text


def decoded(content: bytes, name: str = "the file") -> str:
    """Return a member's text: UTF-8, or else Latin-1; line ends as LF; NBSP and the DOS end mark as spaces.

    Raises UnsafeArchive for more lines or cells than CMS's files have: each takes memory, however few its bytes are.
    """
    refuse_more_than(MOST_LINES, "lines", name, content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n"))
    refuse_more_than(MOST_CELLS, "cells", name, content.count(b",") + content.count(b"\t"))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for mark in ("\xa0", _SUBSTITUTE, "\x00", _INSIDE):
        text = text.replace(mark, " ")
    return text


def refuse_more_than(most: int, what: str, name: str, number: int) -> None:
    """Raise UnsafeArchive for more lines or cells than there may be."""
    if number > most:
        raise UnsafeArchive(f"{name}: {number:,} {what}; of CMS's files none has {most:,}")


@dataclass(frozen=True)
class Rows:
    """A member as rows of text cells: the first ones at hand, all below a header on demand.

    ``below(skip, width)`` gives the rows after the first ``skip`` that are not blank: ``line`` (the line, or
    spreadsheet row, in the member) and text columns ``"0"`` to ``str(width - 1)``, a missing cell "".
    """

    head: list[list[str]]
    below: Callable[[int, int], pl.DataFrame]


def cell_names(width: int) -> list[str]:
    """Return the column names of a frame of ``width`` cells."""
    return [str(place) for place in range(width)]


def separator_of(lines: Sequence[str]) -> str:
    """Return the separator of cells: a tab where most first lines have one, or more tabs than commas; else a comma."""
    head = [line for line in lines[:HEAD_ROWS] if line.strip()]
    with_tabs = sum("\t" in line for line in head)
    outnumbered = sum(line.count("\t") for line in head) > sum(line.count(",") for line in head)
    return "\t" if outnumbered or with_tabs * 2 > len(head) else ","


def csv_rows(name: str, text: str) -> Rows:
    """Return a text of commas or tabs as rows. Cells may be quoted and hold separators, quotes and line ends."""
    lines = text.split("\n")
    mark = separator_of(lines)
    quoted = [number for number, line in enumerate(lines) if '"' in line] if '"' in text else []
    # A cell that holds a line end leaves its first line with an odd number of quotes.
    if any(lines[number].count('"') % 2 for number in quoted):
        return _parsed_rows(name, text, mark)

    def below(skip: int, width: int) -> pl.DataFrame:
        refuse_more_than(MOST_CELLS, "cells, blank ones too", name, (len(lines) - skip) * width)
        plain = lines[skip:]
        inside: set[int] = set()
        for number in quoted:
            if number >= skip:
                cells = _parsed_line(name, number + 1, lines[number], mark)
                plain[number - skip] = mark.join(cell.replace(mark, _INSIDE) for cell in cells)
                inside.update(place for place, cell in enumerate(cells[:width]) if mark in cell)
        return _split_rows(name, plain, mark, skip + 1, width, [str(place) for place in sorted(inside)])

    head = [_parsed_line(name, number, line, mark) for number, line in enumerate(lines[:HEAD_ROWS], 1)]
    return Rows(head, below)


def _split_rows(name: str, lines: list[str], mark: str, first_line: int, width: int, inside: list[str]) -> pl.DataFrame:
    """Return lines without quotes as cells; in the columns ``inside``, ``_INSIDE`` is a separator within a cell."""
    names = cell_names(width)
    # One column more, for cells too many; the first line tells the parser how many there are, and goes again.
    columns = [*names, "rest"]
    content = "\n".join([mark * width, *lines, ""]).encode()
    try:
        cells = pl.read_csv(
            content,
            separator=mark,
            has_header=False,
            schema=dict.fromkeys(columns, pl.String),
            quote_char=None,
            empty_string_is_null=False,
        ).slice(1)
    except pl.exceptions.PolarsError:
        cells = pl.DataFrame()
    if cells.height != len(lines):  # more cells than that somewhere, or a line end of another kind
        split = pl.Series("line", lines, dtype=pl.String).str.splitn(mark, len(columns))
        cells = split.struct.rename_fields(columns).struct.unnest()
    cells = cells.with_columns(pl.col([*inside, "rest"]).str.replace_all(_INSIDE, mark, literal=True))
    numbered = cells.with_row_index("line", offset=first_line).with_columns(pl.col("line").cast(pl.Int64))
    _refuse_wide(name, numbered.filter(pl.col("rest").str.contains(rf"[^\s{mark}]")).select("line", "rest"), width)
    return _without_blank_rows(numbered.drop("rest"), names)


def _parsed_line(name: str, number: int, line: str, mark: str) -> list[str]:
    if number <= HEAD_ROWS and len(line) > _LONGEST_HEAD_LINE:
        return []
    try:
        return next(csv.reader([line], delimiter=mark), [])
    except csv.Error as error:
        raise UnreadableFile(f"{name}, line {number}: not a line of a csv file ({error})") from error


def _parsed_rows(name: str, text: str, mark: str) -> Rows:
    """Return rows of a csv in which a cell runs over several lines: slower, line by line."""
    refuse_more_than(
        MOST_PARSED, "cells, of which some run over several lines", name, text.count(mark) + text.count("\n")
    )
    numbers: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    starts = 1
    try:
        for row in reader:
            numbers.append(starts)
            rows.append([" ".join(cell.split("\n")) for cell in row])
            starts = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(f"{name}, line {starts}: not a line of a csv file ({error})") from error

    def below(skip: int, width: int) -> pl.DataFrame:
        return _without_blank_rows(_frame(name, numbers[skip:], rows[skip:], width), cell_names(width))

    return Rows(rows[:HEAD_ROWS], below)


def _frame(name: str, numbers: Sequence[int], rows: Sequence[Sequence[str]], width: int) -> pl.DataFrame:
    wide = [(number, row) for number, row in zip(numbers, rows, strict=True) if any(c.strip() for c in row[width:])]
    seen = {"line": [number for number, _ in wide], "rest": [",".join(row[width:]) for _, row in wide]}
    _refuse_wide(name, pl.DataFrame(seen), width)
    columns = {str(place): [row[place] if place < len(row) else "" for row in rows] for place in range(width)}
    return pl.DataFrame(
        {"line": list(numbers), **columns}, schema={"line": pl.Int64, **dict.fromkeys(columns, pl.String)}
    )


def _refuse_wide(name: str, wide: pl.DataFrame, width: int) -> None:
    if wide.height:
        line, rest = wide.row(0)
        raise BadValue(
            f"{name}, line {line}: more cells than the header's {width}, {str(rest)[:40]!r} being left over "
            f"({wide.height} such lines)"
        )


def _without_blank_rows(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    stripped = frame.with_columns(pl.col(names).fill_null("").str.strip_chars())
    if (stripped[names[0]] != "").all():
        return stripped
    return stripped.filter(pl.any_horizontal(pl.col(names) != ""))
