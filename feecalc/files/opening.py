"""Open a person's table, whatever program wrote it: text with any usual delimiter, Parquet or a spreadsheet.

Every reader of such a table begins here: claims, facility claims, remittances, volumes, fee tables, histories. Text has
commas, semicolons, tabs or pipes, is UTF-8, Windows' Latin-1 or UTF-16, quoted or not.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from feecalc.errors import InvalidValue, StoreError, UnreadableFile, UnsafeArchive
from feecalc.files.headings import KEPT, recognized_count
from feecalc.ingest.workbook.bounds import Bounds
from feecalc.ingest.workbook.reading import read_workbook

SURPLUS = "surplus"  # what a line of text holds beyond its last heading; null in most
HEAD_ROWS = 40
MOST_COLUMNS = 2_000
kept_name: Callable[[str], str] = KEPT.__add__
MOST_WORKBOOK_BYTES = 200 * 2**20
# Twelve columns of as many rows as a sheet has. No claim file reaches beyond column CZ.
BOUNDS = Bounds(
    unpacked=2**30,
    sheets=20,
    columns=104,
    rows=1_048_576,
    cells=12 * 1_048_576,
    text=256 * 2**20,
    tags=2**26,
    advice="save such a workbook as .csv first",
    far_advice="keep the columns and rows of the table, delete the others, or save it as .csv",
)
MOST_RECODED = 512 * 2**20  # bytes; text in another encoding than UTF-8 is recoded in memory, never on the disk
_TEXT_HEAD = 2**18
_TEXT_CHUNK = 2**23
_DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "pipe"}
_PARQUET, _ZIP, _OLD_WORKBOOK, _GZIP = b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"


@dataclass(frozen=True)
class OpenedFile:
    """A file that is open for reading.

    Shape of ``frame``: ``input:HEADING`` for each heading, in the file's order and as text unless the file is typed;
    where the file is text also ``surplus``.
    """

    path: Path
    form: str
    frame: pl.LazyFrame
    headings: tuple[str, ...]
    notes: tuple[str, ...] = ()


def open_file(path: Path, mapped: Iterable[str] = ()) -> OpenedFile:
    """Open a table of a person's; its first bytes decide what it is. ``mapped``: headings that a person has mapped.

    Text and Parquet are read while they are priced, in the file's order; a spreadsheet is read whole. Raises
    InvalidValue, UnreadableFile, UnsafeArchive, StoreError.
    """
    start = _first_bytes(path)
    headings = tuple(mapped)
    if start.startswith(_PARQUET):
        return _open_parquet(path)
    if start.startswith(_ZIP):
        return _open_workbook(path, headings)
    if start.startswith(_OLD_WORKBOOK):
        raise UnreadableFile(f"{path.name}: a workbook of the old .xls kind, or a locked one; save it as .xlsx or .csv")
    if start.startswith(_GZIP):
        raise UnreadableFile(f"{path.name}: compressed; unpack it first")
    return _open_text(path, headings)


def rows_of(file: OpenedFile, number: str) -> pl.LazyFrame:
    """Return the file's rows, those without any cell left out; ``number`` is their column, 1 below the headings."""
    numbered = file.frame.with_row_index(number, offset=1)
    if file.form == "parquet":
        return numbered
    filled = pl.exclude(number).cast(pl.String).fill_null("") != ""  # a quoted cell may hold nothing too
    return numbered.filter(pl.any_horizontal(filled))


def _first_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise InvalidValue(f"{path} is a folder; give one file")
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError:
        raise InvalidValue(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    if not start:
        raise UnreadableFile(f"{path.name}: empty")
    return start


def _open_parquet(path: Path) -> OpenedFile:
    with plain_errors(path):
        frame = pl.scan_parquet(path, glob=False)
        headings = tuple(frame.collect_schema().names())
    if len(headings) > MOST_COLUMNS:
        raise UnreadableFile(f"{path.name}: {len(headings):,} columns; a claim file has at most {MOST_COLUMNS:,}")
    return OpenedFile(path, "parquet", frame.rename({heading: kept_name(heading) for heading in headings}), headings)


def read_sheets(path: Path, bounds: Bounds, only: Collection[str] | None = None) -> list[tuple[str, pl.DataFrame]]:
    """Return the sheets of a person's workbook that hold anything, as ``read_workbook`` gives them.

    Raises InvalidValue, StoreError, UnreadableFile, UnsafeArchive.
    """
    try:
        size = path.stat().st_size
        if size > MOST_WORKBOOK_BYTES:
            raise UnsafeArchive(
                f"{path.name}: {size:,} bytes; a workbook beyond {MOST_WORKBOOK_BYTES:,} is saved as .csv first"
            )
        with path.open("rb") as file:
            return read_workbook(path.name, file, bounds, only=only)
    except FileNotFoundError:
        raise InvalidValue(f"{path}: no such file") from None
    except OSError as error:
        raise StoreError(f"{path.name}: cannot be read ({error.strerror or 'input error'})") from error


def _open_workbook(path: Path, theirs: tuple[str, ...]) -> OpenedFile:
    """Return the claims of a workbook, as text: its first sheet with headings we know, read whole.

    Raises UnreadableFile and UnsafeArchive.
    """
    sheets = dict(read_sheets(path, BOUNDS))
    if not sheets:
        raise UnreadableFile(f"{path.name}: no sheet of it holds anything")
    heads = {name: _sheet_head(sheet) for name, sheet in sheets.items()}
    counts = {name: recognized_count(rows[heading_row(rows, theirs)], theirs) for name, rows in heads.items()}
    chosen = max(counts, key=lambda name: counts[name])  # the first of equals
    return _opened_sheet(path, chosen, sheets[chosen], heads[chosen], theirs, one_of_many=len(sheets) > 1)


def _sheet_head(sheet: pl.DataFrame) -> list[list[str]]:
    return [[cell or "" for cell in row] for row in sheet.head(HEAD_ROWS).rows()]


def _opened_sheet(
    path: Path, name: str, sheet: pl.DataFrame, head: list[list[str]], theirs: tuple[str, ...], *, one_of_many: bool
) -> OpenedFile:
    place = heading_row(head, theirs)
    headings, notes = headings_of(path, head[place])
    frame = sheet.slice(place + 1).rename(dict(zip(sheet.columns, map(kept_name, headings), strict=True)))
    if place:
        notes = (f"the headings are in row {place + 1}; what stands above them is passed over", *notes)
    if one_of_many:
        notes = (f"read the sheet {name[:80]!r}, not the others of the workbook", *notes)
    return OpenedFile(path, "spreadsheet", frame.lazy(), headings, notes)


def _open_text(path: Path, theirs: tuple[str, ...]) -> OpenedFile:
    """Open a text file as a lazy frame of text.

    A title above the headings is passed over, and so is a line without any cell. Raises UnreadableFile.
    """
    encoding = _encoding(path)
    source: Path | bytes = path
    with path.open("rb") as file:
        start = file.read(_TEXT_HEAD)
    if encoding != "utf-8" or (b"\r" in start and b"\n" not in start):
        source = _recoded(path, encoding)
        start = source[:_TEXT_HEAD]
    head = _head_text(path, start, whole=len(start) < _TEXT_HEAD)
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
        chunk = file.read(_TEXT_CHUNK)
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = file.read(_TEXT_CHUNK)
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


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn what a reader finds wrong in the middle of a file into one sentence that quotes none of its cells."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path.name}: cannot be read ({error.strerror or 'input error'})") from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise UnreadableFile(
            f"{path.name}: damaged, or not what it begins as ({type(error).__name__}); save it again from where it "
            "comes from, as .csv in UTF-8, .parquet or .xlsx"
        ) from None


def heading_row(rows: Sequence[Sequence[str]], theirs: Iterable[str]) -> int:
    """Find the row of the headings: the first of those that name the most of our columns. Returns its number."""
    mapped = tuple(theirs)
    counts = [recognized_count(row, mapped) for row in rows[:HEAD_ROWS]]
    return counts.index(max(counts)) if counts else 0


def headings_of(path: Path, cells: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return headings without spaces around them, each different, and notes on what was changed.

    A blank one is named by its place, the second of two equal ones by its number: Mod, Mod 2. Raises UnreadableFile
    for more of them than any claim file has.
    """
    if len(cells) > MOST_COLUMNS:
        raise UnreadableFile(f"{path.name}: {len(cells):,} columns; a claim file has at most {MOST_COLUMNS:,}")
    taken: dict[str, None] = {}
    repeated = 0
    given = {" ".join(cell.split()) for cell in cells}
    for place, cell in enumerate(cells, start=1):
        name = wanted = " ".join(cell.split()) or f"column {place}"
        number = 1
        while name in taken or (number > 1 and name in given):
            number += 1
            name = f"{wanted} {number}"
        repeated += number > 1
        taken[name] = None
    notes = (f"{repeated} headings stand more than once; the later ones are numbered, as Mod 2",) if repeated else ()
    return tuple(taken), notes
