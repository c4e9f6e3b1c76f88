"""OPPSCAP of RVU25A to RVU25D against its own release: every row, both settings.

Each quarter prints 16,100 rows: 58 active rows (29 globals and 29 technical components) and 82 contractor-priced ones
(34 globals and 48 technical components) in 115 localities: the 109 of GPCI2025 and six of them once more, under 01112.
"""

from __future__ import annotations

import re
import zipfile

import polars as pl
import pytest

from feecalc.conformance import run
from feecalc.installed import open_schedule

QUARTERS = ("25A", "25B", "25C", "25D")
ACTIVE, CONTRACTOR = 58 * 115, 82 * 115
# OPPSCAP as text; RVU25A ships the spreadsheet only.
TEXTS = {"25B": "OPPSCAP_APR.txt", "25C": "OPPSCAP_JUL.txt", "25D": "OPPSCAP_Oct.txt"}


@pytest.mark.parametrize("quarter", QUARTERS)
def test_every_row_equals_its_release(year_2025, quarter):
    report = run(f"20{quarter}", store=year_2025)
    (comparison,) = report.comparisons
    assert (comparison.table, comparison.release) == ("oppscap", f"RVU{quarter}")
    active, contractor = comparison.by_status["A"], comparison.by_status["C"]
    assert (active.rows, active.equal) == (ACTIVE, ACTIVE) == (6_670, 6_670)
    assert (contractor.rows, contractor.equal) == (CONTRACTOR, CONTRACTOR) == (9_430, 9_430)
    assert list(comparison.by_status) == ["A", "C"]
    assert (comparison.count.different, comparison.count.not_computable) == (0, 0)
    assert report.agrees


@pytest.mark.parametrize(("quarter", "member"), TEXTS.items())
def test_the_text_holds_the_rows_counted_here(cms, quarter, member):
    with zipfile.ZipFile(cms / "zips" / f"rvu{quarter.lower()}.zip") as archive:
        text = archive.read(member).decode("latin-1")
    statuses = re.findall(r"^[0-9A-Z]{5}[ 0-9A-Z]{2} ([A-Z]) \d{5}  \d{2} ", text, re.MULTILINE)
    assert (statuses.count("A"), statuses.count("C"), len(statuses)) == (ACTIVE, CONTRACTOR, 16_100)


@pytest.mark.parametrize("quarter", QUARTERS)
def test_every_form_in_the_zip_agrees(cms, year_2025, quarter):
    report = run(f"20{quarter}", [cms / "zips" / f"rvu{quarter.lower()}.zip"], store=year_2025)
    assert len(report.comparisons) == (1 if quarter == "25A" else 3)
    assert all(comparison.count.equal == 16_100 for comparison in report.comparisons)


@pytest.mark.parametrize("quarter", QUARTERS)
def test_the_build_recomputed_it(year_2025, quarter):
    (check,) = [each for each in year_2025.manifest(f"RVU{quarter}").checks if each["check"] == "oppscap_amounts"]
    assert (check["checked"], check["failed"]) == (16_100, 0)


@pytest.mark.parametrize("quarter", QUARTERS)
def test_the_fee_table_is_capped_on_exactly_the_active_rows(year_2025, quarter):
    # In the 109 localities of GPCI: the office amounts are those printed, and no other row is below its own fee.
    printed = year_2025.read(f"RVU{quarter}", "oppscap").filter(pl.col("status_indicator") == "A")
    table = open_schedule(f"20{quarter}", home=year_2025.home).schedule.table()
    key = ["hcpcs", "modifier", "mac", "locality"]
    capped = table.filter(pl.col("nonfacility_amount") < pl.col("nonfacility_uncapped_amount"))
    assert capped.height == 58 * 109
    joined = capped.join(printed, on=key, how="inner", suffix="_printed")
    assert joined.height == 58 * 109
    assert joined["nonfacility_amount"].to_list() == joined["nonfacility_amount_printed"].to_list()
