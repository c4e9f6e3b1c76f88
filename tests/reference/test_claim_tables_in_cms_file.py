"""The tables of claim pricing against CMS's relative value file of October 2025: split tests, and every indicator."""

import csv
import io
import re
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from feecalc.errors import MissingRule
from feecalc.reference import row_on, rows, rows_on

DAY = date(2025, 7, 1)
ALL = {"0", "1", "2", "9"}


@pytest.mark.parametrize(
    ("hcpcs", "technical"),
    [("93000", ["93005"]), ("93015", ["93017"]), ("93224", ["93225", "93226"]), ("93268", ["93270", "93271"])],
)
def test_technical_sister(hcpcs, technical):
    assert row_on("technical_sister", DAY, hcpcs=hcpcs)["technical"] == technical


def test_the_patch_monitors_of_2021_have_no_sisters_before():
    with pytest.raises(MissingRule):
        row_on("technical_sister", date(2020, 12, 31), hcpcs="93241")


@pytest.fixture(scope="module")
def relative_values(cms):
    """Rows of the October 2025 relative value file by code and modifier."""
    with zipfile.ZipFile(cms / "zips" / "rvu25d.zip") as archive:
        text = archive.read("PPRRVU2025_Oct.csv").decode("latin-1")
    table = [row for row in csv.reader(io.StringIO(text, newline="")) if len(row) > 30]
    return {(row[0], row[1]): row for row in table if re.fullmatch(r"[0-9A-Z]{5}", row[0]) and row[0] != "HCPCS"}


def test_a_split_test_is_the_sum_of_its_codes(relative_values):
    total, pctc = 11, 13
    for row in rows("technical_sister"):
        whole = relative_values[row["hcpcs"], ""]
        technical = [relative_values[code, ""] for code in row["technical"]]
        professional = [relative_values[code, ""] for code in row["professional"]]
        assert whole[pctc] == "4"
        assert ({each[pctc] for each in technical}, {each[pctc] for each in professional}) == ({"3"}, {"2"})
        assert Decimal(whole[total]) == sum(Decimal(each[total]) for each in technical + professional), row


def test_every_reduced_split_test_has_its_sisters(relative_values):
    pctc, several, status = 13, 18, 3
    reduced = {
        code
        for (code, _), row in relative_values.items()
        if (row[pctc], row[several], row[status]) == ("4", "6", "A")
    }
    assert reduced
    assert reduced <= {row["hcpcs"] for row in rows_on("technical_sister", DAY)}


@pytest.mark.parametrize(
    ("column", "known"),
    [
        (18, set(row_on("pfs_indicator", DAY, column="mppr_indicator")["values"])),
        (19, {row["bilateral_indicator"] for row in rows("bilateral")}),
        (20, ALL),
        (21, ALL),
        (22, ALL),
    ],
    ids=["multiple", "bilateral", "assistant", "cosurgeon", "team"],
)
def test_every_indicator_of_the_file_is_known(relative_values, column, known):
    assert {row[column] for row in relative_values.values()} <= known
