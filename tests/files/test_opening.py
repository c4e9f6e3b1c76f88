"""Every form a claim file comes in gives the same lines; what cannot be read says why."""

import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
import xlsxwriter

from feecalc.errors import InvalidValue, UnreadableFile, UnsafeArchive
from feecalc.files import opening
from feecalc.files.opening import open_file

HEADINGS = ["Claim", "CPT", "DOS", "POS", "Locality", "Units", "Charge", "Note"]
ROWS = [
    ["A1", "64493", "2026-08-03", "11", "09102-04", "1", "1200.50", "Zoë"],
    ["A1", "00100", "2026-08-04", "02", "09102-99", "2", "10.00", 'two, "quoted"'],
]


def text(delimiter=",", end="\n", rows=(HEADINGS, *ROWS)):
    def cell(value):
        return '"' + value.replace('"', '""') + '"' if set(value) & {delimiter, '"', "\n"} else value

    return "".join(delimiter.join(map(cell, row)) + end for row in rows)


def check(read):
    assert read["claim_id"].to_list() == ["A1", "A1"]
    assert read["line"].to_list() == [1, 2]
    assert read["hcpcs"].to_list() == ["64493", "00100"]
    assert read["date_of_service"].to_list() == [date(2026, 8, 3), date(2026, 8, 4)]
    assert read["place_of_service"].to_list() == ["11", "02"]
    assert read["locality"].to_list() == ["04", "99"]
    assert read["units"].to_list() == [1, 2]
    assert read["billed_amount"].to_list() == [Decimal("1200.50"), Decimal("10.00")]
    assert read["input:Note"].to_list() == ["Zoë", 'two, "quoted"']


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_text_in_every_usual_form(write, lines, delimiter, end, encoding):
    check(lines(write(text(delimiter, end).encode(encoding))))


def test_no_end_of_line_at_the_end(write, lines):
    check(lines(write(text().rstrip("\n"))))


def test_cells_are_kept_as_they_came(write, lines):
    read = lines(write(text()))
    assert read["input:Charge"].to_list() == ["1200.50", "10.00"]
    assert read.columns[-len(HEADINGS) :] == [f"input:{heading}" for heading in HEADINGS]


def test_parquet_with_our_types_and_with_text(tmp_path, lines):
    frame = pl.DataFrame(ROWS, schema=HEADINGS, orient="row")
    frame.write_parquet(tmp_path / "text.parquet")
    check(lines(tmp_path / "text.parquet"))
    frame.with_columns(
        pl.col("DOS").str.to_datetime("%Y-%m-%d"),
        pl.col("Units").cast(pl.Int64),
        pl.col("Charge").cast(pl.Float64),
        pl.col("POS").cast(pl.Int8),
        pl.col("CPT").cast(pl.Categorical),
    ).write_parquet(tmp_path / "typed.parquet")
    check(lines(tmp_path / "typed.parquet"))


def workbook_of(path, rows, *sheets_before):
    book = xlsxwriter.Workbook(path)
    for name, cells in sheets_before:
        book.add_worksheet(name).write_row(0, 0, cells)
    sheet = book.add_worksheet("Charges")
    day = book.add_format({"num_format": "m/d/yyyy"})
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(number, place, cell, day)
            elif cell is not None:
                sheet.write(number, place, cell)
    book.close()
    return path


def test_a_workbook_whose_codes_became_numbers(tmp_path, lines):
    rows = [
        ["Acme billing"],
        [],
        HEADINGS,
        ["A1", 64493, date(2026, 8, 3), 11, "09102-04", 1, 1200.5, "Zoë"],
        [],
        ["A1", 100, date(2026, 8, 4), 2, "09102-99", 2.0, 10, 'two, "quoted"'],
    ]
    path = workbook_of(tmp_path / "claims.xlsx", rows, ("About", ["nothing here"]))
    check(lines(path))
    assert open_file(path).notes == (
        "read the sheet 'Charges', not the others of the workbook",
        "the headings are in row 3; what stands above them is passed over",
    )


def test_a_form_is_known_by_its_bytes_not_its_name(tmp_path, lines):
    check(lines(workbook_of(tmp_path / "claims.csv", [HEADINGS, *ROWS])))


def test_titles_above_the_headings_are_passed_over_and_said(write, lines):
    path = write("Acme billing,,\n\"Charges,\nall\"\n" + text())
    check(lines(path))
    assert open_file(path).notes == ("the headings are in row 3; what stands above them is passed over",)


def test_rows_without_a_cell_are_left_out(write, lines):
    check(lines(write(text(rows=(HEADINGS, [""] * 8, ROWS[0], [""] * 8, ROWS[1], [""] * 8)) + "\n\n")))


def test_a_row_with_too_many_cells_is_refused_not_cut(write, lines):
    row = "A1,64493,2026-08-03,11,09102-04,1,10,a"
    read = lines(write(f"{text()}{row},b,c\n{row},,\n"))
    assert read["intake_reason"].to_list() == [None, None, "the row has more cells than there are headings", None]
    assert read["units"].to_list() == [1, 2, None, 1]


def test_headings_that_are_blank_or_repeated_get_names(write):
    file = open_file(write("CPT,Mod,Mod,,Mod 2,\n1,2,3,4,5,6\n"))
    assert file.headings == ("CPT", "Mod", "Mod 3", "column 4", "Mod 2", "column 6")
    assert "more than once" in file.notes[0]


def test_a_file_of_headings_alone_has_no_lines(write, lines):
    assert lines(write(text(rows=(HEADINGS,)))).height == 0


def test_no_rows_are_lost_or_moved_in_a_long_file(write, lines):
    count = 50_000
    rows = (f"C{n // 3},{n % 3},64493,8/{n % 28 + 1}/2026,11,09102-04,{n}.5,{n}\n" for n in range(count))
    read = lines(write("Claim,Line,CPT,DOS,POS,Locality,Charge,Note\n" + "".join(rows)))
    assert read["input:Note"].to_list() == [str(n) for n in range(count)]
    assert read["billed_amount"].to_list() == [Decimal(n) + Decimal("0.50") for n in range(count)]
    assert read["date_of_service"].dt.day().to_list() == [n % 28 + 1 for n in range(count)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \r\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x00\x01\x02" * 50, "not a text file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"old \.xls kind"),
        (b"\x1f\x8b\x08\x00abc", "unpack it first"),
        (b"PAR1 and no more", "damaged"),
        (b"PK\x03\x04 and no more", "not a workbook"),
        (b"\xff\xfeC\x00P\x00\x00\xd8x", "begins as UTF-16"),
        (b",".join([b"x"] * 2001) + b"\n", "2,001 columns"),
    ],
)
def test_what_is_not_a_claim_file(write, content, words):
    with pytest.raises(UnreadableFile, match=words):
        open_file(write(content))


def test_a_path_that_is_no_file(tmp_path):
    with pytest.raises(InvalidValue, match="no such file"):
        open_file(tmp_path / "none.csv")
    with pytest.raises(InvalidValue, match="is a folder"):
        open_file(tmp_path)


def test_recoding_is_bounded(write, monkeypatch):
    monkeypatch.setattr(opening, "MOST_RECODED", 100)
    with pytest.raises(UnreadableFile, match="save it as UTF-8"):
        open_file(write(text().encode("latin-1")))


def test_a_zip_that_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "claims.zip", "w") as archive:
        archive.writestr("claims.csv", text())
    with pytest.raises(UnreadableFile, match="not a workbook"):
        open_file(tmp_path / "claims.zip")


def test_a_workbook_that_unpacks_to_too_much(tmp_path, monkeypatch):
    path = workbook_of(tmp_path / "claims.xlsx", [HEADINGS, *ROWS])
    monkeypatch.setattr(opening, "BOUNDS", replace(opening.BOUNDS, unpacked=1000))
    with pytest.raises(UnsafeArchive, match="unpacks to more than 1,000 bytes"):
        open_file(path)


@pytest.mark.parametrize(("row", "column", "words"), [(3, 700, "beyond column CZ"), (10**6, 2, "far below its rows")])
def test_a_workbook_with_a_cell_far_out(tmp_path, row, column, words):
    book = xlsxwriter.Workbook(tmp_path / "claims.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADINGS)
    sheet.write(row, column, "x")
    book.close()
    with pytest.raises(UnsafeArchive, match=words):
        open_file(tmp_path / "claims.xlsx")


def test_a_column_of_lists_is_refused(tmp_path, lines):
    pl.DataFrame({"hcpcs": [["64493"]], "DOS": ["x"], "POS": ["11"], "Locality": ["x"]}).write_parquet(tmp_path / "c")
    with pytest.raises(InvalidValue, match=r"column hcpcs \(hcpcs\) holds lists"):
        lines(tmp_path / "c")
