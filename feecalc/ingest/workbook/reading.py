"""Reading of workbooks of any origin as frames of text, within bounds of memory and time.

calamine, which reads fast and gives a cell's text as it always has here, trusts a workbook: it takes memory for the
rectangle up to the last cell, for as many shared strings as the file says it has, for every copy of a text. So it is
given a workbook written anew that holds only the parts looked at here, byte for byte, its sheets found by the
workbook's own relationships; and what they come to is counted before. What kind of workbook it is, its parts decide,
not the ending of its name.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Collection
from dataclasses import replace
from typing import IO

import polars as pl

from feecalc.errors import UnreadableFile, UnsafeArchive
from feecalc.ingest.workbook.bounds import Bounds, Total
from feecalc.ingest.workbook.extent import PlainSheet, SharedStrings, copy_styles, parsed_extent, shared_strings
from feecalc.ingest.workbook.opendocument import CONTENT, MIMETYPE, copy_tables
from feecalc.ingest.workbook.package import SMALL_PART, Elements, Excess, Package, local_name, parse

_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_STORED_UP_TO = 64 * 2**20  # bytes; what is larger is packed again, to spare memory
_MOST_LISTED = 10_000  # sheets, relationships
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def read_workbook(
    name: str, file: IO[bytes], bounds: Bounds, *, only: Collection[str] | None = None
) -> list[tuple[str, pl.DataFrame]]:
    """Return the sheets that are not empty, with their names, in order; at most ``bounds.sheets``.

    ``only``: the names of the sheets that are wanted; others are not looked at. A cell is text or null.

    Raises UnreadableFile (not a workbook, damaged, locked, of a kind that is not read) and UnsafeArchive (reaches
    farther, or comes to more, than ``bounds`` has it).
    """
    if file.read(len(_OLD_WORKBOOK)) == _OLD_WORKBOOK:
        raise UnreadableFile(f"{name}: a workbook of the old .xls kind, or a locked one; save it as .xlsx or .csv")
    file.seek(0)
    package = Package(name, file, bounds.unpacked, bounds.advice)
    if "_rels/.rels" in package:
        names, content = _xlsx_anew(package, bounds, only)
    elif "mimetype" in package and CONTENT in package:
        names, content = None, _opendocument_anew(package, bounds)
    else:
        raise package.unreadable("a zip of other files")
    return _read(name, content, names, bounds.sheets, only)


def _read(
    name: str, content: bytes, names: list[str] | None, most: int, only: Collection[str] | None
) -> list[tuple[str, pl.DataFrame]]:
    import fastexcel

    found = []
    try:
        workbook = fastexcel.read_excel(content)
        for place, sheet_name in enumerate((names or workbook.sheet_names)[:most]):
            if only is None or sheet_name in only:
                sheet = workbook.load_sheet(place, header_row=None, dtypes="string").to_polars()
                if sheet.width and sheet.height:
                    found.append((sheet_name, sheet))
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the reader's own errors, and its panics, which are not Exceptions
        # Its message may quote a cell, which in a claim file is a patient's.
        raise UnreadableFile(f"{name}: not a workbook that can be read ({type(error).__name__})") from None
    return found


def _opendocument_anew(package: Package, bounds: Bounds) -> bytes:
    # The reader holds each cell of an .ods twice, its value and its formula.
    total = Total(package.name, replace(bounds, cells=bounds.cells // 2))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", _packed(package), compresslevel=1) as anew:
        anew.writestr("mimetype", MIMETYPE)
        anew.writestr("META-INF/manifest.xml", "<manifest/>")
        with anew.open(CONTENT, "w") as part:
            copy_tables(package, part, total)
    return stream.getvalue()


def _packed(package: Package) -> int:
    return zipfile.ZIP_DEFLATED if package.stated_bytes > _STORED_UP_TO else zipfile.ZIP_STORED


def _xlsx_anew(package: Package, bounds: Bounds, only: Collection[str] | None) -> tuple[list[str], bytes]:
    """Return the names of the sheets, and a workbook in which they are named 1, 2 ..."""
    book = _workbook_part(package)
    related = _relationships(package, book)
    stated = _Workbook()
    parse(package, book, stated, most_bytes=SMALL_PART)
    sheets = _sheets(package, stated, related, bounds.sheets, only)
    total = Total(package.name, bounds)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", _packed(package), compresslevel=1) as anew:
        strings = SharedStrings()
        if (part := _beside(package, book, related, "sharedStrings")) is not None:
            with anew.open("xl/sharedStrings.xml", "w") as copy:
                strings = shared_strings(package, part, bounds.cells, copy)
        if (part := _beside(package, book, related, "styles")) is not None:
            with anew.open("xl/styles.xml", "w") as copy:
                copy_styles(package, part, copy)
        for place, (name, part) in enumerate(sheets, 1):
            with anew.open(f"xl/worksheets/sheet{place}.xml", "w") as copy:
                _copy_sheet(package, name, part, strings, total, copy)
        anew.writestr("_rels/.rels", _relationships_xml([("officeDocument", "xl/workbook.xml")]))
        targets = [("worksheet", f"worksheets/sheet{place}.xml") for place in range(1, len(sheets) + 1)]
        anew.writestr("xl/_rels/workbook.xml.rels", _relationships_xml(targets))
        anew.writestr("xl/workbook.xml", _workbook_xml(len(sheets), from_1904=stated.from_1904))
    return [name for name, _ in sheets], stream.getvalue()


def _workbook_part(package: Package) -> str:
    books = [target for kind, target in _relationships(package, "").values() if kind == "officeDocument"]
    if not books:
        raise package.unreadable("a zip of other files")
    if books[-1].lower().endswith(".bin"):
        raise UnreadableFile(f"{package.name}: a binary workbook (.xlsb), which is not read; save it as .xlsx or .csv")
    return books[-1]


def _sheets(
    package: Package,
    stated: _Workbook,
    related: dict[str, tuple[str, str]],
    most: int,
    only: Collection[str] | None,
) -> list[tuple[str, str]]:
    """Return the name and part of each sheet to read. One of a chart or a dialog holds no cells."""
    wanted = [(name, key) for name, key in stated.sheets if only is None or name in only][:most]
    if any(key not in related for _, key in wanted):
        raise package.unreadable("a sheet of it is not in the file")
    found = [(name, related[key][1]) for name, key in wanted if related[key][0] == "worksheet"]
    if len({part.lower() for _, part in found}) < len(found):
        raise package.unreadable("two sheets in one part of the file")
    return found


def _beside(package: Package, book: str, related: dict[str, tuple[str, str]], kind: str) -> str | None:
    """Return the workbook's part of that kind; where no relationship says so, the one of the usual name."""
    targets = [target for kind_of_target, target in related.values() if kind_of_target == kind]
    usual = posixpath.join(posixpath.dirname(book), f"{kind}.xml")
    if targets:
        return targets[-1]
    return usual if usual in package else None


def _copy_sheet(
    package: Package, name: str, part: str, strings: SharedStrings, total: Total, copy_to: IO[bytes]
) -> None:
    plain = PlainSheet(strings)
    for piece in package.pieces(part):
        plain.see(piece)
        if plain.tags > total.bounds.tags // (1 if plain.plain else 2):  # a parser takes its time
            raise UnsafeArchive(f"{package.name}: {part} holds more tags than cells need; {total.bounds.advice}")
        copy_to.write(piece)
    extent = plain.extent
    if not plain.plain or extent.text - plain.supposed <= total.text_left() < extent.text:
        extent = parsed_extent(package, part, strings, lambda seen: total.refuse_excess(name, seen))
    total.add(name, extent)


class _Workbook(Elements):
    """The sheets of a workbook, each with its name and its relationship, and how its dates count."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.from_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        local = local_name(name)
        if local == "sheet":
            keys = [value for key, value in attributes.items() if local_name(key) == "id"]
            self.sheets.append((attributes.get("name", ""), keys[-1] if keys else ""))
            if len(self.sheets) > _MOST_LISTED:
                raise Excess(f"more than {_MOST_LISTED:,} sheets")
        elif local == "workbookPr":
            self.from_1904 = attributes.get("date1904") in ("1", "true")


class _Relationships(Elements):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: dict[str, tuple[str, str]] = {}
        self._folder = posixpath.dirname(source)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if local_name(name) == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            part = posixpath.normpath(posixpath.join("/", self._folder, target)).lstrip("/")
            self.found[attributes.get("Id", "")] = attributes.get("Type", "").rpartition("/")[2], part
            if len(self.found) > _MOST_LISTED:
                raise Excess(f"more than {_MOST_LISTED:,} relationships")


def _relationships(package: Package, source: str) -> dict[str, tuple[str, str]]:
    """Return the kind and part of each relationship of ``source`` ("" is the whole package), by their keys."""
    folder, name = posixpath.split(source)
    elements = _Relationships(source)
    parse(package, posixpath.join(folder, "_rels", f"{name}.rels"), elements, most_bytes=SMALL_PART)
    return elements.found


def _relationships_xml(targets: list[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="r{place}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for place, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>'


def _workbook_xml(sheets: int, *, from_1904: bool) -> str:
    listed = "".join(f'<sheet name="{place}" sheetId="{place}" r:id="r{place}"/>' for place in range(1, sheets + 1))
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr date1904="{int(from_1904)}"/>'
        f"<sheets>{listed}</sheets></workbook>"
    )
