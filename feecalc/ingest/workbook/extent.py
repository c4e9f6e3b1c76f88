"""Measurement of an .xlsx: how far its cells reach, and the size of its shared strings and styles.

The reader that is given the workbook takes memory for the whole rectangle up to a sheet's last cell, and for each
cell's text. Both are counted here first, from the bytes the reader will be given, and never less than it will see.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from feecalc.ingest.workbook.bounds import Extent, column_number
from feecalc.ingest.workbook.package import SMALL_PART, Elements, Excess, Package, Unexpected, local_name, parse

LONGEST_NUMBER = 330  # characters of 1e308 and 1e-308, which are written out
_SUPPOSED = 2**26  # bytes of text that may be supposed of a sheet before its cells are given a second look
_MOST_FORMATS = 2**17
_MOST_FORMAT_STEPS = 2**27  # every cell format is compared with its number format, character by character
_STRING_MARKUP = len("<si><t></t></si>")
_DIGITS = b"0123456789"
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
_ROW = re.compile(r"[1-9][0-9]{0,6}")
# A cell's tag as spreadsheet programs write it, whole: nothing in it is left to a reader's understanding.
_PLAIN_CELL = re.compile(rb'<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"(?: s="[0-9]{1,9}")?(?: t="[A-Za-z]{1,9}")?/?>')
_LONGER_NAME = re.compile(rb"<c[A-Za-z]")
_PLAIN_SHARED = re.compile(rb' t="s"><v>([0-9]{1,9})</v></c>')
_POWER = re.compile(rb"[eE]([-+]?[0-9]{1,4})</v>")
_PREFIXED_CELL = re.compile(rb":c[\s/>]")


@dataclass
class SharedStrings:
    """Upper bounds of the lengths of the shared strings. [bytes]"""

    lengths: array[int] = field(default_factory=lambda: array("I"))
    longest: int = 0


class PlainSheet:
    """A measurement of a sheet by its cells' tags alone, if all are written as spreadsheet programs write them.

    A cell begins, for any reader of XML, with "<", perhaps a prefix, and "c". Where every such place in the bytes is a
    whole tag of the plain form, there are no other cells, however a reader takes all else. ``plain`` is False once one
    is not: the sheet is then to be measured by ``parsed_extent``.
    """

    def __init__(self, strings: SharedStrings) -> None:
        self.extent = Extent()
        self.plain = True
        self.tags = 0
        self.supposed = 0  # of the extent's text, what is no more than supposed
        self._strings = strings

    def see(self, piece: bytes) -> None:
        """Count the cells of a piece that is cut before a tag."""
        self.tags += piece.count(b"<")
        if not self.plain:
            return
        cells = _PLAIN_CELL.findall(piece)
        self.plain = _no_cell_beside(len(cells), piece)
        if not self.plain or not cells:
            return
        extent = self.extent
        references = b"\n".join(cells)
        columns = set(references.translate(None, _DIGITS).split(b"\n"))
        rows = set(references.translate(None, _LETTERS).split(b"\n"))
        extent.columns = max(extent.columns, *(column_number(letters.decode()) for letters in columns))
        extent.rows = max(extent.rows, *map(int, rows))
        extent.written += len(cells)
        shared = piece.count(b' t="s"')
        powers = piece.count(b"e") + piece.count(b"E") - references.count(b"E")
        supposed = shared * self._strings.longest + min(powers, len(cells)) * LONGEST_NUMBER
        if self.supposed + supposed <= _SUPPOSED:
            self.supposed += supposed
            extent.text += supposed
        else:
            extent.text += self._shared_text(piece, shared) + _powers_text(piece, powers, len(cells))

    def _shared_text(self, piece: bytes, cells: int) -> int:
        values = _PLAIN_SHARED.findall(piece)
        if len(values) == cells:
            with suppress(IndexError):
                return sum(map(self._strings.lengths.__getitem__, map(int, values)))
        return cells * self._strings.longest


def _powers_text(piece: bytes, powers: int, cells: int) -> int:
    """Return the zeros of numbers written with a power of ten."""
    seen = _POWER.findall(piece)
    return sum(min(abs(int(power)), LONGEST_NUMBER) for power in seen) + min(powers - len(seen), cells) * LONGEST_NUMBER


def _no_cell_beside(plain_cells: int, piece: bytes) -> bool:
    """Return whether nothing in the piece but its plain cells could be a cell."""
    if (b"!" in piece and b"<!" in piece) or _PREFIXED_CELL.search(piece):  # what "<!" begins, a parser must say
        return False
    begun = piece.count(b"<c")
    if begun == plain_cells:
        return True
    # <cols>, <conditionalFormatting> and the like stand above the rows or below them
    above = piece[: max(piece.find(b"<sheetData"), 0)] if plain_cells else piece
    below = piece[piece.rfind(b"</sheetData") :] if plain_cells else b""
    return begun == plain_cells + len(_LONGER_NAME.findall(above)) + len(_LONGER_NAME.findall(below))


def parsed_extent(package: Package, part: str, strings: SharedStrings, within: Callable[[Extent], None]) -> Extent:
    """Measure any sheet, by a parser; ``within`` raises when it has seen too much.

    Raises UnreadableFile and UnsafeArchive.
    """
    cells = _Cells(strings, within)
    parse(package, part, cells)
    return cells.extent


class _Cells(Elements):
    """A parser that places cells as the reader does: one without a reference is next to the one before."""

    def __init__(self, strings: SharedStrings, within: Callable[[Extent], None]) -> None:
        super().__init__()
        self.extent = Extent()
        self._strings, self._within = strings, within
        self._row = self._column = 0  # from 0, as the reader counts
        self._inside = ""  # the innermost of sheetData, row and c
        self._type: str | None = None
        self._in_value = False
        self._texts: list[str] = []
        self.parser.CharacterDataHandler = self._texts.append

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self._texts.clear()
        local = local_name(name)
        if self._inside == "c":
            if self._in_value:
                raise Unexpected("a value with elements in it")
            self._in_value = self.depth == 5 and local == "v"
        elif local == "c" and self._inside:
            self._cell(attributes)
        elif local == "row" and self._inside:
            self._begin_row(attributes)
        elif local == "sheetData":
            if self.depth != 2 or self._inside:
                raise Unexpected("sheet data where none belong")
            self._inside = "sheetData"

    def _begin_row(self, attributes: dict[str, str]) -> None:
        if self._inside != "sheetData" or self.depth != 3:
            raise Unexpected("a row where none belongs")
        self._inside = "row"
        reference = attributes.get("r")
        if reference is not None:
            if not _ROW.fullmatch(reference):
                raise Unexpected(f"a row numbered {reference[:40]!r}")
            self._row = int(reference) - 1

    def _cell(self, attributes: dict[str, str]) -> None:
        if self._inside != "row" or self.depth != 4:
            raise Unexpected("a cell where none belongs")
        self._inside = "c"
        self._type = attributes.get("t")
        row = self._row
        reference = attributes.get("r")
        if reference is not None:
            found = _REFERENCE.fullmatch(reference)
            if found is None:
                raise Unexpected(f"a cell at {reference[:40]!r}")
            row, self._column = int(found[2]) - 1, column_number(found[1]) - 1
        extent = self.extent
        extent.rows = max(extent.rows, row + 1)
        extent.columns = max(extent.columns, self._column + 1)
        extent.written += 1
        if extent.written % 10_000 == 0:
            self._within(extent)

    def end(self, name: str) -> None:
        self.depth -= 1
        if self._inside == "c":
            if self.depth == 3:
                self._inside = "row"
                self._column += 1
            elif self._in_value:
                self._in_value = False
                self.extent.text += self._text_beside_its_own()
        elif self._inside == "row" and self.depth == 2:
            self._inside = "sheetData"
            self._row += 1
            self._column = 0
        elif self._inside == "sheetData" and self.depth == 1:
            self._inside = ""
        self._texts.clear()

    def _text_beside_its_own(self) -> int:
        """Return the text a value stands for that its own bytes do not pay for."""
        value = "".join(self._texts)
        if self._type != "s":
            return number_text(value) if self._type in (None, "n") else 0
        # In pieces (a number given by character references) it may be another number to the reader.
        if len(self._texts) == 1 and re.fullmatch(r"[0-9]{1,9}", value) and int(value) < len(self._strings.lengths):
            return self._strings.lengths[int(value)]
        return self._strings.longest

    def note(self, text: str) -> None:
        if self._inside:
            raise Unexpected("a comment among its cells")
        super().note(text)


def number_text(value: str) -> int:
    """Return the characters a number comes to beside those it is written with: the zeros of its power of ten."""
    power = re.search("[eE](.*)", value)
    if power is None:
        return 0
    return min(abs(int(power[1])), LONGEST_NUMBER) if re.fullmatch(r"[-+]?[0-9]{1,4}", power[1]) else LONGEST_NUMBER


def shared_strings(package: Package, part: str, most: int, copy_to: IO[bytes]) -> SharedStrings:
    """Measure the shared strings, of which there may be ``most``, and copy them.

    Raises UnreadableFile and UnsafeArchive.
    """
    elements = _Strings(most)
    parse(package, part, elements, copy_to=copy_to)
    return elements.strings()


class _Strings(Elements):
    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._string = ""  # the name of a string's element, which may have a prefix
        self._others: set[str] = set()  # names that have been looked at
        self._last_offset = 0
        self._gaps = array("I")  # from the beginning to the first string, from that to the second ...

    def strings(self) -> SharedStrings:
        """Return the strings, once all is parsed: each is counted up to where the next begins."""
        gaps = self._gaps[1:]
        if self._gaps:
            gaps.append(self.parser.CurrentByteIndex - self._last_offset)
        lengths = array("I", (max(gap - _STRING_MARKUP, 0) for gap in gaps))
        return SharedStrings(lengths, max(lengths, default=0))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth = depth = self.depth + 1
        if depth == 2 and name == self._string:
            offset = self.parser.CurrentByteIndex
            self._gaps.append(offset - self._last_offset)
            self._last_offset = offset
            if len(self._gaps) > self._most:
                raise Excess(f"more than {self._most:,} strings")
        elif name not in self._others:
            self._look_at(name, attributes)

    def _look_at(self, name: str, attributes: dict[str, str]) -> None:
        local = local_name(name)
        if self.depth == 1:
            if local != "sst":
                raise Unexpected(f"an element {name[:40]!r} where shared strings were expected")
            stated = attributes.get("uniqueCount", "0")  # the reader takes memory for as many
            if not re.fullmatch(r"[0-9]{1,9}", stated) or int(stated) > self._most:
                raise Excess(f"by its own count {stated[:40]!r} strings")
            self._string = name.removesuffix("sst") + "si"
            return
        if local in ("si", "sst"):
            raise Unexpected("a string where none belongs")
        self._others.add(name)


def copy_styles(package: Package, part: str, copy_to: IO[bytes]) -> None:
    """Copy the styles; raise UnsafeArchive for more cell formats, or longer number formats, than a workbook has."""
    parse(package, part, _Styles(), most_bytes=SMALL_PART, copy_to=copy_to)


class _Styles(Elements):
    def __init__(self) -> None:
        super().__init__()
        self.formats = self.longest = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        local = local_name(name)
        if local == "xf":
            self.formats += 1
        elif local == "numFmt":
            self.longest = max(self.longest, len(attributes.get("formatCode", "")))
        if self.formats > _MOST_FORMATS or self.formats * self.longest > _MOST_FORMAT_STEPS:
            raise Excess(f"{self.formats:,} cell formats, with a number format of {self.longest:,} characters")
