"""Text that a spreadsheet would run is written as text; all else as it is."""

import polars as pl
import pytest

from feecalc.files.formula_text import guarded, guarded_text


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://x","y")', "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd", "+1-305-555-0100",
        "\t=1+1", "\r=1", "-A1", "--1", "-(1)",
    ],
)  # fmt: skip
def test_what_would_run_gets_an_apostrophe(text):
    assert guarded_text(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["", "-", "+", "-12.50", "+3", "-$1,200.00", "-5 %", "A=1", "a@b", "64493", "'=1", "~", "µ"],
)  # fmt: skip
def test_what_would_not_stays(text):
    assert guarded_text(text) == text


def test_other_columns_and_nulls_stay():
    frame = pl.DataFrame({"text": ["=1", None, "x"], "number": [-1, 2, 3]})
    found = guarded(frame)
    assert found["text"].to_list() == ["'=1", None, "x"]
    assert found["number"].to_list() == [-1, 2, 3]
    assert found.schema == frame.schema
