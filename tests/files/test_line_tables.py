"""The contracts of the tables of lines: what breaks one is named, and a claim line that does is not priced."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from feecalc.errors import BadValue
from feecalc.files import cells, history, remittance
from feecalc.files.claim_lines import LINE_COLUMNS, LineDefaults, claim_lines
from feecalc.files.headings import recognize
from feecalc.files.line_tables import (
    ClaimLine,
    FacilityLine,
    HistoryLine,
    PaidLine,
    VolumeRow,
    checked,
    columns_of,
    keeps_claim_line,
    with_types,
)
from feecalc.files.opening import open_file
from feecalc.files.places import Places

GOOD = {
    "claim_id": "A", "line": 1, "date_of_service": date(2026, 8, 3), "hcpcs": "64493", "place_of_service": "11",
    "mac": "09102", "locality": "04", "units": 1, "billed_amount": Decimal("400.00"), "deductible_left": Decimal(0),
    "provider_type": "physician", "participating": True, "qp": False, "billed_unreadable": False,
    "beneficiary_id": "", "billing_npi": "", "rendering_npi": "", "specialty": "",
    **dict.fromkeys(cells.MODIFIERS, ""),
}  # fmt: skip


def claim_line(**changed):
    return pl.DataFrame([GOOD | changed], schema=columns_of(ClaimLine))


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({}, True),
        ({"units": None, "date_of_service": None, "billed_amount": None, "minutes": None}, True),
        ({"mac": "", "locality": "", "intake_reason": "no locality is given"}, True),
        ({"billed_amount": None, "billed_unreadable": True}, True),
        ({"claim_id": ""}, False),
        ({"claim_id": None}, False),
        ({"hcpcs": None}, False),
        ({"modifier_3": None}, False),
        ({"participating": None}, False),
        ({"deductible_left": None}, False),
        ({"locality": ""}, False),
        ({"mac": "", "locality": ""}, False),  # of no locality, and it does not say why
        ({"billed_unreadable": True}, False),  # an amount that could not be read is none
    ],
)
def test_the_rules_of_a_claim_line(changed, kept):
    lines = claim_line(**changed)
    assert lines.select(keeps_claim_line()).to_series().to_list() == [kept]
    assert ClaimLine.is_valid(lines) == kept


def test_a_claim_line_that_a_reader_got_wrong_is_not_priced(write, schedule, monkeypatch):
    path = write("CPT,DOS,POS,Locality\n64493,2026-08-03,11,Miami\n20610,2026-08-03,11,Miami\n")

    def lines():
        file = open_file(path)
        return claim_lines(file, recognize(file.headings), LineDefaults(), Places([schedule])).collect()

    assert lines().select("units", "intake_reason").rows() == [(1, None), (1, None)]
    right = cells.hcpcs
    monkeypatch.setattr(cells, "hcpcs", lambda column: right(column).replace("20610", None))
    (first, second) = lines().select("units", "intake_reason").rows()
    assert first == (1, None)
    assert second == (None, "read as what no claim line is: a fault of feecalc, please report it")


def test_a_broken_rule_is_named_and_counted_and_no_cell_is_quoted():
    rows = pl.DataFrame(
        [("SECRET", date(2026, 8, 3), "64493", 1, "", "", "", "", ""), ("", date(2026, 8, 3), "64493", 1, *[""] * 5)],
        schema=columns_of(HistoryLine), orient="row",
    )  # fmt: skip
    assert checked(HistoryLine, rows.head(1), "h.csv").height == 1
    with pytest.raises(BadValue, match=r"^h.csv: .* beneficiary_id\|min_length \(1 lines\)") as error:
        checked(HistoryLine, rows, "h.csv")
    assert "SECRET" not in str(error.value)


@pytest.mark.parametrize("contract", [ClaimLine, FacilityLine, VolumeRow, PaidLine, HistoryLine])
def test_a_column_of_another_type_or_none_is_named(contract):
    empty = pl.DataFrame(schema=columns_of(contract)).with_columns(pl.lit(1).alias("input:Other"))
    assert with_types(contract, empty, "f.csv") is empty
    name = contract.column_names()[-1]
    for wrong in (empty.drop(name), empty.with_columns(pl.lit(1, pl.Int8).alias(name)).lazy()):
        with pytest.raises(BadValue, match=f"^f.csv: the column {name} of its lines is (none|Int8), not "):
            with_types(contract, wrong, "f.csv")


def test_readers_hold_to_their_tables(write, monkeypatch):
    assert dict(LINE_COLUMNS) == columns_of(ClaimLine)
    path = write("Patient ID,DOS,CPT\np1,2026-03-04,64493\n")
    assert HistoryLine.is_valid(history.read_history(path, ["64493"]).lines)
    right = cells.whole
    monkeypatch.setattr(cells, "whole", lambda column, kind: right(column, kind).replace(2, None).cast(pl.Int64))
    with pytest.raises(BadValue, match="the column units of its lines is Int64, not Int32"):
        history.read_history(write("Patient ID,DOS,CPT,Units\np1,2026-03-04,64493,2\n"), ["64493"])


def test_what_a_payer_allowed_is_the_amount_or_else_what_it_paid():
    columns = {"Allowed": ["100.00", ""], "Paid": ["80.00", "70.00"], "PR": ["20.00", "5"]}
    lines = pl.DataFrame({f"input:{heading}": column for heading, column in columns.items()})
    names = {"payer_allowed": "Allowed", "payer_paid": "Paid", "patient_amount": "PR"}
    paid = remittance.with_paid(lines, names)
    assert paid["payer_amount"].to_list() == [Decimal("100.00"), Decimal("75.00")]  # 70.00 and the patient's 5.00
    assert PaidLine.is_valid(paid.select(PaidLine.column_names()))
    wrong = paid.with_columns(pl.col("payer_amount") + 1).cast({"payer_amount": pl.Decimal(18, 2)})
    with pytest.raises(BadValue, match=r"payment_is_allowed_or_paid \(2 lines\)"):
        checked(PaidLine, wrong, "the remittance")
