"""Measurement of an .ods: its rows and cells are written once and repeated by a number.

LibreOffice ends each row, and each table, with one blank cell or row that is repeated to the edge of the sheet. The
reader drops what is blank at the end, and so do the counts here.
"""

from __future__ import annotations

import re
from typing import IO

from feecalc.ingest.workbook.bounds import Extent, Total
from feecalc.ingest.workbook.extent import number_text
from feecalc.ingest.workbook.package import Elements, Package, Unexpected, parse

CONTENT, MIMETYPE = "content.xml", b"application/vnd.oasis.opendocument.spreadsheet"
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384  # where the reader stops repeating
_CELLS = ("table:table-cell", "table:covered-table-cell")
_VALUES = ("office:value", "office:string-value", "office:date-value", "office:time-value", "office:boolean-value")


def copy_tables(package: Package, copy_to: IO[bytes], total: Total) -> None:
    """Copy the tables and add them to ``total``. Raises UnreadableFile and UnsafeArchive."""
    parse(package, CONTENT, _Tables(total), copy_to=copy_to)


class _Tables(Elements):
    """A parser that counts as the reader does: ``written`` counts cells before rows are repeated, ``rows`` after."""

    def __init__(self, total: Total) -> None:
        super().__init__()
        self._total, self._extent, self._name = total, Extent(), ""
        self._inside = ""  # the innermost of table, row and cell
        self._row_depth = self._cell_depth = 0
        self._row_repeats = self._cell_repeats = 1
        self._rows = 0  # down to the row at hand
        self._cells = self._blank = 0  # of the row at hand: taken, and blank ones not yet taken
        self._last = 0  # the last cell of the row that holds anything
        self._text = 0
        self.parser.CharacterDataHandler = self._count

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if name == "table:table":
            if self._inside:
                raise Unexpected("a table within a table")
            self._inside, self._rows = "table", 0
            self._extent, self._name = Extent(), attributes.get("table:name", "")
        elif name == "table:table-row":
            if self._inside != "table":
                raise Unexpected("a row where none belongs")
            self._inside, self._row_depth = "row", self.depth
            self._row_repeats = max(1, min(_number(attributes, "table:number-rows-repeated"), _MOST_ROWS - self._rows))
            self._rows += self._row_repeats
            self._cells = self._blank = self._last = 0
        elif name in _CELLS:
            if self._inside != "row" or self.depth != self._row_depth + 1:
                raise Unexpected("a cell where none belongs")
            self._begin_cell(attributes)
        elif name == "text:s" and self._inside == "cell":
            self._text += _number(attributes, "text:c")
        elif name == "text:p" and self._inside == "cell":
            self._text += 1

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._inside, self._cell_depth = "cell", self.depth
        self._cells += min(self._blank, _MOST_COLUMNS - self._cells)
        repeats = min(_number(attributes, "table:number-columns-repeated"), _MOST_COLUMNS - self._cells)
        value = max((len(attributes.get(key, "")) for key in _VALUES), default=0)
        value += number_text(attributes.get("office:value", ""))
        formula = len(attributes.get("table:formula", ""))
        is_filled = formula or any(key.startswith("office:") for key in attributes)
        self._text = 4 * (value + formula)  # a character has up to four bytes
        self._cell_repeats = repeats if is_filled else 0
        if is_filled:
            self._blank = 0
            self._cells += repeats
            self._last = self._cells
        else:
            self._blank = repeats

    def end(self, name: str) -> None:
        self.depth -= 1
        extent = self._extent
        if self._inside == "cell" and self.depth == self._cell_depth - 1:
            self._inside = "row"
            extent.text += self._text * self._cell_repeats * self._row_repeats
        elif self._inside == "row" and self.depth == self._row_depth - 1:
            self._inside = "table"
            extent.written += self._cells
            if self._last:
                extent.rows = self._rows
                extent.columns = max(extent.columns, self._last)
            self._total.refuse_excess(self._name, extent)
        elif name == "table:table":
            self._inside = ""
            self._total.add(self._name, extent)

    def _count(self, text: str) -> None:
        if self._inside == "cell":
            self._text += 4 * len(text)


def _number(attributes: dict[str, str], key: str) -> int:
    stated = attributes.get(key, "1")
    if not re.fullmatch(r"[1-9][0-9]{0,8}", stated):
        raise Unexpected(f"{key} of {stated[:40]!r}")
    return int(stated)
