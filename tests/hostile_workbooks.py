"""Small workbooks that take all memory or time of a reader that believes them. Run as a script: what reading each
comes to, under limits of memory and time."""

import io
import json
import struct
import sys
import time
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

from workbook_parts import MAIN, ods_parts, package, relationships, sheet_part, text_cell, xlsx_of_parts, xlsx_parts

MEMORY_KB = 2**20
SECONDS = 30  # of the processor, for one file in one way; most take a hundredth of a second
FAR = "XFD1048576"
NEAR = text_cell("A1", "x")
SMALL = sheet_part(f"<row>{NEAR}</row>")
LARGE = sheet_part(f"<row>{NEAR}{text_cell(FAR, 'x')}</row>")
SHEET, STRINGS, STYLES, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"
LONG = "x" * 900_000


def sheet_at(target, part, **changed):
    """A workbook whose sheet with a far cell is the part of that name, reached by that target."""
    parts = xlsx_parts(LARGE)
    parts[part] = parts.pop(SHEET)
    parts["xl/_rels/workbook.xml.rels"] = relationships(("worksheet", target), **changed)
    return package(parts)


def sheet_of(cells):
    return xlsx_of_parts(sheet_part(f"<row>{NEAR}{cells}</row>"))


def sheet_of_rows(rows):
    return xlsx_of_parts(sheet_part("".join(f"<row>{cells}</row>" for cells in rows)))


def with_part(name, content):
    return xlsx_of_parts(SMALL, changed={name: content})


def shared(strings, rows, stated=""):
    sheet = sheet_part("".join(f"<row>{cells}</row>" for cells in rows))
    return xlsx_of_parts(sheet, changed={STRINGS: f"<sst {MAIN}{stated}>{strings}</sst>"})


def long_string(cell, before=0):
    """Rows of one cell each, that is of one shared string of 900,000 characters."""
    strings = "<si><t/></si>" * before + f"<si><t>{LONG}</t></si>" + "<si><t/></si>" * 20
    return shared(strings, (cell.replace("{n}", str(n)) for n in range(1, 50_000)))


def twice(name, first, second):
    """A workbook that holds its sheet twice."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for each, content in {**xlsx_parts(SMALL), SHEET: first}.items():
            archive.writestr(each, content)
        archive.writestr(name, second)
    return stream.getvalue()


def false_size(stated, extra=b""):
    """A workbook that states another size of its sheet."""
    whole = bytearray(package(xlsx_parts(SMALL)))
    entry = whole.index(SHEET.encode(), whole.index(b"PK\x01\x02")) - 46
    whole[entry + 24 : entry + 28] = struct.pack("<I", stated)
    if extra:
        named = entry + 46 + len(SHEET)
        whole[entry + 30 : entry + 32] = struct.pack("<H", len(extra))
        whole[named:named] = extra
        end = whole.index(b"PK\x05\x06")
        (size,) = struct.unpack_from("<I", whole, end + 12)
        whole[end + 12 : end + 16] = struct.pack("<I", size + len(extra))
    return bytes(whole)


def unpacking(name, start, middle, end, count):
    """A workbook one part of which is ``middle`` many times over, packed small."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for each, content in xlsx_parts(SMALL).items():
            if each != name:
                archive.writestr(each, content)
        with archive.open(name, "w") as part:
            part.write(start)
            for _ in range(count // 10_000):
                part.write(middle * 10_000)
            part.write(end)
    return stream.getvalue()


def many_names(start, end):
    return start + b"".join(b"<n%d/>" % n for n in range(1_500_000)) + end


def many_entries():
    """A zip that lists one file a million times."""
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = entry * 1_000_000
    return b"PK\x03\x04" + directory + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), 4, 0)


def sheets_up_to(cell, count, **changed):
    return xlsx_of_parts(*[sheet_part(f"<row>{NEAR}{text_cell(cell, 'x')}</row>")] * count, **changed)


def entities_in(part, document_type):
    content = str(xlsx_parts(SMALL)[part])
    return with_part(part, document_type + content.replace(">shared<", ">&a;<").replace(">x<", ">&a;<"))


def ods(*rows):
    return package(ods_parts(f'<table:table table:name="contract">{"".join(rows)}</table:table>'))


def ods_row(*cells, repeated=1):
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'


def ods_cell(repeated=1, inside="<text:p>x</text:p>", value='office:value-type="string"'):
    return f'<table:table-cell {value} table:number-columns-repeated="{repeated}">{inside}</table:table-cell>'


def ods_blank(repeated=1):
    return ods_cell(repeated, "", "")


def ods_spaces(number):
    return ods(ods_row(ods_cell(inside=f'<text:p><text:s text:c="{number}"/></text:p>')))


BILLION = "<!DOCTYPE lolz [" + "".join(f'<!ENTITY e{n} "{f"&e{n + 1};" * 10}">' for n in range(9)) + "]>"
BILLION = BILLION.replace("e0 ", "a ").replace("]>", '<!ENTITY e9 "aaaaaaaaaa">]>')
ODS_ROWS = ods_row(ods_cell(70), repeated=9_999)
OUTER = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'

FAR_CELLS = {
    "no blank before r": lambda: sheet_of(f'<c t="inlineStr"r="{FAR}"><is><t>x</t></is></c>'),
    "r second": lambda: sheet_of(f'<c t="inlineStr" r="{FAR}"><is><t>x</t></is></c>'),
    "r twice": lambda: sheet_of(f'<c r="A1" r="{FAR}" t="str"><v>x</v></c>'),
    "single quotes": lambda: sheet_of(f"<c r='{FAR}'><v>1</v></c>"),
    "a tab before r": lambda: sheet_of(f'<c\tr="{FAR}"><v>1</v></c>'),
    "blanks around =": lambda: sheet_of(f'<c r = "{FAR}"><v>1</v></c>'),
    "lower case": lambda: sheet_of(f'<c r="{FAR.lower()}"><v>1</v></c>'),
    "a prefix": lambda: sheet_of(f'<x:c xmlns:x="x" r="{FAR}"><v>1</v></x:c>'),
    "two prefixes": lambda: sheet_of(f'<x:y:c r="{FAR}"><v>1</v></x:y:c>'),
    "a character reference": lambda: sheet_of('<c r="&#88;FD1048576"><v>1</v></c>'),
    "a far cell after a plain one": lambda: sheet_of(f'<c r="A1"><v>1</v></c><c r="{FAR}" ><v>1</v></c>'),
    "the last row alone": lambda: sheet_of_rows(['<c r="A1"><v>1</v></c>', '<c r="CZ1048576"><v>1</v></c>']),
    "a row number too long": lambda: sheet_of('<c r="A99999999999"><v>1</v></c>'),
    "a column too long": lambda: sheet_of('<c r="AAAAAAAAAAAAAAA1"><v>1</v></c>'),
    "a row number that runs over": lambda: xlsx_of_parts(
        sheet_part(f'<row>{NEAR}</row><row r="4294967295"><c><v>1</v></c></row>')
    ),
    "rows without numbers": lambda: xlsx_of_parts(
        sheet_part(f'<row>{NEAR}</row><row r="1048570"/>' + '<row><c r="CX1"/><c><v>1</v></c></row>' * 9)
    ),
    "cells without references": lambda: sheet_of_rows(["<c><v>1</v></c>" * 16_384] * 5),
    "a comment before it": lambda: sheet_of(f'<!-- --><c r="{FAR}"><v>1</v></c>'),
    "a comment around it": lambda: sheet_of(f'<!--> <c r="{FAR}"><v>1</v></c> <!-- -->'),
    "CDATA before it": lambda: sheet_of(f'<c r="A1"><v>1</v></c><![CDATA[ ]]><c r="{FAR}"><v>1</v></c>'),
    "an instruction before it": lambda: sheet_of(f'<?x <c r="A1"> ?><c r="{FAR}"><v>1</v></c>'),
    "alternate content": lambda: xlsx_of_parts(
        sheet_part(
            f'<mc:AlternateContent xmlns:mc="m"><mc:Choice Requires="x"><row>{NEAR}</row></mc:Choice>'
            f'<mc:Fallback><row><c r="{FAR}"><v>1</v></c></row></mc:Fallback></mc:AlternateContent>'
        )
    ),
    "rows within rows": lambda: xlsx_of_parts(sheet_part(f"<row>{'<c><v>1</v></c>' * 60}" * 50 + "</row>" * 50)),
    "sheet data twice": lambda: xlsx_of_parts(
        sheet_part(f'</sheetData><sheetData><row>{NEAR}<c t="n" r="{FAR}"><v>1</v></c></row>')
    ),
    "EBCDIC": lambda: with_part(
        SHEET, b'<?xml version="1.0" encoding="cp037"?>' + sheet_part(f'<row><c  r="{FAR}"/></row>').encode("cp037")
    ),
    "UTF-16": lambda: with_part(SHEET, sheet_part(f'<row><c r="{FAR}"><v>1</v></c></row>').encode("utf-16")),
}
FAR_PARTS = {
    "a sheet outside worksheets/": lambda: sheet_at("s.xml", "xl/s.xml"),
    "a sheet outside xl/": lambda: sheet_at("../elsewhere/s.xml", "elsewhere/s.xml"),
    "an absolute target": lambda: sheet_at("/a/b/c.bin", "a/b/c.bin"),
    "another case": lambda: sheet_at("WorkSheets/SHEET1.XML", "XL/worksheets/Sheet1.xml"),
    "backslashes": lambda: sheet_at("worksheets\\s.xml", "xl\\worksheets\\s.xml"),
    "strict relationships": lambda: sheet_at(
        "s.xml", "xl/s.xml", office="http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
    "a part twice": lambda: twice(SHEET, SMALL, LARGE),
    "a part twice, the far one first": lambda: twice(SHEET, LARGE, SMALL),
    "a part twice by case": lambda: twice(SHEET.upper(), SMALL, LARGE),
}
SUMS = {
    "twenty sheets up to CZ99999": lambda: sheets_up_to("CZ99999", 20),
    "eight sheets up to BZ99999": lambda: sheets_up_to("BZ99999", 8),
    "a part for twenty sheets": lambda: sheets_up_to(
        "CZ9999",
        20,
        changed={"xl/_rels/workbook.xml.rels": relationships(*[("worksheet", "worksheets/sheet1.xml")] * 20)},
    ),
    "sheets without end": lambda: with_part(BOOK, f"<workbook {MAIN}>" + '<sheet name="a"/>' * 300_000 + "</workbook>"),
}
TEXTS = {
    "a long string often": lambda: long_string('<c t="s"><v>0</v></c>'),
    "a long string often, plainly": lambda: long_string('<c r="A{n}" t="s"><v>0</v></c>'),
    "a long string by a strange number": lambda: long_string('<c t="s"><v>1&#50;</v></c>', 1),
    "a long string by a strange number, plainly": lambda: long_string('<c r="A{n}" t="s"><v>1&#50;</v></c>', 1),
    "a long string by a number with a blank": lambda: long_string('<c t="s"><v> 1</v></c>', 1),
    "a long string by a number with an element": lambda: long_string('<c t="s"><v>1<a/>2</v></c>', 1),
    "a long string by a number in two": lambda: long_string('<c t="s"><v>1<![CDATA[2]]></v></c>', 1),
    "a long string by no number": lambda: long_string('<c t="s"><v>x</v></c>'),
    "a long string behind inner ones": lambda: shared(
        f"<si><si/><si/></si><si><t>{LONG}</t></si><si/><si/>", ['<c t="s"><v>2</v></c>'] * 50_000
    ),
    "more strings than memory, by its word": lambda: shared("", ['<c r="A1"/>'], ' uniqueCount="99999999999999"'),
    "many strings, by its word": lambda: shared("", ['<c r="A1"/>'], ' uniqueCount="999999999"'),
    "strings without end": lambda: unpacking(STRINGS, b"<sst>", b"<si/>", b"</sst>", 20_000_000),
    "large exponents": lambda: sheet_of_rows(
        "".join(f'<c r="{letter}{row}"><v>1e300</v></c>' for letter in "ABCDEFGHIJKLMNOPQRST")
        for row in range(1, 90_000)
    ),
    "a text without end": lambda: unpacking(SHEET, b"<worksheet><sheetData><row><c><is><t>", b"x" * 100, b"", 600_000),
}
PARTS = {
    "nesting in a sheet": lambda: unpacking(SHEET, b"<worksheet>", b"<a>", b"", 38_000_000),
    "nesting in sheet data": lambda: unpacking(SHEET, b"<worksheet><sheetData>", b"<row>", b"", 20_000_000),
    "nesting in strings": lambda: unpacking(STRINGS, b"<sst>", b"<a>", b"", 38_000_000),
    "nesting in styles": lambda: unpacking(STYLES, b"<styleSheet>", b"<a>", b"", 38_000_000),
    "nesting in the workbook": lambda: unpacking(BOOK, b"<workbook>", b"<a>", b"", 38_000_000),
    "names without end in styles": lambda: with_part(STYLES, many_names(b"<styleSheet>", b"</styleSheet>")),
    "names without end in strings": lambda: with_part(STRINGS, many_names(b"<sst>", b"</sst>")),
    "names without end in a sheet": lambda: with_part(SHEET, many_names(b"<worksheet><x:c/>", b"</worksheet>")),
    "styles without end": lambda: unpacking(STYLES, b"<styleSheet><cellXfs>", b'<xf numFmtId="0"/>', b"", 20_000_000),
    "a long format for many styles": lambda: with_part(
        STYLES,
        f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="9" formatCode="{LONG}"/></numFmts><cellXfs>'
        + '<xf numFmtId="9"/>' * 60_000
        + "</cellXfs></styleSheet>",
    ),
    "relationships without end": lambda: unpacking(
        "xl/_rels/workbook.xml.rels", b"<Relationships>", b"<Relationship/>", b"", 40_000_000
    ),
    "a part nobody names": lambda: unpacking("docProps/other.xml", b"", b"x" * 1000, b"", 1_200_000),
    "a size that is too large": lambda: false_size(0x7FFFFFFF),
    "a size that is too small": lambda: false_size(20),
    "a zip64's size": lambda: false_size(0xFFFFFFFF, struct.pack("<HHQ", 1, 8, 2**62)),
    "files without end": many_entries,
    "packed by bzip2": lambda: package(xlsx_parts(SMALL), zipfile.ZIP_BZIP2),
    "packed by lzma": lambda: package(xlsx_parts(SMALL), zipfile.ZIP_LZMA),
}
ENTITIES = {
    f"{what} in {part}": lambda part=part, document_type=document_type: entities_in(part, document_type)
    for what, document_type in (("billions of entities", BILLION), ("an outer entity", OUTER))
    for part in (BOOK, STRINGS, STYLES, SHEET, "_rels/.rels", "xl/_rels/workbook.xml.rels")
}
OPEN_DOCUMENTS = {
    "rows and cells repeated": lambda: ods(ods_row(ods_cell(16_384), repeated=1_048_576)),
    "as many as the reader lets pass": lambda: ods(ods_row(ods_cell(90), repeated=1_048_576)),
    "a cell repeated in many rows": lambda: ods(ods_row(ods_cell(16_384)) * 2000),
    "a row repeated": lambda: ods(ods_row(ods_cell() * 50, repeated=1_048_576)),
    "blank rows above one": lambda: ods(
        ods_row(ods_cell() * 50), ods_row(ods_blank(), repeated=1_048_000), ods_row(ods_cell())
    ),
    "blank cells before one": lambda: ods(ods_row(ods_blank(16_000), ods_cell())),
    "blank cells twice": lambda: ods(ods_row(ods_blank(16_384), ods_blank()) * 20_000),
    "spaces by a number": lambda: ods_spaces(999_999_999),
    "spaces by a long number": lambda: ods_spaces(9**20),
    "a long text repeated": lambda: ods(ods_row(ods_cell(inside=f"<text:p>{LONG}</text:p>"), repeated=20_000)),
    "a long formula repeated": lambda: ods(ods_row(ods_cell(1, "", f'table:formula="{LONG}"'), repeated=20_000)),
    "large exponents repeated": lambda: ods(
        ods_row(ods_cell(50, "", 'office:value-type="float" office:value="1e300"'), repeated=99_999)
    ),
    "a table in a cell": lambda: ods(ods_row(ods_cell(inside="<table:table>" + ods_row() + "</table:table>"))),
    "many tables": lambda: package(
        ods_parts("".join(f'<table:table table:name="{n}">{ODS_ROWS}</table:table>' for n in range(100)))
    ),
    "nesting in tables": lambda: ods("<a>" * 3_000_000),
    "billions of entities in tables": lambda: package(
        {**ods_parts(""), "content.xml": BILLION + str(ods_parts("<a>&a;</a>")["content.xml"])}
    ),
}
OTHER_KINDS = {
    "a binary workbook": lambda: package(
        {"_rels/.rels": relationships(("officeDocument", "xl/workbook.bin")), "xl/workbook.bin": b"\x83\x01\x00"}
    ),
    "an old workbook": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "a zip of other files": lambda: package({"a.txt": "a"}),
    "only the beginning": lambda: xlsx_of_parts(SMALL)[:200],
    "a sheet that is not there": lambda: package({k: v for k, v in xlsx_parts(SMALL).items() if k != SHEET}),
    "another sum": lambda: xlsx_of_parts(SMALL).replace(struct.pack("<I", zlib.crc32(SMALL.encode())), bytes(4)),
}
HOSTILE = {**FAR_CELLS, **FAR_PARTS, **SUMS, **TEXTS, **PARTS, **ENTITIES, **OPEN_DOCUMENTS, **OTHER_KINDS}


def readers(path):
    """The ways a workbook comes in: a file of CMS's, of claims, a contract."""
    from feecalc.contracts.files.reading import read_contract
    from feecalc.files.opening import open_file
    from feecalc.ingest.files.archive import Member
    from feecalc.ingest.files.conversion import read_table

    return {
        "CMS": lambda: read_table(Member(path.name, path.read_bytes), expected="rvu"),
        "claims": lambda: open_file(path),
        "contract": lambda: read_contract(path),
    }


def memory_kb(kind):
    """A line of what Linux counts of this process. Its ``ru_maxrss`` begins at what the process that started it had."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(kind))


def main(folder, names):
    """Read each file of the folder in each way; a line of JSON of each says what came of it."""
    import resource

    from feecalc.errors import FeeCalcError

    path = Path(folder) / "book.xlsx"
    path.write_bytes(xlsx_of_parts(SMALL))
    for read in readers(path).values():  # all modules are in memory before it is limited
        with suppress(FeeCalcError):
            read()
    resource.setrlimit(resource.RLIMIT_AS, ((memory_kb("VmSize") + MEMORY_KB) * 1024,) * 2)
    for name in names:
        path.write_bytes((Path(folder) / name).read_bytes())
        for reader, read in readers(path).items():
            print(json.dumps([name, reader]), flush=True)
            begun = time.process_time()
            resource.setrlimit(resource.RLIMIT_CPU, (int(begun) + SECONDS + 1, resource.RLIM_INFINITY))
            try:
                read()
                found = "was read"
            except FeeCalcError as error:
                found = f"{type(error).__name__}: {error}"
            except BaseException as error:
                found = f"not an error of this project: {type(error).__name__}: {error}"
            print(json.dumps([name, reader, found, time.process_time() - begun, memory_kb("VmHWM")]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
