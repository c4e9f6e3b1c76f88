"""Workbooks written part by part, as programs write them and as no program should."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def relationships(*targets: tuple[str, str], office: str = _OFFICE) -> str:
    """The relationships r1, r2 ... to parts of those kinds."""
    listed = "".join(
        f'<Relationship Id="r{place}" Type="{office}/{kind}" Target="{target}"/>'
        for place, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'


def sheet_part(rows: str, *, before: str = "", after: str = "") -> str:
    """A sheet's part around its rows."""
    return f'<worksheet {MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def text_cell(reference: str, text: str) -> str:
    """A cell that holds its own text."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def rows_of(cells: list[list[str]]) -> str:
    """Rows of text from A1."""
    rows = []
    for row, texts in enumerate(cells, 1):
        listed = "".join(text_cell(f"{chr(64 + place)}{row}", text) for place, text in enumerate(texts, 1))
        rows.append(f'<row r="{row}">{listed}</row>')
    return "".join(rows)


def xlsx_parts(*sheets: str, changed: Mapping[str, str | bytes] | None = None) -> dict[str, str | bytes]:
    """The parts of a workbook of those sheets (contract, Sheet2 ...), with others added or put in their place."""
    targets = [("worksheet", f"worksheets/sheet{place}.xml") for place in range(1, len(sheets) + 1)]
    names = ["contract", *(f"Sheet{place}" for place in range(2, len(sheets) + 1))]
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, 1))
    return {
        "_rels/.rels": relationships(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relationships(
            *targets, ("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")
        ),
        "xl/sharedStrings.xml": f"<sst {MAIN}><si><t>shared</t></si></sst>",
        "xl/styles.xml": f'<styleSheet {MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        **{f"xl/worksheets/sheet{place}.xml": sheet for place, sheet in enumerate(sheets, 1)},
        **(changed or {}),
    }


def ods_parts(tables: str) -> dict[str, str | bytes]:
    """The parts of an OpenDocument workbook around its tables."""
    names = ("office", "table", "text", "style")
    spaces = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": "<manifest/>",
        "content.xml": f"<office:document-content{spaces}><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>",
    }


def package(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The parts as a workbook's bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def xlsx_of_parts(*sheets: str, changed: Mapping[str, str | bytes] | None = None) -> bytes:
    """A workbook of those sheets' parts."""
    return package(xlsx_parts(*sheets, changed=changed))
