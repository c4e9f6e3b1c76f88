"""A person's claim file as a lazy frame, whatever it is: text with any usual delimiter, Parquet or a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from feecalc.errors import InvalidValue, StoreError, UnreadableFile
from feecalc.files.columns import recognised_count

KEPT = "input:"  # before the heading of each column as it came, so that no name of ours can be another's
SURPLUS = "surplus"  # what a line of text holds beyond its last heading; null in most
HEAD_ROWS = 40
MOST_COLUMNS = 2_000
_OLD_WORKBOOK, _GZIP = b"\xd0\xcf\x11\xe0", b"\x1f\x8b"


@dataclass(frozen=True)
class ClaimFile:
    """A file that is open for reading.

    Shape of ``frame``: ``input:HEADING`` for each heading, in the file's order and as text unless the file is typed;
    where the file is text also ``surplus``.
    """

    path: Path
    form: str
    frame: pl.LazyFrame
    headings: tuple[str, ...]
    notes: tuple[str, ...] = ()


def open_claims(path: Path, theirs: Iterable[str] = ()) -> ClaimFile:
    """Open a claim file; what it is, its first bytes decide. ``theirs``: headings that a person has mapped.

    Text and Parquet are read while they are priced, in the file's order; a spreadsheet is read whole. Raises
    InvalidValue, UnreadableFile, UnsafeArchive, StoreError.
    """
    from feecalc.files import delimited, workbook

    start = _first_bytes(path)
    mapped = tuple(theirs)
    if start.startswith(b"PAR1"):
        return _parquet(path)
    if start.startswith(b"PK\x03\x04"):
        return workbook.open_workbook(path, mapped)
    if start.startswith(_OLD_WORKBOOK):
        raise UnreadableFile(f"{path.name}: a workbook of the old .xls kind, or a locked one; save it as .xlsx or .csv")
    if start.startswith(_GZIP):
        raise UnreadableFile(f"{path.name}: compressed; unpack it first")
    return delimited.open_delimited(path, mapped)


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
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
    """The number of the row that is the headings: the first of those that name the most of our columns."""
    mapped = tuple(theirs)
    counts = [recognised_count(row, mapped) for row in rows[:HEAD_ROWS]]
    return counts.index(max(counts)) if counts else 0


def headings_of(path: Path, cells: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Headings without spaces around them, each different, and what had to be said of them.

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


def _first_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise InvalidValue(f"{path} is a folder; give one claim file")
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


def _parquet(path: Path) -> ClaimFile:
    with told_plainly(path):
        frame = pl.scan_parquet(path, glob=False)
        headings = tuple(frame.collect_schema().names())
    if len(headings) > MOST_COLUMNS:
        raise UnreadableFile(f"{path.name}: {len(headings):,} columns; a claim file has at most {MOST_COLUMNS:,}")
    return ClaimFile(path, "parquet", frame.rename({heading: kept_name(heading) for heading in headings}), headings)


kept_name: Callable[[str], str] = KEPT.__add__
