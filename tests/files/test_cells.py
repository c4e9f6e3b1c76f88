"""What a cell means, form by form. Expected values are what a person reads in the cell."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from feecalc.files import cells
from feecalc.files.claim_lines import LineDefaults, claim_lines
from feecalc.files.headings import recognize
from feecalc.files.opening import open_file
from feecalc.files.places import Places

DAY = date(2026, 3, 4)
DAYS = [
    ("2026-03-04", DAY),
    ("2026-3-4", DAY),
    ("2026/03/04", DAY),
    ("03/04/2026", DAY),  # month first
    ("3/4/2026", DAY),
    ("3/4/26", DAY),
    ("3-4-2026", DAY),
    ("3.4.2026", DAY),
    ("12/31/99", date(1999, 12, 31)),
    ("20260304", DAY),
    ("20260304.0", DAY),
    ("03042026", DAY),
    ("2026-03-04 00:00:00", DAY),
    ("2026-03-04T13:45:00.000Z", DAY),
    ("3/4/2026 12:00:00 AM", DAY),
    ("04-Mar-2026", DAY),
    ("4-MAR-26", DAY),
    ("4 March 2026", DAY),
    ("Mar 4, 2026", DAY),
    ("March 4 2026", DAY),
    ("46085", DAY),  # days since 1899-12-30: 2026-01-01 is 46,023; and 31 + 28 + 3
    ("46085.0", DAY),
    (" 2026-03-04 ", DAY),
    ("13/04/2026", None),  # no thirteenth month, and no guess that it was meant day first
    ("2026-02-30", None),
    ("2/29/2025", None),
    ("0026-03-04", None),
    ("2926-03-04", None),
    ("03/04/2026-03/05/2026", None),
    ("soon", None),
    ("7", None),
    ("22-1-4", None),  # two digits before and one behind: which is the year is not guessed
    ("4608\u0665", None),  # a digit of another script is no number of a spreadsheet, and no reason to refuse the file
    ("", None),
]
AMOUNTS = [
    ("1234.5", "1234.50"),
    ("$1,234.50", "1234.50"),
    ("1,234,567.89", "1234567.89"),
    (" 12 ", "12.00"),
    ("12.", "12.00"),
    (".5", "0.50"),
    ("0", "0.00"),
    ("12.500", "12.50"),
    ("+12", "12.00"),
    ("$ 12", "12.00"),
    ("(12.00)", "-12.00"),
    ("($12)", "-12.00"),
    ("-12", "-12.00"),
    ("-$12.00", "-12.00"),
    ("$-12.00", "-12.00"),
    ("12.00-", "-12.00"),
    ("9999999999.99", "9999999999.99"),
    ("12.345", None),
    ("12,5", None),  # not 125, and not 12.50 either
    ("1,23", None),
    ("1.234,50", None),
    ("99999999999", None),
    ("1e3", None),
    ("abc", None),
    (".", None),
    ("-", None),
    ("()", None),
]


@pytest.mark.parametrize("together", [True, False])
def test_dates_in_every_usual_form_also_mixed(column, together):
    written = [cell for cell, _ in DAYS]
    batches = [written] if together else [[cell] for cell in written]
    read = [day for batch in batches for day in column("date_of_service", batch)]
    assert dict(zip(written, read, strict=True)) == dict(DAYS)


def test_amounts_are_exact(column):
    written = [cell for cell, _ in AMOUNTS]
    expected = {cell: None if amount is None else Decimal(amount) for cell, amount in AMOUNTS}
    assert dict(zip(written, column("billed_amount", written), strict=True)) == expected


def test_an_amount_that_cannot_be_read_is_flagged_and_its_line_refused(column):
    written = ["12.00", "abc", "", "12,5"]
    assert column("billed_amount", written, "billed_unreadable") == [False, True, False, True]
    assert column("billed_amount", written, "units") == [1, None, 1, None]
    assert column("billed_amount", written, "intake_reason")[1] == "billed_amount cannot be read as an amount: 'abc'"


def test_deductible_left_and_yes_or_no_that_cannot_be_read_are_refused(column):
    assert column("deductible_left", ["", "10", "x"], "deductible_left") == [Decimal(0), Decimal(10), Decimal(0)]
    assert column("deductible_left", ["", "10", "x"], "units") == [1, 1, None]
    assert column("qp", ["", "Y", "maybe"], "intake_reason") == [None, None, "qp cannot be read as Y or N: 'maybe'"]


def test_whole_numbers(column):
    written = ["1", "2.0", " 3 ", "0", "-1", "1.5", "1e2", "x", "99999999999", "", " "]
    assert column("units", written) == [1, 2, 3, 0, -1, None, None, None, None, 1, 1]  # a blank is one unit
    assert column("minutes", ["45", "45.0", "", "x"]) == [45, 45, None, None]
    assert column("postoperative_days", ["30", "", "x"]) == [30, None, -1]  # -1: no day of any global period
    assert column("line", ["2", "x", ""]) == [2, 0, 0]


def test_codes_get_their_zeros_and_capitals(column):
    written = ["99213", " g0105 ", "99213.0", "100", "0213t", "1234567", "G1", ""]
    assert column("hcpcs", written) == ["99213", "G0105", "99213", "00100", "0213T", "1234567", "G1", ""]
    assert column("place_of_service", ["11", "2", "2.0", "", "office"]) == ["11", "02", "02", "", "OFFICE"]
    assert column("modifier_1", ["26", "tc", "26.0", " 59", ""]) == ["26", "TC", "26", "59", ""]
    assert column("provider_type", ["NP", "", " pa "]) == ["np", "physician", "pa"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("26,59", ["26", "59", "", ""]),
        ("26 59", ["26", "59", "", ""]),
        ("26-59", ["26", "59", "", ""]),
        ("26;lt", ["26", "LT", "", ""]),
        ("2659", ["26", "59", "", ""]),
        ("26.0", ["26", "", "", ""]),
        (",26", ["26", "", "", ""]),
        ("26,59,RT,76", ["26", "59", "RT", "76"]),
        ("26,59,RT,76,LT", ["26", "59", "RT", "76 LT"]),  # a fifth is not dropped: the fourth is then unknown
        ("26,5", ["26", "5", "", ""]),
        ("", ["", "", "", ""]),
    ],
)
def test_one_cell_of_modifiers_is_split(column, cell, expected):
    assert [column("modifiers", [cell, "XX"], f"modifier_{place}")[0] for place in range(1, 5)] == expected


def test_yes_and_no(column):
    written = ["Y", "n", "Yes", "NO", "true", "F", "1", "0", "1.0", ""]
    assert column("participating", written) == [True, False, True, False, True, False, True, False, True, True]
    assert column("qp", ["Y", ""]) == [True, False]


def test_floats_of_a_spreadsheet_are_whole_cents_or_nothing():
    amounts = pl.DataFrame({"x": [98.1, 98.10000000000001, -0.05, 0.0, 98.125, 1e300, float("nan"), None]})
    read = amounts.select(x=cells.money("x", pl.Float64()))["x"].to_list()
    assert read == [Decimal("98.10"), Decimal("98.10"), Decimal("-0.05"), Decimal(0), None, None, None, None]


def test_decimals_of_another_scale_are_exact_or_nothing(tmp_path, schedule):
    frame = pl.DataFrame({"Charge": [Decimal("1.500"), Decimal("1.505")], "CPT": ["64493"] * 2})
    frame.write_parquet(tmp_path / "c.parquet")
    file = open_file(tmp_path / "c.parquet")
    given = LineDefaults(locality="miami", day=DAY, place_of_service="11")
    read = claim_lines(file, recognize(file.headings), given, Places([schedule])).collect()
    assert read["billed_amount"].to_list() == [Decimal("1.50"), None]
    assert read["billed_unreadable"].to_list() == [False, True]
