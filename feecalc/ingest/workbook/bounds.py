"""Limits on a workbook's size, and the errors for one that exceeds them."""

from __future__ import annotations

from dataclasses import dataclass

from feecalc.errors import UnsafeArchive

_FREELY = 2**22  # cells a workbook may reach over, however few of them are written
_SPARSE = 8  # beyond that, cells reached over for each that is written


@dataclass(frozen=True)
class Bounds:
    """The limits on a workbook, over all its sheets.

    ``cells`` counts the rectangle from A1 to the last cell of each sheet, blank cells too; ``unpacked`` and ``text``
    are bytes. ``advice`` ends the message of what is too large, ``far_advice`` of what reaches too far.
    """

    unpacked: int
    sheets: int
    columns: int
    rows: int
    cells: int
    text: int
    tags: int
    advice: str
    far_advice: str


@dataclass
class Extent:
    """The extent of a sheet: how far its cells reach, how many are written, and their text beyond their own bytes."""

    rows: int = 0
    columns: int = 0
    written: int = 0
    text: int = 0

    @property
    def cells(self) -> int:
        """Return the cells a reader takes memory for."""
        return max(self.rows * self.columns, self.written)


class Total:
    """The total extent of a workbook's sheets so far."""

    def __init__(self, name: str, bounds: Bounds) -> None:
        self.name, self.bounds = name, bounds
        self._cells = self._written = self._text = 0

    def text_left(self) -> int:
        """Return the bytes of text that may yet come."""
        return self.bounds.text - self._text

    def refuse_excess(self, sheet: str, extent: Extent) -> None:
        """Raise UnsafeArchive where a sheet, as far as it has been seen, is beyond the bounds."""
        bounds = self.bounds
        if extent.columns > bounds.columns or extent.rows > bounds.rows:
            raise UnsafeArchive(
                f"{self.name}, sheet {sheet[:80]!r}: holds cells beyond column {column_letters(bounds.columns)} or row "
                f"{bounds.rows:,}; {bounds.far_advice}"
            )
        if self._cells + extent.cells > bounds.cells:
            raise UnsafeArchive(
                f"{self.name}: its sheets reach over more than {bounds.cells:,} cells, blank ones too; {bounds.advice}"
            )
        if extent.text > self.text_left():
            raise UnsafeArchive(f"{self.name}: more than {bounds.text:,} bytes of text in its cells; {bounds.advice}")

    def add(self, sheet: str, extent: Extent) -> None:
        """Count a whole sheet. Raises UnsafeArchive where it is beyond the bounds, or its cells lie far apart."""
        self.refuse_excess(sheet, extent)
        self._cells += extent.cells
        self._written += extent.written
        self._text += extent.text
        if self._cells > _FREELY + _SPARSE * self._written:
            raise UnsafeArchive(
                f"{self.name}, sheet {sheet[:80]!r}: holds cells far below its rows or beside its columns: the last is "
                f"in row {extent.rows:,} or column {column_letters(extent.columns)}, and {extent.written:,} are "
                f"written; {self.bounds.far_advice}"
            )


def column_number(letters: str) -> int:
    """Return the number of a column: 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """Return the letters of a column: A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
