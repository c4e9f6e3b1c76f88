"""CMS's Addendum B beside the composites: every code of status Q3 is one composite's, so that none is passed over."""

import csv
from datetime import date

import pytest

from feecalc import reference
from feecalc.facility.rules import spans

FILES = ("January_2024_Web_Addendum_B.csv", "January_2025_Web_Addendum_B.csv", "October_2025_Web_Addendum_B.csv")


@pytest.mark.parametrize("name", FILES)
def test_every_code_of_status_q3_is_one_composites(cms, name):
    with (cms / "opps" / name).open(encoding="latin-1") as file:
        listed = [row[0] for row in csv.reader(file) if len(row) > 3 and row[2].strip() == "Q3"]
    rows = reference.rows_on("opps_composite", date(2025, 10, 1))
    found = {code: [row["said"] for row in rows if any(one <= code <= two for one, two in spans(row["codes"]))]
             for code in listed}  # fmt: skip
    assert len(found) == 182
    assert {code: said for code, said in found.items() if len(said) != 1} == {}
