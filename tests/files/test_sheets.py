"""Workbooks: what each kind of column is written and shown as, wherever the table comes from."""

import io
import re
from datetime import date, datetime
from decimal import Decimal
from zipfile import ZipFile

import fastexcel
import polars as pl
import pytest

from feecalc.cli.terminal.output_files import write_table
from feecalc.errors import InvalidValue
from feecalc.files import sheets
from feecalc.files.sheets import new_workbook, number_format
from feecalc.files.writing import appended
from feecalc.ui.shared.exports import xlsx_bytes

KINDS = {
    "hcpcs": pl.String(),
    "year": pl.Int32(),
    "units": pl.Int64(),
    "amount": pl.Decimal(12, 2),
    "gpci": pl.Decimal(6, 3),
    "factor": pl.Decimal(9, 4),
    "rate": pl.Decimal(22, 8),
    "share": pl.Float64(),
    "covered": pl.Boolean(),
    "day": pl.Date(),
}
ROW = (
    "00100", 2027, 1200, Decimal("1190.50"), Decimal("1.041"), Decimal("1.5000"), Decimal("0.12500000"), 0.25, True,
    date(2026, 8, 3),
)  # fmt: skip
TABLE = pl.DataFrame([ROW], schema=KINDS, orient="row")
BUILT_IN = {"0": "General", "1": "0", "3": "#,##0", "4": "#,##0.00"}  # numbers of formats that the file format has


def parts(content):
    with ZipFile(io.BytesIO(content)) as book:
        return [book.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "styles")]


def formats_of_row_2(content):
    """Return the format of each cell of the first row below the headings, by its column's letter."""
    sheet, styles = parts(content)
    numbers = re.findall(r'numFmtId="(\d+)"', styles.split("<cellXfs")[1])
    custom = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]+)"', styles))
    used = dict(re.findall(r'<c r="(\w)2"(?: s="(\d+)")?', sheet))
    known = BUILT_IN | custom
    return {cell: known[numbers[int(style or 0)]] for cell, style in used.items()}


def by_a_command(tmp_path):
    write_table(TABLE, tmp_path / "fees.xlsx")
    return (tmp_path / "fees.xlsx").read_bytes()


def by_a_page(_):
    return xlsx_bytes(TABLE, {"Release": "RVU26C"})


def by_a_claim_run(tmp_path):
    with appended(tmp_path / "claims.xlsx", TABLE.schema) as sink:
        sink.append(TABLE)
    return (tmp_path / "claims.xlsx").read_bytes()


WAYS = [by_a_command, by_a_page, by_a_claim_run]


@pytest.mark.parametrize("way", WAYS)
def test_money_and_indices_have_all_their_places_and_a_year_is_bare(tmp_path, way):
    shown = formats_of_row_2(way(tmp_path))
    expected = {
        "A": "General", "B": "0", "C": "#,##0", "D": "#,##0.00", "E": "#,##0.000", "F": "#,##0.0000",
        "G": "#,##0.00######", "H": "#,##0.00##", "I": "General", "J": "yyyy-mm-dd",
    }  # fmt: skip
    if way is by_a_claim_run:  # a whole number of a person's file may be an NPI
        expected["C"] = "General"
    assert shown == expected


@pytest.mark.parametrize("way", WAYS)
def test_cells_are_what_they_are_and_the_headings_stay_in_sight(tmp_path, way):
    content = way(tmp_path)
    read = fastexcel.read_excel(content).load_sheet(0).to_polars()
    assert read.columns == list(KINDS)
    assert read.row(0) == ("00100", 2027, 1200, 1190.5, 1.041, 1.5, 0.125, 0.25, True, datetime(2026, 8, 3))
    sheet = parts(content)[0]
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    # A heading's letters, eight at least, and two more.
    widths = [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', sheet)]
    assert min(widths) > 10


def test_facts_stand_on_a_sheet_of_their_own():
    book = fastexcel.read_excel(xlsx_bytes(TABLE, {"Release": "RVU26C", "Where": "Miami, FL"}))
    assert book.sheet_names == ["table", "about"]
    about = book.load_sheet("about", header_row=None).to_polars()
    assert about.rows() == [("Release", "RVU26C"), ("Where", "Miami, FL")]


def test_no_text_becomes_a_formula_or_a_number(tmp_path):
    texts = ["=1+1", "+cmd", "@x", "007", "http://x.org", "1e5"]
    write_table(pl.DataFrame({"text": texts}), tmp_path / "a.xlsx")
    content = (tmp_path / "a.xlsx").read_bytes()
    assert fastexcel.read_excel(content).load_sheet(0).to_polars()["text"].to_list() == texts
    assert "<f>" not in parts(content)[0]


def test_what_a_sheet_has_no_cell_for_is_text_or_an_error_value(tmp_path):
    table = pl.DataFrame({"day": [date(1850, 1, 31), None], "ratio": [float("nan"), float("inf")]})
    write_table(table, tmp_path / "a.xlsx")
    sheet = parts((tmp_path / "a.xlsx").read_bytes())[0]
    assert "1850-01-31" in sheet
    assert "#NUM!" in sheet
    assert "#DIV/0!" in sheet


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(sheets, "SHEET_ROWS", 3)
    with new_workbook(io.BytesIO(), "out.xlsx") as book:
        rows = book.sheet("claims", {"n": pl.Int32()})
        rows.append(pl.DataFrame({"n": [1, 2]}))
        with pytest.raises(InvalidValue, match=r"^out.xlsx: a spreadsheet holds 3 lines, and there are more"):
            rows.append(pl.DataFrame({"n": [3, 4]}))


def test_decimals_of_one_place_or_none_are_shown_with_cents():
    assert number_format("rate", pl.Decimal(9, 1)) == number_format("rate", pl.Decimal(9, 0)) == "#,##0.00"
