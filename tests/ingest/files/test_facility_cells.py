"""Cells of the facility files that are new in form: more decimals, words for figures, marks, unknown indicators.

None of them stops a file: what can be read is read, and the rest is noted with its count.
"""

from decimal import Decimal

import cms_shaped as shaped
import polars as pl
import pytest
from cms_shaped.facility import ANCILLARY, ASC, OFFSETS, OPPS

from feecalc.errors import BadValue
from feecalc.ingest.files.archive import Member
from feecalc.ingest.files.conversion import read_table

D = Decimal


def read(name, content):
    return read_table(Member(name, lambda: content))


def drug(rate, code="J0001", **cells):
    """A row of Addendum B: a drug at a rate, as printed."""
    named = {"status": "K", "apc": "9001", "weight": "", "minimum": "$0.01", "percent": "", **cells}
    return (code, named["status"], named["apc"], named["weight"], rate, "", named["minimum"], named["percent"], "")


@pytest.mark.parametrize("rate", ["0.0474", "10.5545", "2045.70195", "0.000001", "0.106382978723"])
def test_a_rate_is_kept_with_every_decimal_in_every_file(rate):
    """OPPS Addendum B of January 2020 and 2022 to 2024 printed four and five decimals for up to thirty drugs."""
    header = ["APC", "Group Title", "SI", "Relative Weight", "Payment Rate", "National Unadjusted Copayment"]
    files = {
        "B.csv": (shaped.csv_of(shaped.opps_cells([*OPPS, drug(f"${rate}")])), "payment_rate"),
        "A.csv": (shaped.csv_of([header, ["9001", "Made up", "K", "", f"${rate}", ""]]), "payment_rate"),
        "AA.csv": (shaped.csv_of(shaped.asc_cells([*ASC, ("10001", "Y", "G2", rate, rate)])), "payment_rate"),
        "BB.csv": (shaped.csv_of(shaped.ancillary_cells([*ANCILLARY, ("J0001", "", "K2", rate, rate, rate)])),
                   "adjusted_copayment"),
        "FF.csv": (shaped.csv_of(shaped.device_offset_cells([*OFFSETS, ("20001", "J8", "", "1%", "2", "1%", rate)])),
                   "device_offset_amount"),
    }  # fmt: skip
    for name, (content, column) in files.items():
        found = read(name, content)
        assert (found.frame[column][-1], found.notes) == (D(rate), found.notes[:1] if name == "BB.csv" else ()), name


def test_a_workbook_keeps_decimals_and_not_the_noise_of_its_numbers():
    """0.1 + 0.2 in a workbook is 0.30000000000000004, and means 0.3."""
    rows = [drug("2045.70195"), drug(repr(0.1 + 0.2), "J0002"), drug("0.0474", "J0003")]
    found = read("b.xlsx", shaped.xlsx_of(shaped.opps_cells(rows), numbers={5}))
    assert found.frame["payment_rate"].to_list() == [D("2045.70195"), D("0.3"), D("0.0474")]
    assert found.notes == ()


def test_digits_beyond_the_twelfth_are_rounded_and_that_is_noted():
    rows = [*OPPS, drug(repr(5 / 47))]  # 0.10638297872340426
    found = read("B.csv", shaped.csv_of(shaped.opps_cells(rows)))
    assert found.frame["payment_rate"][-1] == D("0.106382978723")
    assert found.notes == (
        "payment_rate (PAYMENT RATE) of 1 row (J0001 '0.10638297872340426'): kept to 12 decimals",
    )


def test_a_wage_index_of_more_decimals():
    cells = [["CBSA", "CBSA Name", "WI26"], ["01", "ALABAMA", "0.64715"], ["33124", "Miami, FL", "1.0001"]]
    found = read("wage_index_2026.csv", shaped.csv_of(cells))
    assert found.frame["wage_index"].to_list() == [D("0.64715"), D("1.0001")]
    cells = [["CBSA", "effectiveDate", "geographicWageIndex", "reclassifiedWageIndex", "imputedFloorWageIndex", "name"],
             ["33124", "20260101", "0.948812", "", "0", "Miami, FL"]]  # fmt: skip
    found = read("cbsa.csv", shaped.csv_of(cells))
    assert found.frame.select("wage_index", "imputed_floor").rows() == [(D("0.948812"), None)]


@pytest.mark.parametrize("said", ["TBD", "N/A", "$", "See note 3", "$1,95.27", "12.3.4"])
def test_a_cell_that_is_no_figure_stays_out_of_its_row(said):
    found = read("B.csv", shaped.csv_of(shaped.opps_cells([*OPPS, drug(said)])))
    row = found.frame.filter(hcpcs="J0001").row(0, named=True)
    assert (row["payment_rate"], row["minimum_copayment"]) == (None, D("0.01"))
    assert row["unread"] == f"payment_rate '{said}'"
    assert found.notes == (f"payment_rate (PAYMENT RATE) of 1 row (J0001 {said!r}): no figure; was not used",)
    assert found.frame.filter(hcpcs="64490").row(0, named=True)["unread"] == ""


def test_words_where_an_apc_stands_stay_out_of_the_row_too():
    found = read("B.csv", shaped.csv_of(shaped.opps_cells([*OPPS, drug("$1.00", apc="N/A")])))
    row = found.frame.filter(hcpcs="J0001").row(0, named=True)
    assert (row["apc"], row["payment_rate"], row["unread"]) == ("", D("1.00"), "apc 'N/A'")
    assert found.notes == ("apc (APC) of 1 row (J0001 'N/A'): no number; was not used",)
    pairs = shaped.complexity_cells()
    pairs[2][7] = "N/A"  # of an add-on code
    found = read("J.csv", shaped.csv_of(pairs))
    assert found.frame["secondary_apc"].to_list() == ["", "5431"]


def test_cells_that_are_no_figures_are_counted_by_column():
    rows = [drug("TBD", f"J000{number}", minimum="pending", percent="tbd") for number in range(1, 6)]
    found = read("B.csv", shaped.csv_of(shaped.opps_cells([*OPPS, *rows])))
    assert found.frame["unread"][-1] == "payment_rate 'TBD'; minimum_copayment 'pending'; ira_coinsurance_rate 'tbd'"
    columns = ["payment_rate", "minimum_copayment", "ira_coinsurance_rate"]
    assert [note.split(" (")[0] for note in found.notes] == columns
    assert "of 5 rows (J0001 'TBD', J0002 'TBD', J0003 'TBD', ...)" in found.notes[0]


def test_a_column_without_a_single_figure_is_refused():
    """Then it is not the column it seems to be."""
    with pytest.raises(BadValue, match=r"payment_rate \(PAYMENT RATE\) is not a number"):
        read("B.csv", shaped.csv_of(shaped.opps_cells([drug("TBD"), drug("TBD", "J0002")])))


def test_footnote_marks_on_figures_and_indicators_are_passed_over():
    rows = [*OPPS, drug("$10.25*"), drug("$3.10 \u00b9", "J0002", status="K*", percent="20.000%\u00b2")]
    found = read("B.csv", shaped.csv_of(shaped.opps_cells(rows)))
    last = found.frame.tail(2)
    assert last["payment_rate"].to_list() == [D("10.25"), D("3.10")]
    assert last["status_indicator"].to_list() == ["K", "K"]
    assert last["ira_coinsurance_rate"].to_list() == [None, D("0.2")]
    assert set(found.notes) == {
        "payment_rate: the footnote marks on 2 of its cells were passed over",
        "ira_coinsurance_rate: the footnote marks on 1 of its cells were passed over",
        "status_indicator: the footnote marks on 1 of its cells were passed over",
    }


def test_an_indicator_that_is_new_is_read_as_it_is_printed():
    rows = [drug("$127.14", "A2001", status="S1"), drug("$1.00", "A2002", status="q1"), drug("", "A2003", status="")]
    found = read("B.csv", shaped.csv_of(shaped.opps_cells([*OPPS, *rows])))
    assert found.frame["status_indicator"].to_list()[-3:] == ["S1", "Q1", ""]
    rows = [*ASC, ("10001", "x", "ZZ9", "1", "$2.00")]
    found = read("AA.csv", shaped.csv_of(shaped.asc_cells(rows)))
    assert found.frame.row(-1, named=True)["payment_indicator"] == "ZZ9"
    assert found.frame.row(-1, named=True)["multiple_procedure"] == "X"


RANKS = ["HCPCS", "Short Descriptor", "SI", "APC Assignment", "APC Geometric Mean Cost of Single J1 Unit Claims",
         "Full Claim Population Service Frequency", "Single J1 Unit Claim Service Frequency",
         "Geometric Mean Cost of Single J1 Unit Claims", "Rank Used for Primary Assignment"]  # fmt: skip


def test_a_row_without_the_figure_it_cannot_do_without_is_left_out_and_noted():
    rows = [["20001", "a", "J1", "5431", "$1.00", "10", "9", "$1.00", "1"],
            ["20002", "b", "J1", "5431", "n/a", "n/a", "9", "$1.00", "N/A"]]  # fmt: skip
    found = read("ranks.csv", shaped.csv_of([RANKS, *rows]))
    assert found.frame["hcpcs"].to_list() == ["20001"]
    rank = "rank (RANK USED FOR PRIMARY ASSIGNMENT) of 1 row (20002 'N/A')"
    assert f"{rank}: no figure; these rows were left out" in found.notes
    with pytest.raises(BadValue, match=r"20002: rank .* is not a number of at most 0 decimals: '1x'"):
        read("ranks.csv", shaped.csv_of([RANKS, rows[0], [*rows[1][:-1], "1x"]]))


def test_a_figure_below_zero_is_refused():
    with pytest.raises(BadValue, match=r"J0001: payment_rate \(PAYMENT RATE\) is negative: '-1.00'"):
        read("B.csv", shaped.csv_of(shaped.opps_cells([*OPPS, drug("-1.00")])))


def test_the_decimals_of_a_table_are_those_of_the_arithmetic():
    from feecalc.facility import amounts
    from feecalc.tables import SCHEMAS, cells

    assert (amounts.RATE_PLACES, amounts.INDEX_PLACES) == (cells.FIGURE_PLACES, cells.INDEX_FIGURE_PLACES)
    tables = ("opps", "apc", "asc", "asc_ancillary")
    kinds = {column.dtype for table in tables for column in SCHEMAS[table].columns().values()}
    assert {kind.scale for kind in kinds if isinstance(kind, pl.Decimal)} == {amounts.RATE_PLACES}
