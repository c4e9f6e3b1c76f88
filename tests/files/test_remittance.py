"""What a payer did with each line: the columns of a remittance found, its amounts read as those of any file."""

from decimal import Decimal

import polars as pl
import pytest

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files.remittance import paid_columns, with_paid

D = Decimal


def test_a_heading_that_is_our_name_goes_before_a_usual_one():
    assert paid_columns(["Paid", "payer_paid"]) == {"payer_paid": "payer_paid"}
    assert paid_columns(["Allowed", "Paid"], taken=["Allowed"]) == {"payer_paid": "Paid"}
    with pytest.raises(InvalidValue, match="2 columns could be payer_paid: Paid, Ins Paid; rename"):
        paid_columns(["Ins Paid", "Paid"])
    with pytest.raises(MissingColumn, match="The file's headings: CPT, Charge"):
        paid_columns(["CPT", "Charge"])


def test_the_payers_amount_is_what_it_allowed_or_what_it_paid_and_left():
    lines = pl.DataFrame(
        {
            "input:Allowed": ["$120.00", "", "", "soon"],
            "input:Paid": ["90", "80.50", "70", ""],
            "input:PR": ["24", "20.00", "", "1"],
            "input:CARC": [" 45 ", None, "", "97"],
        }
    )
    columns = {"payer_allowed": "Allowed", "payer_paid": "Paid", "patient_amount": "PR", "payer_reason": "CARC"}
    found = with_paid(lines, columns)
    assert found["payer_amount"].to_list() == [D("120.00"), D("100.50"), D("70.00"), None]
    assert found["payer_reason"].to_list() == ["45", "", "", "97"]
    bare = with_paid(lines, {"payer_paid": "Paid"})
    assert bare["payer_amount"].to_list() == [D("90.00"), D("80.50"), D("70.00"), None]
    assert bare["patient_amount"].null_count() == 4
