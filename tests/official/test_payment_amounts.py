"""PFREV4_2025.txt, CMS's own payment amounts of the October 2025 revision, against RVU25D: every row, both settings.

The file holds seven pairs of code and modifier in all 109 localities, each row twice: 7 x 109 x 2 = 1,526 rows and four
lines of copyright.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from feecalc.conformance import run
from feecalc.installed import open_schedule

ROWS = 1_526


def lines(cms) -> list[str]:
    """The data lines of the file, read with nothing of the project's."""
    text = (cms / "pfrev" / "PFREV4_2025.txt").read_text(encoding="latin-1")
    return [line for line in text.splitlines() if line.startswith('"2025"')]


def test_the_file_holds_what_its_lines_say(cms):
    assert len(lines(cms)) == 7 * 109 * 2 == ROWS


def test_every_row_equals_rvu25d_in_both_settings(cms, year_2025):
    report = run("2025D", [cms / "pfrev" / "PFREV4_2025.txt"], store=year_2025)
    (comparison,) = report.comparisons
    assert (comparison.table, comparison.release, comparison.source) == ("payment_amount", "RVU25D", "PFREV4_2025.txt")
    for count in (comparison.count, comparison.by_setting["nonfacility"], comparison.by_setting["facility"]):
        assert (count.rows, count.equal, count.different, count.not_computable) == (ROWS, ROWS, 0, 0)
    assert report.agrees


def test_the_release_is_chosen_by_the_files_year(cms, year_2025):
    report = run(files=[cms / "pfrev" / "PFREV4_2025.txt"], store=year_2025)
    assert report.comparisons[0].release == "RVU25D"
    assert report.notices == (
        "PFREV4_2025.txt prints amounts of 2025: compared with RVU25D, the newest installed release of that year",
    )


def test_the_fee_table_prints_the_same_amounts(cms, year_2025):
    # The lines are split here by their quotes, and looked up in the table a person gets: another way to the same rows.
    printed = pl.DataFrame(
        [line.strip('"').split('","') for line in lines(cms)],
        orient="row",
        schema=[
            "year", "mac", "locality", "hcpcs", "modifier", "nonfacility", "facility", "filler", "pctc", "status",
            "mppr", "therapy_nonfacility", "therapy_facility", "opps", "opps_nonfacility", "opps_facility",
        ],
    ).with_columns(pl.col("modifier").str.strip_chars())  # fmt: skip
    schedule = open_schedule("2025D", home=year_2025.home).schedule
    table = schedule.table(codes=printed["hcpcs"].unique().to_list())
    joined = printed.join(table, on=["hcpcs", "modifier", "mac", "locality"], how="left")
    assert joined.height == ROWS
    for setting in ("nonfacility", "facility"):
        expected = [Decimal(amount) for amount in joined[setting]]
        assert joined[f"{setting}_uncapped_amount"].to_list() == expected
