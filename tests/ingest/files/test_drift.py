"""What CMS varies from file to file makes no difference to the table: each drift on its own, on small files."""

from dataclasses import replace
from decimal import Decimal

import cms_shaped as shaped
import polars as pl
import pytest
import xlsxwriter
from cms_shaped import AREAS, SERVICES

from feecalc.errors import BadValue, MissingRule
from feecalc.ingest.files.archive import Member
from feecalc.ingest.files.conversion import quick_family, read_table
from feecalc.tables import SCHEMAS


def read(name, content, **options):
    member = Member(name, lambda: content)
    found = read_table(member, **options)
    assert quick_family(member) == (found.table if found else None)
    return found


def figures(name, content):
    """The frame without the line, which is the one thing a form may change."""
    return read(name, content).frame.drop("source_line", strict=False)


RVU = figures("PPRRVU2025_Oct.csv", shaped.pprrvu_csv())


def test_the_shaped_file_reads_as_it_was_written():
    assert RVU.select("hcpcs", "modifier").rows() == [(row.hcpcs, row.modifier) for row in SERVICES]
    knee = RVU.row(by_predicate=pl.col("hcpcs") == "27447", named=True)
    assert knee == knee | {
        "work_rvu": Decimal("19.60"), "pe_rvu_nonfacility": Decimal("15.30"), "na_indicator_nonfacility": "NA",
        "total_rvu_facility": Decimal("38.88"), "global_days": "090", "preoperative_rate": Decimal("0.10"),
        "intraoperative_rate": Decimal("0.69"), "postoperative_rate": Decimal("0.21"), "mppr_indicator": "2",
        "bilateral_indicator": "1", "assistant_indicator": "2", "cosurgeon_indicator": "1", "team_indicator": "0",
        "conversion_factor": Decimal("32.3465"), "supervision_indicator": "09", "imaging_family": "99",
        "pricing_indicator": "", "endoscopic_base": "",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["rvu.txt", "rvu.xlsx", "rvu.csv"])
@pytest.mark.parametrize("pricing_column", [False, True])
def test_the_three_forms_of_the_relative_values_are_one(name, pricing_column):
    write = {"txt": shaped.pprrvu_txt, "xlsx": shaped.pprrvu_xlsx, "csv": shaped.pprrvu_csv}[name[4:]]
    expected = RVU.with_columns(pricing_indicator=pl.lit("9")) if pricing_column else RVU
    assert figures(name, write(pricing_column=pricing_column)).equals(expected)


@pytest.mark.parametrize(
    ("table", "names"),
    [("gpci", ("gpci_csv", "gpci_txt", "gpci_xlsx")), ("oppscap", ("oppscap_csv", "oppscap_txt", "oppscap_xlsx")),
     ("anesthesia", ("anes_csv", "anes_txt", "anes_xlsx")), ("county", ("locco_csv", "locco_txt", "locco_xlsx")),
     ("zip5", ("zip5_txt", "zip5_xlsx"))],
)  # fmt: skip
def test_the_forms_of_every_table_are_one(table, names):
    frames = []
    for name in names:
        content = getattr(shaped, name)(**({"year_quarter": "20254"} if table == "zip5" else {}))
        found = read(name.replace("_", "."), content, expected=table)
        assert found.table == table
        assert SCHEMAS[table].is_valid(found.frame)
        frames.append(found.frame)
    assert all(frame.equals(frames[0]) for frame in frames)


def test_moved_columns_are_no_change():
    cells = shaped.pprrvu_cells()
    turned = [list(reversed(row)) for row in cells]
    assert figures("rvu.csv", shaped.csv_of(turned)).equals(RVU)


@pytest.mark.parametrize("lines", [0, 1, 3, 20])
def test_the_banner_may_have_any_height(lines):
    cells = shaped.pprrvu_cells()
    banner = [["", "", f"line {number} of a banner"] for number in range(lines)]
    assert figures("rvu.csv", shaped.csv_of(banner + cells[4:])).equals(RVU)


def test_a_header_of_one_row_is_enough():
    labels = [" ".join(stack).strip() for stack in zip(*shaped.pprrvu_cells()[4:9], strict=True)]
    assert figures("rvu.csv", shaped.csv_of([labels, *shaped.pprrvu_cells()[9:]])).equals(RVU)


def test_a_header_cell_may_hold_line_ends():
    labels = ["\n".join(filter(str.strip, stack)) for stack in zip(*shaped.pprrvu_cells()[4:9], strict=True)]
    content = shaped.csv_of([labels, *shaped.pprrvu_cells()[9:]])
    assert b'"STATUS\nCODE"' in content
    found = read("rvu.csv", content)
    assert found.frame.drop("source_line").equals(RVU)
    assert found.frame["source_line"][0] == content[: content.index(b"00100")].count(b"\n") + 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end):
    assert figures("rvu.csv", shaped.csv_of(shaped.pprrvu_cells(), end=end)).equals(RVU)


def test_latin_1_utf_8_and_utf_16_bytes():
    services = (replace(SERVICES[0], description="Piqûre, façon A\xa0B"),)
    latin = shaped.pprrvu_csv(services)
    expected = "Piqûre, façon A B"
    for content in (latin, latin.decode("latin-1").encode("utf-8-sig"), latin.decode("latin-1").encode("utf-16")):
        assert figures("rvu.csv", content)["description"].to_list() == [expected]
    assert figures("rvu.txt", shaped.pprrvu_txt(services))["description"].to_list() == [expected]


def test_the_dos_end_mark_and_blank_lines_are_passed_over():
    for tail in (b"\x1a", b"\x1a,,,,\r\n", b"\r\n\r\n", b" , , ,\r\n", b",,\r\n,,\r\n\x1a\r\n"):
        assert figures("rvu.csv", shaped.pprrvu_csv() + tail).equals(RVU)
    for tail in (b"\x1a", b"\r\n", b"TRL the end\r\n\x1a"):
        assert figures("rvu.txt", shaped.pprrvu_txt() + tail).equals(RVU)


def test_footnotes_below_the_data_are_passed_over():
    notes = [["CPT codes are copyright words"], ["", "", "Note: more words"], ["* a mark, and words", "", "", "words"]]
    assert figures("rvu.csv", shaped.csv_of(shaped.pprrvu_cells() + notes)).equals(RVU)
    assert figures("rvu.xlsx", shaped.xlsx_of(shaped.pprrvu_cells() + notes)).equals(RVU)


def test_codes_get_their_zeros_back():
    cells = shaped.pprrvu_cells()
    for row in cells[9:]:
        row[0], row[14], row[25] = row[0].lstrip("0"), row[14].lstrip("0") or "0", row[25].lstrip("0")
    assert [cells[9][0], cells[10][14], cells[11][14], cells[9][25]] == ["100", "90", "0", "9"]
    assert figures("rvu.csv", shaped.csv_of(cells)).equals(RVU)


def test_an_unknown_column_is_said_and_not_read():
    column = ["", "", "", "", "", "", "", "NEW", "IND", *["7"] * len(SERVICES)]
    cells = [[*row, cell] for row, cell in zip(shaped.pprrvu_cells(), column, strict=True)]
    found = read("rvu.csv", shaped.csv_of(cells))
    assert found.notes == ("column 'NEW IND' is not one this version knows; it was not read",)
    assert found.frame.drop("source_line").equals(RVU)


def test_quoted_cells():
    words = ['A "quoted", 5" word', "a, b, c"]
    services = [replace(row, description=text) for row, text in zip(SERVICES, words, strict=False)]
    assert figures("rvu.csv", shaped.pprrvu_csv(services))["description"].to_list() == words


def test_the_float_noise_of_a_spreadsheet_is_not_a_digit():
    cells = shaped.pprrvu_cells(SERVICES[:2])
    cells[10][5] = "19.600000000000001"
    assert figures("rvu.xlsx", shaped.xlsx_of(cells))["work_rvu"][1] == Decimal("19.60")


@pytest.mark.parametrize(("columns", "year"), [(6, 2020), (7, 2025), (8, 2026)])
def test_gpci_with_six_seven_and_eight_columns(columns, year):
    found = read(f"GPCI{year}.csv", shaped.gpci_csv(year=year, columns=columns))
    assert found.frame["state"].to_list() == [area.state for area in AREAS]
    assert found.frame["locality_name"].to_list() == [area.name.rstrip("*") for area in AREAS]
    unfloored = [Decimal(area.unfloored) if columns == 8 else None for area in AREAS]
    assert found.frame["work_gpci_unfloored"].to_list() == unfloored
    assert found.frame["work_gpci"].to_list() == [Decimal(area.work) for area in AREAS]
    assert found.facts == {"year": str(year), "prints_floor": "both" if columns == 8 else "with"}


def test_a_locality_whose_state_nobody_knows():
    content = shaped.gpci_csv([replace(AREAS[0], mac="00510", name="SOMEWHERE")], year=2019, columns=6)
    with pytest.raises(MissingRule, match=r"line 4.*00510-00.*locality_state\.toml"):
        read("GPCI2019.csv", content)


@pytest.mark.parametrize("write", [shaped.locco_csv, shaped.locco_txt, shaped.locco_xlsx])
def test_a_state_is_never_carried_into_the_next(write):
    name = f"25LOCCO.{write.__name__[6:]}"
    # California's state is left out altogether, as in CMS's text; Alaska stands above it.
    areas = [replace(area, state_name="CALIFORNIA" if area.locality == "18" else area.state_name) for area in AREAS]
    county = read(name, write(areas)).frame
    assert county["state_name"].to_list() == ["ALABAMA", "ALASKA", "CALIFORNIA", "CALIFORNIA", *["FLORIDA"] * 3]
    assert county["fee_schedule_area"].to_list() == [area.area for area in AREAS]


def test_what_the_banner_and_the_name_say():
    found = read("PPRRVU2026_Jul_QPP.csv", shaped.pprrvu_csv(year=2026, month="July", factor="33.5675"))
    assert found.facts == {
        "year": "2026", "month": "JUL", "released": "09/11/2026", "track": "qp", "conversion_factor": "33.5675",
    }  # fmt: skip
    assert read("PPRRVU2026_Jul_nonQPP.csv", shaped.pprrvu_csv()).facts["track"] == "other"
    assert "track" not in read("PPRRVU2025_Oct.csv", shaped.pprrvu_csv()).facts
    assert read("ANES2025.csv", shaped.anes_csv()).facts == {"year": "2025", "national_conversion_factor": "20.3178"}
    assert read("ZIP5_OCT2025.txt", shaped.zip5_txt()).facts == {"year_quarter": "20254"}


def test_zip9_fills_the_table_of_zip_plus4():
    rows = [("FL", "33301", "09102", "03", "0001"), ("FL", "33301", "09102", "04", "0002")]
    found = read("ZIP9_OCT2025.txt", shaped.zip9_txt(rows))
    assert found.table == "zip_plus4"
    assert found.frame.rows() == [
        ("33301", "0001", "09102", "03", 2025, 9999),
        ("33301", "0002", "09102", "04", 2025, 9999),
    ]
    assert found.facts == {"year_quarter": "20254"}
    years = read("zip4.csv", shaped.zip_plus4_csv([("33301", "", "09102", "03", "2020", "9999")]))
    assert years.frame.rows() == [("33301", "", "09102", "03", 2020, 9999)]


def test_base_units_and_payment_amounts():
    units = read("base_units.xlsx", shaped.base_units_xlsx([("00100", "5"), ("01999", "0")]))
    assert units.frame.rows() == [("00100", 5), ("01999", 0)]
    assert units.facts == {"year": "2022"}
    amounts = read("PFALL25D.txt", shaped.payment_amount_txt([("09102", "04", "99213", "", "A", "95.12", "66.01")] * 2))
    assert amounts.frame.height == 2
    assert amounts.frame.row(0, named=True)["nonfacility_amount"] == Decimal("95.12")


def test_another_kind_of_file_is_none():
    for name, content in (
        ("notes.txt", b"Some words.\n\nAnd more, of them.\n"),
        ("claims.csv", b"claim,hcpcs,units\n1,99213,1\n"),
        ("empty.csv", b""),
        ("empty.txt", b"\x1a"),
        ("other.xlsx", shaped.xlsx_of([["a", "b"], ["1", "2"]])),
    ):
        assert read(name, content) is None


def test_the_second_sheet_may_be_the_table(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "two.xlsx") as workbook:
        workbook.add_worksheet("Notes").write_string(0, 0, "words")
        sheet = workbook.add_worksheet("GPCI")
        for place, row in enumerate(shaped.gpci_cells()):
            sheet.write_row(place, 0, row)
    found = read("two.xlsx", (tmp_path / "two.xlsx").read_bytes())
    assert found.frame.equals(figures("GPCI2025.csv", shaped.gpci_csv()))
    assert found.notes == ("sheet 'GPCI' was read and not 'Notes'",)


def test_footnote_marks_on_codes_and_figures_are_passed_over_and_counted():
    """An index "1.500**" is the index and a code "64493**" the code; a damaged figure is neither."""
    services = [replace(row, hcpcs="64493**", work="1.52*") if row.hcpcs == "64493" else row for row in SERVICES]
    found = read("PPRRVU2025_Oct.csv", pprrvu_with(services, "64493**"))
    row = found.frame.row(by_predicate=pl.col("hcpcs") == "64493", named=True)
    assert row["work_rvu"] == Decimal("1.52")
    assert "work_rvu: the footnote marks on 1 of its cells were passed over" in found.notes
    areas = [replace(AREAS[1], work="1.500**"), *AREAS[2:]]
    indices = read("GPCI2025.csv", shaped.gpci_csv(areas))
    assert indices.frame["work_gpci"][0] == Decimal("1.500")
    with pytest.raises(BadValue, match=r"work_rvu \(WORK RVU\) is not a number"):
        read("PPRRVU2025_Oct.csv", pprrvu_with([replace(SERVICES[4], work="1.*52", total_nonfacility="5.32",
                                                         total_facility="2.73")], "64493"))  # fmt: skip


def pprrvu_with(services, code):
    """PPRRVU of the services; a marked figure adds up to the totals of the plain one."""
    whole = {row.hcpcs: row for row in SERVICES}
    plain = whole[code.rstrip("*")]
    rows = [
        row
        if row.hcpcs not in (code, plain.hcpcs) or row.total_nonfacility
        else replace(row, total_nonfacility=plain.total("nonfacility"), total_facility=plain.total("facility"))
        for row in services
    ]
    return shaped.pprrvu_csv(rows)
