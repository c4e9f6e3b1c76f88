"""What is wrong with a file is refused, saying what, on which line and key, and how often."""

import gzip
import io
import zipfile
from dataclasses import replace

import cms_shaped as shaped
import pytest
import xlsxwriter
from cms_shaped import AREAS, SERVICES

from feecalc.errors import BadValue, DuplicateKey, MissingColumn, UnreadableFile, UnsafeArchive
from feecalc.ingest.files import reading
from feecalc.ingest.files.archive import Member, open_sources
from feecalc.ingest.files.conversion import read_table

FIRST = 10  # the line of the first row in a shaped PPRRVU: four lines of banner and five of header above


def read(name, content, **options):
    return read_table(Member(name, lambda: content), **options)


def with_cell(row, place, text):
    """PPRRVU's cells with one changed; rows are counted from the first of the data."""
    cells = shaped.pprrvu_cells()
    cells[FIRST - 1 + row][place] = text
    return cells


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("-1.52", "is negative: '-1.52'"), ("n/a", "is not a number of at most 2 decimals: 'n/a'"),
     ("", "is blank; a figure must stand there"), ("1.525", "is not a number of at most 2 decimals: '1.525'"),
     ("1,52", "is not a number"), ("1234567.00", "is not a number"), ("NaN", "is not a number"),
     ("inf", "is not a number"), ("#N/A", "is not a number")],
)  # fmt: skip
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_relative_value_that_is_none(text, wrong, form):
    cells = with_cell(4, 5, text)
    content = shaped.csv_of(cells) if form == "csv" else shaped.xlsx_of(cells)
    with pytest.raises(BadValue) as refused:
        read(f"rvu.{form}", content)
    assert str(refused.value).startswith(f"rvu.{form}, line 14, hcpcs 64493: work_rvu (WORK RVU) {wrong}")
    assert str(refused.value).endswith("(1 such rows)")


def test_the_same_in_fixed_width_text():
    with pytest.raises(BadValue, match=r"rvu\.txt, line 3, hcpcs 00100: mp_rvu is negative: '-0\.01' \(1 such rows\)"):
        read("rvu.txt", shaped.pprrvu_txt([replace(SERVICES[0], mp="-0.01"), *SERVICES[1:]]))


def test_how_many_rows_are_wrong_is_said():
    with pytest.raises(BadValue, match=r"line 10.*\(18 such rows\)"):
        read("rvu.csv", shaped.pprrvu_csv(factor="none"))


@pytest.mark.parametrize(
    ("place", "text", "wrong"),
    [(0, "6449 3", "hcpcs (HCPCS) is '6449 3'"), (0, "", "hcpcs (HCPCS) is ''"), (1, "26X", "modifier (MOD) is '26X'"),
     (3, "", "status_indicator (STATUS CODE) is ''"), (7, "YES", "na_indicator_nonfacility"),
     (14, "ABCD", "global_days"), (18, "222", "mppr_indicator")],
)  # fmt: skip
def test_a_code_that_is_none(place, text, wrong):
    with pytest.raises(BadValue) as refused:
        read("rvu.csv", shaped.csv_of(with_cell(4, place, text)))
    assert "line 14" in str(refused.value)
    assert wrong in str(refused.value)


def test_a_duplicate_key():
    with pytest.raises(DuplicateKey, match=r"hcpcs 64493, modifier blank stands on lines 14, 28 \(1 such keys\)"):
        read("rvu.csv", shaped.pprrvu_csv([*SERVICES, SERVICES[4]]))
    with pytest.raises(DuplicateKey, match=r"mac 09102, locality 04 stands on lines 9, 11"):
        read("GPCI2025.csv", shaped.gpci_csv([*AREAS, replace(AREAS[5], work="1.100")]))
    # Missouri's row stands twice in LOCCO; two rows of one locality that differ are still refused
    with pytest.raises(DuplicateKey, match=r"mac 09102, locality 99"):
        read("25LOCCO.csv", shaped.locco_csv([*AREAS, replace(AREAS[6], counties="SOME")]))


def test_an_index_below_itself_without_the_floor():
    with pytest.raises(BadValue, match=r"line 9, mac 09102, locality 04: floor never lowers does not hold"):
        read("GPCI2026.csv", shaped.gpci_csv([*AREAS[:5], replace(AREAS[5], unfloored="1.001")], columns=8))


def test_a_missing_column_names_what_was_looked_for_and_seen():
    cells = [[*row[:10], *row[11:]] for row in shaped.pprrvu_cells()]
    with pytest.raises(MissingColumn) as refused:
        read("rvu.csv", shaped.csv_of(cells))
    assert "it lacks mp_rvu (a heading such as 'MP RVU'); its header reads 'HCPCS'; 'MOD'" in str(refused.value)
    for write in (shaped.gpci_csv, shaped.oppscap_csv, shaped.anes_csv, shaped.locco_csv):
        cut = [line.rsplit(",", 1)[0] for line in write().decode("latin-1").replace('"', "").split("\r\n")]
        with pytest.raises(MissingColumn):
            read("cut.csv", "\n".join(cut).encode("latin-1"))


def test_a_column_that_stands_twice():
    cells = [[*row, row[5]] for row in shaped.pprrvu_cells()]
    with pytest.raises(UnreadableFile, match="two columns of its header read as one: WORK RVU"):
        read("rvu.csv", shaped.csv_of(cells))


@pytest.mark.parametrize("name", ["notes.csv", "notes.txt"])
def test_a_table_that_was_expected_is_not_there(name):
    with pytest.raises(MissingColumn, match="no header of a rvu table in its first 60 rows; looked for 'HCPCS'"):
        read(name, b"some words\n", expected="rvu")
    with pytest.raises(MissingColumn, match="looked for a line of its record layout"):
        read(name, b"some words\n", expected="payment_amount")


def test_a_header_without_rows():
    with pytest.raises(UnreadableFile, match="without a single row"):
        read("rvu.csv", shaped.pprrvu_csv([]))


def test_more_cells_than_the_header():
    cells = shaped.pprrvu_cells()
    with pytest.raises(BadValue, match=r"line 14: more cells than the header's 31, '7'"):
        read("rvu.csv", shaped.csv_of([*cells[:13], [*cells[13], "7"], *cells[14:]]))
    with pytest.raises(BadValue, match=r"line 12: more cells than the header's 31, '7,8'"):
        read("rvu.csv", shaped.csv_of([*cells[:11], [*cells[11], "7", "8"], *cells[12:]]))
    quoted = next(place for place, row in enumerate(cells) if "," in row[2] and place > 9)
    with pytest.raises(BadValue, match=rf"line {quoted + 1}: more cells"):
        read("rvu.csv", shaped.csv_of([*cells[:quoted], [*cells[quoted], "7"], *cells[quoted + 1 :]]))


@pytest.mark.parametrize(
    ("name", "write"),
    [("rvu.csv", shaped.pprrvu_csv), ("rvu.txt", shaped.pprrvu_txt), ("gpci.csv", shaped.gpci_csv),
     ("oppscap.csv", shaped.oppscap_csv), ("oppscap.txt", shaped.oppscap_txt), ("anes.txt", shaped.anes_txt),
     ("zip5.txt", shaped.zip5_txt)],
)  # fmt: skip
def test_a_row_that_is_cut_short(name, write):
    lines = write().split(b"\r\n")
    row = max(place for place, line in enumerate(lines) if line[:1].isalnum() and b"MAC" not in line)
    with pytest.raises(BadValue, match=f"line {row + 1}"):
        read(name, b"\r\n".join([*lines[:row], lines[row][:-8]]))


def test_a_year_out_of_bounds():
    with pytest.raises(BadValue, match=r"first_year.*40000"):
        read("z.csv", shaped.zip_plus4_csv([("33301", "", "09102", "03", "40000", "9999")]))
    with pytest.raises(BadValue, match=r"first_year \(START_YEAR\) is '1889', where its column wants min 1990"):
        read("z.csv", shaped.zip_plus4_csv([("33301", "", "09102", "03", "1889", "9999")]))


def test_a_spreadsheet_that_is_none():
    for content in (b"", b"<html><title>Not here</title>", b"PK\x03\x04 and no more", shaped.zip_of({"a.txt": b"a"})):
        with pytest.raises(UnreadableFile, match=r"rvu\.xlsx"):
            read("rvu.xlsx", content)
    whole = shaped.pprrvu_xlsx()
    with pytest.raises(UnreadableFile, match="a zip that was cut short"):
        read("rvu.xlsx", whole[: len(whole) // 2])


def test_a_spreadsheet_that_reaches_too_far():
    for cell in ((99_999, 0), (20, 16_383)):
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream) as workbook:
            workbook.add_worksheet().write_string(*cell, "far")
        with pytest.raises(UnsafeArchive, match="cells beyond column BZ or row 99,999"):
            read("rvu.xlsx", stream.getvalue())


def test_a_spreadsheet_that_unpacks_to_too_much(monkeypatch):
    monkeypatch.setattr(reading, "BOUNDS", replace(reading.BOUNDS, unpacked=10_000))
    with pytest.raises(UnsafeArchive, match="unpacks to more than 10,000 bytes"):
        read("rvu.xlsx", shaped.pprrvu_xlsx())


def test_zips_that_are_none(tmp_path):
    path = tmp_path / "rvu25d.zip"
    whole = shaped.zip_of(shaped.release_members())
    for content, seen in (
        (b"<html><head><title>Sorry</title>", "an HTML page titled 'Sorry'"), (b"", "an empty file"),
        (whole[: len(whole) // 2], "a zip that was cut short"), (b"%PDF-1.7", "a PDF"),
    ):  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(UnreadableFile, match=seen):
            open_sources(path)


@pytest.mark.parametrize("name", ["../GPCI2025.csv", "/etc/GPCI2025.csv", "C:\\GPCI2025.csv", "a\\..\\..\\a.csv"])
def test_a_member_that_climbs_out(tmp_path, name):
    path = tmp_path / "rvu25d.zip"
    path.write_bytes(shaped.zip_of({name: shaped.gpci_csv()}))
    with pytest.raises(UnsafeArchive, match="climbs out"):
        open_sources(path)


def test_an_encrypted_member(tmp_path):
    whole = bytearray(shaped.zip_of({"GPCI2025.csv": shaped.gpci_csv()}))
    whole[6] |= 1  # the flag in the member's own header, and in the directory
    whole[whole.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "rvu25d.zip").write_bytes(whole)
    with pytest.raises(UnreadableFile, match="encrypted"):
        open_sources(tmp_path / "rvu25d.zip")


def test_damage_inside_a_member(tmp_path):
    whole = bytearray(shaped.zip_of({"GPCI2025.csv": shaped.gpci_csv()}))
    whole[100] ^= 0xFF
    (tmp_path / "rvu25d.zip").write_bytes(whole)
    with pytest.raises(UnreadableFile, match="damaged"):
        read_table(open_sources(tmp_path / "rvu25d.zip")[0].members[0])


def test_a_zip_or_gzip_that_unpacks_to_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr("feecalc.ingest.files.archive.MOST_BYTES", 100_000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("GPCI2025.csv", b"0" * 200_000)
    (tmp_path / "bomb.zip").write_bytes(stream.getvalue())
    with pytest.raises(UnsafeArchive, match="unpacks to 200,000 bytes"):
        open_sources(tmp_path / "bomb.zip")
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"0" * 200_000))
    with pytest.raises(UnsafeArchive, match="unpacks to more than 100,000 bytes"):
        read_table(open_sources(tmp_path / "bomb.csv.gz")[0].members[0])


def test_a_truncated_gzip(tmp_path):
    (tmp_path / "zip.csv.gz").write_bytes(gzip.compress(b"zip5,plus4\n" * 1000)[:-12])
    with pytest.raises(UnreadableFile, match="damaged or truncated gzip"):
        read_table(open_sources(tmp_path / "zip.csv.gz")[0].members[0])
