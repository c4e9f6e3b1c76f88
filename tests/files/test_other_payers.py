"""Lines whose payer is none by Medicare's schedule are said, where the file's payer column names them."""

import pytest

from feecalc.files.headings import recognize
from feecalc.files.opening import open_file
from feecalc.files.other_payers import other_payers

HEADINGS = "Claim #,Svc Date,CPT,POS,Locality"


def told(tmp_path, payers, heading="Payer"):
    path = tmp_path / "claims.csv"
    rows = [f'{number},07/06/2026,99213,11,"Miami, FL",{payer}' for number, payer in enumerate(payers, 1)]
    path.write_text("\n".join([f"{HEADINGS},{heading}", *rows]) + "\n")
    file = open_file(path, ())
    return other_payers(file, recognize(file.headings, None))


COMP = ["Travelers Workers' Comp", "WORKERS COMPENSATION", "Work Comp - FL", "WC", "Workmans Comp"]


@pytest.mark.parametrize("name", COMP)
def test_workers_compensation(tmp_path, name):
    (said,) = told(tmp_path, ["Medicare", name, name])
    assert said.startswith("2 lines are workers' compensation by the column Payer (")
    assert name in said
    assert "Medicare's amounts do not apply to it, a state's fee schedule does" in said
    assert "fee table" in said


def test_automobile_insurance_and_both(tmp_path):
    said = told(tmp_path, ["Auto", "No-Fault NY", "State Farm AUTO", "wc", ""])
    assert [each.split(" by ")[0] for each in said] == [
        "1 line is workers' compensation", "3 lines are automobile insurance",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Medicare", "Aetna", "Automated Benefits", "NWC Health", "Pipefitters 597", ""])
def test_others_are_not(tmp_path, name):
    assert told(tmp_path, [name]) == []


def test_a_file_without_payers(tmp_path):
    assert told(tmp_path, ["WC"], heading="Room") == []
