"""Headings that are a code's or a count's only where the file has no better one."""

import polars as pl
import pytest

from feecalc.cli.volumes import volume_of
from feecalc.files.headings import looked_for, recognize
from feecalc.installed import open_schedule

CODES = ["Code", "CODES", "CPT", "CPT Code", "Proc", "Procedure Code", "HCPCS"]
COUNTS = ["Count", "Qty", "Volume", "vol.", "Units", "Annual Units", "# of Units", "Frequency", "Cases"]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("count", COUNTS)
def test_a_volume_by_any_usual_name(tmp_path, code, count):
    path = tmp_path / "volume.csv"
    path.write_text(f"A title,\n{code},{count}\n99213,12\n64493,3\n")
    schedule = open_schedule("2026C", home=tmp_path / "none").schedule
    found = volume_of(path, [schedule], "national")
    assert found.select("hcpcs", pl.col("units")).rows() == [("99213", 12), ("64493", 3)]


def test_a_better_name_goes_first_and_the_other_is_left_alone():
    found = recognize(["Code", "CPT", "Count", "Units"])
    assert (found.theirs["hcpcs"], found.theirs["units"]) == ("CPT", "Units")
    assert recognize(["Code", "Count"]).theirs == {"hcpcs": "Code", "units": "Count"}


def test_what_a_person_said_goes_first():
    assert recognize(["Code", "Count"], {"Code": ""}).theirs == {"units": "Count"}


def test_what_is_looked_for_is_told():
    assert looked_for("hcpcs").startswith("hcpcs: hcpcs, CPT, CPT Code,")
