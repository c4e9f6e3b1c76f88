"""What an opened table is, whatever program wrote it: its columns as they came, its headings, what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from feecalc.errors import StoreError, UnreadableFile
from feecalc.files.headings import KEPT, recognized_count

SURPLUS = "surplus"  # what a line of text holds beyond its last heading; null in most
HEAD_ROWS = 40
MOST_COLUMNS = 2_000
kept_name: Callable[[str], str] = KEPT.__add__


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
