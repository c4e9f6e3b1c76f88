"""Cells and lines as bytes: csv, text, spreadsheet, zip."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter


def csv_of(cells: Iterable[Iterable[str]], *, end: str = "\r\n") -> bytes:
    """Cells as csv in Latin-1."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator=end).writerows(cells)
    return stream.getvalue().encode("latin-1")


def xlsx_of(
    cells: Iterable[Sequence[str]] | Mapping[str, Iterable[Sequence[str]]],
    *,
    numbers: set[int] | None = None,
    sheet: str = "Sheet1",
) -> bytes:
    """Cells as a spreadsheet, or the sheets of a workbook by their names; cells of the columns ``numbers`` that read as
    a number are written as one."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    for name, rows in (cells if isinstance(cells, Mapping) else {sheet: cells}).items():
        worksheet = workbook.add_worksheet(name)
        for row, values in enumerate(rows):
            for column, text in enumerate(values):
                if text == "":
                    continue
                if column in (numbers or set()) and text.strip().replace(".", "", 1).isdigit():
                    worksheet.write_number(row, column, float(text))
                else:
                    worksheet.write_string(row, column, text)
    workbook.close()
    return stream.getvalue()


def zip_of(members: Mapping[str, bytes]) -> bytes:
    """A zip of the members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def lines_of(lines: Iterable[str]) -> bytes:
    """Lines as CMS's text: Latin-1, CRLF."""
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")
