"""Reading of members as tables of text: the layout that fits, its rows, every cell a stripped string.

A frame read here has the layout's column names, all String, and ``line``: the line or spreadsheet row in the member,
for messages. A spreadsheet (.xlsx) is brought to rows of text cells first.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from feecalc.errors import BadValue, MissingColumn
from feecalc.ingest.files.archive import Member
from feecalc.ingest.files.header import Header, find_header, recognized, refuse_incomplete
from feecalc.ingest.files.layout import Layout, Lines, layouts
from feecalc.ingest.files.text import HEAD_ROWS, Rows, cell_names, csv_rows, decoded
from feecalc.ingest.workbook.bounds import Bounds
from feecalc.ingest.workbook.reading import read_workbook

# PPRRVU, the largest, unpacks to some 20 MB; it has 31 columns and 19,000 rows, the ZIP code file 43,000.
BOUNDS = Bounds(
    unpacked=120 * 2**20,
    sheets=8,
    columns=78,
    rows=99_999,
    cells=3_000_000,
    text=128 * 2**20,
    tags=2**24,
    advice="no CMS spreadsheet does",
    far_advice="no CMS table does",
)
_MARKS = "[\x00\x1a\xa0\r\n]"
_HEAD_BYTES = 2**16


def spreadsheet_sheets(name: str, content: bytes) -> list[tuple[str, Rows]]:
    """Return the sheets of a workbook that are not empty, as rows of text.

    A number reads as the shortest text that means it: 0 for 0.00, 126.9 for 126.90.

    Raises UnreadableFile (not a spreadsheet, damaged) and UnsafeArchive (unpacks to too much, reaches too far).
    """
    return [(sheet, _text_rows(frame)) for sheet, frame in read_workbook(name, io.BytesIO(content), BOUNDS)]


def _text_rows(sheet: pl.DataFrame) -> Rows:
    text = sheet.select(
        pl.nth(place).cast(pl.String).fill_null("").str.replace_all(_MARKS, " ").str.strip_chars().alias(cell)
        for place, cell in enumerate(cell_names(sheet.width))
    )

    def below(skip: int, width: int) -> pl.DataFrame:
        names = cell_names(min(width, text.width))
        numbered = text.with_row_index("line", offset=1).with_columns(pl.col("line").cast(pl.Int64)).slice(skip)
        return numbered.select("line", *names).filter(pl.any_horizontal(pl.col(names) != ""))

    return Rows([list(row) for row in text.head(HEAD_ROWS).rows()], below)


@dataclass(frozen=True)
class RawTable:
    """A member read by a layout: text cells, their labels, and the facts in banner and header."""

    layout: Layout
    member: str
    frame: pl.DataFrame
    banner: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recognized:
    """A table recognized in a member's first lines, with the workbook's sheet and the missing columns."""

    table: str
    sheet: str = ""
    missing: tuple[str, ...] = ()


def read_member(member: Member, expected: str | None = None) -> RawTable | None:
    """Return the member as a table of text, or None where no layout knows it.

    With ``expected``, the table it must hold: then a header that is hardly known is MissingColumn and not None.
    """
    if member.form == "xlsx":
        return _read_sheets(member, spreadsheet_sheets(member.name, member.read()), expected)
    text = decoded(member.read(), member.name)
    found = _layout_of_lines(member, text, expected)
    if found is not None:
        layout, form = found
        lines = text.split("\n")
        frame = _read_lines(member.name, form, lines)
        return RawTable(layout, member.name, frame, "\n".join(lines[:HEAD_ROWS]))
    rows = csv_rows(member.name, text)
    header = find_header(rows.head, expected, member.stem)
    if header is None or not recognized(header):
        _refuse_unexpected(member.name, header, expected)
        return None
    return _read_rows(member.name, rows, header)


def recognized_tables(member: Member) -> list[Recognized]:
    """Return the tables in a member, recognized by its first lines; of a workbook, the best sheet for each table."""
    if member.form == "xlsx":
        sheets = spreadsheet_sheets(member.name, member.read())
        return [_recognized(sheet.header, sheet.name) for sheet in _best_sheets(member, sheets, None)]
    text = decoded(member.read()[:_HEAD_BYTES], member.name)
    found = _layout_of_lines(member, text, None)
    if found is not None:
        return [Recognized(found[0].table)]
    head = csv_rows(member.name, "\n".join(text.split("\n")[:HEAD_ROWS])).head
    header = find_header(head, None, member.stem)
    return [_recognized(header)] if header is not None and recognized(header) else []


def _recognized(header: Header, sheet: str = "") -> Recognized:
    return Recognized(header.layout.table, sheet, header.missing)


@dataclass(frozen=True)
class _Sheet:
    """A sheet in which a layout's header was found."""

    name: str
    rows: Rows
    header: Header

    @property
    def fit(self) -> tuple[bool, bool, float, int, int]:
        """Return how well it fits its layout; the highest is meant.

        A name that says which sheet it is goes before all.
        """
        layout, header = self.header.layout, self.header
        named = layout.sheet is not None and layout.sheet.search(self.name) is not None
        return named, not header.missing, header.known, len(header.places), -len(header.unread)


def _found_sheets(member: Member, sheets: Sequence[tuple[str, Rows]], expected: str | None) -> Iterator[_Sheet]:
    """Yield the sheets whose first rows have a layout's header, fully or partly known."""
    for name, rows in sheets:
        header = find_header(rows.head, expected, f"{member.stem} {name}")
        if header is not None:
            other = header.layout.other_sheet
            if other is None or not other.search(name):
                yield _Sheet(name, rows, header)


def _best_sheets(member: Member, sheets: Sequence[tuple[str, Rows]], expected: str | None) -> list[_Sheet]:
    """Return the sheet that fits best for each table, the first among equals."""
    best: dict[str, _Sheet] = {}
    for sheet in _found_sheets(member, sheets, expected):
        table = sheet.header.layout.table
        if recognized(sheet.header) and (table not in best or sheet.fit > best[table].fit):
            best[table] = sheet
    order = [name for name, _ in sheets]
    return sorted(best.values(), key=lambda sheet: order.index(sheet.name))


def _layout_of_lines(member: Member, text: str, expected: str | None) -> tuple[Layout, Lines] | None:
    """Return the layout without a header that the first lines are written in, and which of its forms.

    A csv has a header.
    """
    if member.form == "csv":
        return None
    head = text[:_HEAD_BYTES].split("\n")[:HEAD_ROWS]
    if any(line.count(",") > 3 and not line.startswith('"') for line in head[:3]):
        return None
    for layout in layouts():
        for form in layout.lines if expected in (None, layout.table) else ():
            if any(form.recognize.search(line) for line in head):
                return layout, form
    return None


def _read_sheets(member: Member, sheets: Sequence[tuple[str, Rows]], expected: str | None) -> RawTable | None:
    """Return the requested sheet of a workbook, or the one that fits best; sheets that are not read are noted."""
    name = member.name
    chosen = [sheet for sheet in sheets if member.sheet in ("", sheet[0])]
    best = _best_sheets(member, chosen, expected)
    if not best:
        nearest = next(_found_sheets(member, chosen, expected), None)
        _refuse_unexpected(name, None if nearest is None else nearest.header, expected)
        return None
    read = best[0]
    table = _read_rows(name, read.rows, read.header)
    alike = {
        found_sheet.name
        for found_sheet in _found_sheets(member, sheets, table.layout.table)
        if found_sheet.name != read.name and recognized(found_sheet.header)
    }
    others = [other for other, _ in sheets if other != read.name and (not member.sheet or other in alike)]
    note = (f"sheet {read.name!r} was read and not {', '.join(map(repr, others))}",) if others else ()
    return replace(table, notes=(*table.notes, *note))


def _refuse_unexpected(name: str, header: Header | None, expected: str | None) -> None:
    if expected is None:
        return
    if header is not None:
        refuse_incomplete(name, header)
    forms = [layout.delimited for layout in layouts() if layout.table == expected and layout.delimited is not None]
    sought = " or ".join(repr(form.header.pattern) for form in forms) or "a line of its record layout"
    raise MissingColumn(f"{name}: no header of a {expected} table in its first {HEAD_ROWS} rows; looked for {sought}")


def _read_rows(name: str, rows: Rows, header: Header) -> RawTable:
    refuse_incomplete(name, header)
    cells = rows.below(header.data_starts, header.width)
    kept = {str(place): column for column, place in header.places.items()}
    absent = [place for place in kept if place not in cells.columns]
    cells = cells.with_columns(pl.lit("").alias(place) for place in absent)
    key = pl.col(str(header.key_place)).alias("key")
    frame = cells.select("line", key, *(pl.col(place).alias(column) for place, column in kept.items()))
    notes = tuple(f"column {label!r} is not one this version knows; it was not read" for label in header.unread)
    notes += tuple(f"column {label!r} is an earlier year's beside the file's own; not read" for label in header.earlier)
    banner = "\n".join(" ".join(cells) for cells in rows.head[: header.data_starts])
    labels = {column: header.labels[place] for column, place in header.places.items()}
    return RawTable(header.layout, name, frame, banner, labels, header.facts, notes)


def _read_lines(name: str, form: Lines, lines: list[str]) -> pl.DataFrame:
    numbered = pl.DataFrame(
        {"line": range(1, len(lines) + 1), "text": lines}, schema={"line": pl.Int64, "text": pl.String}
    )
    text = pl.col("text")
    is_record = text.str.contains(form.record) if form.record else ~text.str.contains(form.passed_over)
    kept = numbered.filter(is_record)
    lost = numbered.filter(~is_record & text.str.contains(form.suspect) & ~text.str.contains(form.passed_over))
    if lost.height:
        line, seen = lost.row(0)
        raise BadValue(f"{name}, line {line}: not a record of the layout: {seen[:80]!r} ({lost.height} such lines)")
    if form.shortest:
        cut = kept.filter(text.str.len_chars() < form.shortest)
        if cut.height:
            raise BadValue(
                f"{name}, line {cut['line'][0]}: cut short at {len(cut['text'][0])} of at least {form.shortest} "
                f"characters ({cut.height} such lines); the file is damaged or truncated"
            )
    if form.columns:
        cells = [
            text.str.slice(first - 1, last - first + 1).str.strip_chars().alias(column)
            for column, (first, last) in form.columns.items()
        ]
        frame = kept.select("line", *cells)
    else:
        frame = kept.select("line", text.str.extract_groups(form.record).alias("groups")).unnest("groups")
        frame = frame.with_columns(pl.exclude("line").fill_null("").str.strip_chars())
    return frame.with_columns(
        *(
            (pl.col(column).str.head(-places) + "." + pl.col(column).str.tail(places)).alias(column)
            for column, places in form.implied_decimals.items()
        ),
        *(pl.lit(value).alias(column) for column, value in form.constants.items()),
    )
