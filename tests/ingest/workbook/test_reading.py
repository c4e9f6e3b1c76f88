"""Sound workbooks read as ever, however they are written; what is counted of a sheet is never less than is read."""

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbook_parts import (
    MAIN,
    ods_parts,
    package,
    relationships,
    rows_of,
    sheet_part,
    text_cell,
    xlsx_of_parts,
    xlsx_parts,
)

import feecalc
from feecalc.errors import FeeCalcError, UnreadableFile, UnsafeArchive
from feecalc.files.opening import BOUNDS
from feecalc.ingest.files import reading
from feecalc.ingest.workbook.bounds import Extent, Total, column_letters, column_number
from feecalc.ingest.workbook.extent import PlainSheet, SharedStrings, number_text, parsed_extent
from feecalc.ingest.workbook.package import Package
from feecalc.ingest.workbook.reading import read_workbook

CELLS = [["Code", "Amount"], ["00100", "12.5"], ["", "7"], ["99213", ""]]
BOOK = "xl/workbook.xml"
OPENING = re.compile(r"import (fastexcel|openpyxl|python_calamine)|read_(excel|ods)\(")
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def read(content, bounds=BOUNDS, **options):
    return read_workbook("book.xlsx", io.BytesIO(content), bounds, **options)


def cells(content, **options):
    ((_, sheet),) = read(content, **options)
    return [[cell or "" for cell in row] for row in sheet.rows()]


def moved(names, **changed):
    """The workbook with parts under other names."""
    parts = {**xlsx_parts(SHEET), **changed}
    return package({names.get(part, part): content for part, content in parts.items()})


def of_rows(rows, **parts):
    return xlsx_of_parts(sheet_part(rows), changed=parts)


def with_prefix(content):
    """The sheet's elements with a prefix, as some libraries write them."""
    return content.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:").replace("xmlns=", "xmlns:x=")


BARE = "".join("<row>" + "".join(f'<c t="str"><v>{text}</v></c>' for text in row) + "</row>" for row in CELLS)
STRINGS = f"<sst {MAIN}>" + "".join(f"<si><t>{text}</t></si>" for row in CELLS for text in row) + "</sst>"
SHARED = "".join(
    f'<row><c r="A{row}" t="s"><v>{2 * row - 2}</v></c><c r="B{row}" t="s"><v>{2 * row - 1}</v></c></row>'
    for row in range(1, 5)
)
ROWS = rows_of(CELLS)
SHEET = sheet_part(ROWS)
UPWARD = "".join(f"{row}</row>" for row in reversed(ROWS.split("</row>")[:-1]))
CONTROLS = '<controls><anchor xmlns:d="d"><d:col>9999</d:col><d:row>99999</d:row></anchor></controls>'
SOUND = {
    "plain": lambda: xlsx_of_parts(SHEET),
    "of shared strings": lambda: of_rows(SHARED, **{"xl/sharedStrings.xml": STRINGS}),
    "without references": lambda: of_rows(BARE),
    "with single quotes": lambda: xlsx_of_parts(SHEET.replace('"', "'")),
    "in lower case": lambda: xlsx_of_parts(SHEET.replace('r="A', 'r="a').replace('r="B', 'r="b')),
    "with a prefix": lambda: xlsx_of_parts(with_prefix(SHEET)),
    "its rows in another order": lambda: of_rows(UPWARD),
    "with a false dimension": lambda: xlsx_of_parts(
        sheet_part(ROWS, before='<dimension ref="A1:XFD1048576"/><cols><col min="1" max="2"/></cols>')
    ),
    "with formats and controls": lambda: xlsx_of_parts(
        sheet_part(ROWS, after="<conditionalFormatting><cfRule/></conditionalFormatting>" + CONTROLS)
    ),
    "with a comment above": lambda: xlsx_of_parts(f"<!-- written by hand -->{SHEET}"),
    "with a byte order mark": lambda: xlsx_of_parts("\ufeff" + SHEET),
    "in Latin-1": lambda: xlsx_of_parts('<?xml version="1.0" encoding="ISO-8859-1"?>' + SHEET),
    "in strict form": lambda: moved(
        {}, **{"xl/_rels/workbook.xml.rels": relationships(("worksheet", "worksheets/sheet1.xml"), office=STRICT)}
    ),
    "its sheet elsewhere": lambda: moved(
        {"xl/worksheets/sheet1.xml": "data/first.bin"},
        **{"xl/_rels/workbook.xml.rels": relationships(("worksheet", "../data/FIRST.bin"))},
    ),
    "by an absolute path": lambda: moved(
        {}, **{"xl/_rels/workbook.xml.rels": relationships(("worksheet", "/xl/worksheets/sheet1.xml"))}
    ),
    "the workbook of another name": lambda: moved(
        {BOOK: "book.xml", "xl/_rels/workbook.xml.rels": "_rels/book.xml.rels"},
        **{
            "_rels/.rels": relationships(("officeDocument", "book.xml")),
            "xl/_rels/workbook.xml.rels": relationships(("worksheet", "xl/worksheets/sheet1.xml")),
        },
    ),
    "without styles or strings": lambda: package(
        {part: text for part, text in xlsx_parts(SHEET).items() if "styles" not in part and "shared" not in part}
        | {"xl/_rels/workbook.xml.rels": relationships(("worksheet", "worksheets/sheet1.xml"))}
    ),
    "beside a chart": lambda: xlsx_of_parts(
        SHEET,
        "<chartsheet/>",
        changed={
            "xl/_rels/workbook.xml.rels": relationships(
                ("worksheet", "worksheets/sheet1.xml"), ("chartsheet", "worksheets/sheet2.xml")
            )
        },
    ),
    "stored": lambda: package(xlsx_parts(SHEET), zipfile.ZIP_STORED),
    "with other files": lambda: package({**xlsx_parts(SHEET), "xl/vbaProject.bin": bytes(9), "xl/media/a.png": b"\0"}),
}


@pytest.mark.parametrize("form", SOUND)
def test_a_sound_workbook_reads_however_it_is_written(form):
    assert cells(SOUND[form]()) == CELLS


def test_the_forms_are_not_all_measured_by_their_tags_alone():
    """Else the parser that measures the others is never run here."""
    assert plain_sheet(SHEET).plain
    assert plain_sheet(SHARED).plain
    assert not plain_sheet(BARE).plain
    assert not plain_sheet(with_prefix(SHEET)).plain


def test_shared_strings_are_found_by_their_relationship_or_their_usual_name():
    named = {"xl/_rels/workbook.xml.rels": relationships(("worksheet", "worksheets/sheet1.xml"))}
    assert cells(of_rows(SHARED, **named, **{"xl/sharedStrings.xml": STRINGS})) == CELLS
    elsewhere = relationships(("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "other/texts.xml"))
    parts = {"xl/_rels/workbook.xml.rels": elsewhere, "xl/other/texts.xml": STRINGS}
    assert cells(of_rows(SHARED, **parts)) == CELLS


def test_dates_count_as_the_workbook_says():
    day = '<row r="1"><c r="A1" s="1"><v>46113</v></c></row>'
    later = xlsx_parts("")[BOOK].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    assert cells(of_rows(day)) == [["2026-04-01 00:00:00"]]
    assert cells(of_rows(day, **{BOOK: later})) == [["2030-04-02 00:00:00"]]  # 1,462 days on


def test_sheets_keep_their_names_and_order_and_only_those_wanted_are_looked_at():
    far = sheet_part(f"<row>{text_cell('A1', 'x')}{text_cell('XFD1', 'x')}</row>")
    three = xlsx_of_parts(SHEET, sheet_part(""), SHEET)
    assert [name for name, _ in read(three)] == ["contract", "Sheet3"]
    assert [name for name, _ in read(xlsx_of_parts(far, SHEET, far), only=("Sheet2", "none"))] == ["Sheet2"]
    assert read(xlsx_of_parts(far), only=("none",)) == []
    assert [name for name, _ in read(three, replace(BOUNDS, sheets=1))] == ["contract"]


def ods_row(*texts, repeated=1, blank=16_000):
    """A row as LibreOffice writes it: equal rows are one, and blank cells follow to the sheet's edge."""
    held = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in texts
    )
    edge = f'<table:table-cell table:number-columns-repeated="{blank}"/>'
    return f'<table:table-row table:number-rows-repeated="{repeated}">{held}{edge}</table:table-row>'


def ods(*rows):
    return package(ods_parts(f'<table:table table:name="Sheet1">{"".join(rows)}</table:table>'))


def test_an_open_document_with_blank_cells_to_its_edges():
    blank = ods_row(repeated=1_048_572, blank=16_384)
    content = ods(ods_row("Code", "Amount"), ods_row("00100", "7", repeated=3), blank)
    assert cells(content) == [["Code", "Amount"], *[["00100", "7"]] * 3]


def test_an_open_document_with_blank_rows_between():
    content = ods(ods_row("Code"), ods_row(repeated=2), ods_row("00100"), ods_row(repeated=1_048_572))
    assert cells(content) == [["Code"], [""], [""], ["00100"]]


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        (text_cell("BZ1", "x") + text_cell("CA1", "x"), "beyond column BZ or row 99,999; no CMS table does"),
        (text_cell("A1", "x") + text_cell("A100000", "x"), "beyond column BZ or row 99,999"),
        (text_cell("A1", "x") + text_cell("BZ99999", "x"), "reach over more than 3,000,000 cells, blank ones too"),
    ],
)
def test_what_is_said_of_a_sheet_that_reaches_too_far(rows, wrong):
    for sheet in (rows, rows.replace("<c r", "<c  r")):
        with pytest.raises(UnsafeArchive, match=wrong):
            read(of_rows(f"<row>{sheet}</row>"), reading.BOUNDS)


def test_cells_far_apart_are_too_many_for_what_is_written():
    # 105 rows of 40,000 columns would be 4.2 million cells; here 40,400 rows of 104 columns, of which two are written
    rows = f"<row>{text_cell('A1', 'x')}{text_cell('CZ40400', 'x')}</row>"
    with pytest.raises(UnsafeArchive, match=r"the last is in row 40,400 or column CZ, and 2 are written"):
        read(of_rows(rows))
    near = rows.replace("CZ40400", "CZ40000")  # 4,160,000 are few enough
    assert read(of_rows(near))[0][1].shape == (40_000, 104)


def test_bounds_are_of_all_sheets_together():
    bounds = replace(BOUNDS, cells=16)
    assert len(read(xlsx_of_parts(SHEET, SHEET), bounds)) == 2  # of four rows and two columns each
    with pytest.raises(UnsafeArchive, match="more than 16 cells"):
        read(xlsx_of_parts(SHEET, SHEET, SHEET), bounds)


def test_text_counts_for_every_cell_that_shares_it():
    string = f"<sst {MAIN}><si><t>{'x' * 100}</t></si></sst>"
    plain = "".join(f'<row><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 11))
    for rows in (plain, plain.replace("<c r", "<c  r")):
        content = of_rows(rows, **{"xl/sharedStrings.xml": string})
        # ten cells of a string of 100 characters, and the end of the part counts with the last string
        assert len(read(content, replace(BOUNDS, text=1_100))) == 1
        with pytest.raises(UnsafeArchive, match="more than 999 bytes of text"):
            read(content, replace(BOUNDS, text=999))


@pytest.mark.parametrize(
    ("number", "zeros"), [("12.5", 0), ("1E-2", 2), ("1e300", 300), ("-1.5e+20", 20), ("1e9999", 330), ("1e99999", 330)]
)
def test_a_number_with_a_power_of_ten_is_written_out(number, zeros):
    assert number_text(number) == zeros


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("Z", 26), ("AA", 27), ("CZ", 104), ("XFD", 16_384)])
def test_columns_have_letters(letters, number):
    assert column_number(letters) == number
    assert column_letters(number) == letters


def test_a_zip_of_many_files_is_refused_before_they_are_listed(tmp_path):
    from feecalc.ingest.files.archive import open_sources

    content = package({f"{n}.txt": "" for n in range(10_001)})
    with pytest.raises(UnsafeArchive, match="a zip of more than 10,000 files"):
        read(content)
    (tmp_path / "many.zip").write_bytes(content)
    with pytest.raises(UnsafeArchive, match="a zip of more than 10,000 files"):
        open_sources(tmp_path / "many.zip")


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ("<a:b xmlns:a='a'><row><c/></row></a:b>", "a row where none belongs"),
        ("<row><row><c/></row></row>", "a row where none belongs"),
        ("<c/>", "a cell where none belongs"),
        ("<row><a><c/></a></row>", "a cell where none belongs"),
        ("<row r='1.5'><c/></row>", "a row numbered '1.5'"),
        ("<row><c r='1A'/></row>", "a cell at '1A'"),
        ("<row><!-- --><c/></row>", "a comment among its cells"),
        ("<row><c><v>1<a/></v></c></row>", "a value with elements in it"),
        ("<sheetData/><row><c/></row>", "sheet data where none belong"),
    ],
)
def test_cells_where_readers_may_differ_are_refused(rows, wrong):
    with pytest.raises(UnreadableFile, match=f"xl/worksheets/sheet1.xml holds {wrong}"):
        read(of_rows(rows))


def with_part(part, content):
    return package({**xlsx_parts(SHEET, SHEET), part: content})


ONE_PART = relationships(("worksheet", "worksheets/sheet1.xml"), ("worksheet", "worksheets/SHEET1.xml"))
NESTED = f"<a>{'<b>' * 2**20}"


@pytest.mark.parametrize(
    ("part", "content", "wrong"),
    [
        (BOOK, '<?xml version="1.0" encoding="koi8-r"?><workbook/>', "holds text in the encoding 'koi8-r'"),
        (BOOK, "<workbook/>".encode("utf-16"), "is not text in UTF-8; a locked one is saved without its password"),
        (BOOK, f"<workbook>{'<sheet/>' * 10_001}</workbook>", "more than 10,000 sheets; no workbook needs as many"),
        (BOOK, f"<workbook>{' ' * (2**25 + 1)}</workbook>", "a text of more than 1,048,576 bytes in xl/workbook.xml"),
        (BOOK, f"<workbook>{'<a>                </a>' * 2**21}</workbook>", "holds more than 33,554,432 bytes"),
        (BOOK, NESTED, "more than 100 elements within each other"),
        (BOOK, "<workbook><a></workbook>", r"line 1 is not XML \(mismatched tag\); open it in a spreadsheet program"),
        ("xl/_rels/workbook.xml.rels", ONE_PART, "two sheets in one part of the file"),
        ("xl/_rels/workbook.xml.rels", "<Relationships/>", "a sheet of it is not in the file"),
        ("xl/worksheets/sheet1.xml", sheet_part("x" * 2**21), "a text of more than 1,048,576 bytes"),
        ("xl/styles.xml", NESTED, "more than 100 elements within each other"),
        ("xl/sharedStrings.xml", "<a/>", "an element 'a' where shared strings were expected"),
    ],
)
def test_what_is_said_of_a_part_that_is_not_as_workbooks_have_it(part, content, wrong):
    with pytest.raises(FeeCalcError, match=wrong):
        read(with_part(part, content))


@pytest.mark.parametrize("part", list(xlsx_parts(SHEET)))
def test_a_document_type_is_refused_in_every_part(part):
    content = package({**xlsx_parts(SHEET), part: f"<!DOCTYPE x>{xlsx_parts(SHEET)[part]}"})
    with pytest.raises(UnreadableFile, match=f"{part} holds a document type, which workbooks do not have"):
        read(content)


@pytest.mark.parametrize("kind", ["xl/workbook.bin", "xl/Workbook.BIN"])
def test_a_binary_workbook_says_what_to_do(kind):
    content = package({"_rels/.rels": relationships(("officeDocument", kind)), kind: b"\x83\x01"})
    with pytest.raises(UnreadableFile, match=r"binary workbook \(\.xlsb\), which is not read; save it as \.xlsx"):
        read(content)


def test_no_other_module_opens_a_workbook():
    folder = Path(feecalc.__file__).parent
    modules = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}
    opening = {module for module, code in modules.items() if OPENING.search(code)}
    assert opening == {"ingest/workbook/reading.py"}


def plain_sheet(content, strings=None):
    sheet = PlainSheet(strings or SharedStrings())
    sheet.see(content.encode())
    return sheet


def parsed(content, strings=None):
    whole = Package("book.xlsx", io.BytesIO(xlsx_of_parts(content)), 2**30, "")
    return parsed_extent(whole, "xl/worksheets/sheet1.xml", strings or SharedStrings(), lambda seen: None)


@pytest.mark.parametrize(
    ("rows", "extent"),
    [
        ("<row r='7'/><row><c t='str'><v>x</v></c></row>", Extent(rows=8, columns=1, written=1)),
        ("<row><c><v>1</v></c></row>" * 3, Extent(rows=3, columns=1, written=3)),
        # B9 stands in its own row whichever it is written in; the cell beside it in the row that was begun
        ("<row r='5'><c r='B9'><v>1</v></c><c><v>1</v></c></row><row><c/><c/></row>", Extent(9, 3, 4)),
        ("<row><c r='AA1'/><c/></row><row><c><v>1</v></c></row>", Extent(rows=2, columns=28, written=3)),
        ("<row><c><v>1E+9</v></c><c t='str'><v>1E+9</v></c></row>", Extent(1, 2, 2, text=9)),
    ],
)
def test_cells_are_where_the_reader_takes_them_to_be(rows, extent):
    assert parsed(sheet_part(rows)) == extent
    ((_, sheet),) = frames(of_rows(rows))
    assert sheet.height <= extent.rows
    assert sheet.width <= extent.columns


def frames(content):
    workbook = fastexcel.read_excel(content)
    names = workbook.sheet_names
    sheets = [workbook.load_sheet(name, header_row=None, dtypes="string").to_polars() for name in names]
    return [(name, sheet) for name, sheet in zip(names, sheets, strict=True) if sheet.width and sheet.height]


def real_workbooks(cms):
    for path in sorted(cms.rglob("*.xlsx")):
        yield path.name, path.read_bytes()
    for path in sorted((cms / "zips").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".xlsx"):
                    yield f"{path.name}: {name}", archive.read(name)


def test_cms_files_read_as_calamine_reads_them(cms):
    seen = 0
    for name, content in real_workbooks(cms):
        expected = frames(content)
        found = read(content, reading.BOUNDS)
        assert [sheet for sheet, _ in found] == [sheet for sheet, _ in expected], name
        assert all(one.equals(other) for (_, one), (_, other) in zip(found, expected, strict=True)), name
        seen += 1
    assert seen > 20


def test_both_ways_of_measuring_agree_on_cms_files(cms):
    for name, content in real_workbooks(cms):
        whole = Package(name, io.BytesIO(content), 2**30, "")
        part = "xl/worksheets/sheet1.xml"
        plain = PlainSheet(SharedStrings())
        for piece in whole.pieces(part):
            plain.see(piece)
        exact = parsed_extent(whole, part, SharedStrings(), lambda seen: None)
        assert plain.plain, name
        assert replace(plain.extent, text=0) == replace(exact, text=0), name
        assert plain.extent.text >= exact.text


REFERENCES = st.sampled_from(
    ["", ' r="A1"', ' r="B7"', " r='C2'", ' r = "D3"', ' r="aa9"', ' r="A0"', ' r="7"', ' q:r="Z9"']
)
TYPES = st.sampled_from(["", "", ' t="s"', ' t="str"', ' t="n"', ' s="1"', ' s="1" t="s"', ' t="s" s="1"'])
VALUES = st.sampled_from(
    ["<v>1</v>", "<v>0</v>", "<v>9</v>", "<v>1e30</v>", "<v>&#49;</v>", "<v>0<!-- -->1</v>", "<v/>", "",
     "<v>1</v><v>0</v>", "<is><t>in</t></is>", "<is><c r='Z9'/></is>", "<f>A1</f><v>2E-5</v>", "<x:v>1</x:v>"]
)  # fmt: skip


@st.composite
def any_sheet(draw):
    """A sheet of cells written in every way, whole or with a piece of it gone."""
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        listed = []
        for _ in range(draw(st.integers(0, 4))):
            prefix = draw(st.sampled_from(["", "", "", "x:"]))
            tag = f"{prefix}c{draw(REFERENCES)}{draw(TYPES)}"
            listed.append(f"<{tag}>{draw(VALUES)}</{prefix}c>" if draw(st.booleans()) else f"<{tag}/>")
        number = draw(st.sampled_from(["", "", ' r="1"', ' r="5"', ' r="x"']))
        rows.append(f"<row{number}>{''.join(listed)}</row>" + draw(st.sampled_from(["", "", "<!-- <row> -->", "<c/>"])))
    whole = sheet_part("".join(rows), before=draw(st.sampled_from(["", "<cols/>", "<row/>", "<!-- <sheetData> -->"])))
    if draw(st.integers(0, 3)):
        return whole
    start = draw(st.integers(0, len(whole)))
    put = draw(st.sampled_from(["", "<", ">", '"', "</row>", "<c>"]))
    return whole[:start] + put + whole[start + draw(st.integers(0, 9)) :]


STRING = st.sampled_from(["<si/>", "<si><t>a</t></si>", f"<si><t>{'b' * 500}</t></si>"])


@settings(max_examples=200)
@given(sheet=any_sheet(), strings=st.lists(STRING))
def test_no_more_is_read_than_was_counted(sheet, strings):
    content = xlsx_of_parts(sheet, changed={"xl/sharedStrings.xml": f"<sst {MAIN}>{''.join(strings)}</sst>"})
    counted = []

    class Counting(Total):
        def add(self, name: str, extent: Extent) -> None:
            counted.append(extent)
            super().add(name, extent)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("feecalc.ingest.workbook.reading.Total", Counting)
        try:
            found = read(content)
        except FeeCalcError:
            return
    (extent,) = counted
    for _, frame in found:
        assert frame.height <= extent.rows
        assert frame.width <= extent.columns
        text = sum(frame.select(pl.all().str.len_bytes().sum().fill_null(0)).row(0))
        assert text <= extent.text + len(sheet) + 32 * extent.written
