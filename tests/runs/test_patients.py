"""Batches never part a patient, however the file's lines lie, and receipts of a scattered file are made in parts."""

import polars as pl
import pytest

from feecalc.runs.check_report import CheckWanted
from feecalc.runs.checking import run_check
from feecalc.runs.edit_tables import open_edits
from feecalc.runs.price import RunOutputs, run_claims
from feecalc.runs.reading import patient_batches, patient_parts, read_claims
from feecalc.runs.receipts import claim_receipts

HEADINGS = "claim_id,beneficiary_id,hcpcs,date_of_service,pos,locality,mod,dx\n"
LINES = [f"C{patient:03},P{patient},64493,2026-08-03,11,09102-04,KX,M47.816\n" for patient in range(60)] + [
    f"C{patient:03},P{patient},{code},2026-08-03,11,09102-04,KX,M47.816\n"
    for patient in range(60)
    for code in ("64494", "77003")
]  # each patient's lines stand apart


def frame(rows):
    return pl.DataFrame({"claim_id": [str(row) for row in rows], "beneficiary_id": [""] * len(rows)})


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("rows", [[1, 1, 2, 2, 2, 3], [3, 1, 2, 1, 3, 2, 2], []])
def test_no_batch_parts_a_patient_and_no_line_is_lost(rows, size):
    batches = list(patient_batches(frame(rows).lazy(), size))
    assert sorted(each for batch in batches for each in batch["claim_id"]) == sorted(map(str, rows))
    seen = [each for batch in batches for each in batch["claim_id"].unique()]
    assert len(seen) == len(set(seen))


def test_a_claim_of_two_patients_is_not_parted():
    shared = pl.DataFrame({"claim_id": ["A", "B", "A", "B"] * 9, "beneficiary_id": ["1", "2", "3", "4"] * 9})
    (whole,) = patient_parts(shared, 2)
    assert whole.equals(shared)


def test_receipts_of_a_scattered_file_are_explained_in_parts(write, tmp_path, monkeypatch):
    path, asked = write(HEADINGS + "".join(LINES)), []
    explain = claim_receipts.explain

    def told(pricer, priced):
        asked.append(priced.height)
        return explain(pricer, priced)

    whole = run_claims(read_claims(path), RunOutputs(receipts=tmp_path / "whole"))
    monkeypatch.setattr(claim_receipts, "explain", told)
    monkeypatch.setattr(claim_receipts, "RECEIPT_LINES", 20)
    parts = run_claims(read_claims(path), RunOutputs(receipts=tmp_path / "parts"))
    assert max(asked) <= 40 < sum(asked) == len(LINES)
    assert whole.written.popitem()[1] == parts.written.popitem()[1] == 60
    texts = [{each.name: each.read_text() for each in (tmp_path / name).iterdir()} for name in ("whole", "parts")]
    assert texts[0] == texts[1]


def test_a_check_finds_the_same_however_the_lines_lie(write, monkeypatch):
    """Each patient's 77003 is part of its 64493: 60 findings, in the file's order."""
    from feecalc.runs import checking

    found = []
    for lines, size in ((LINES, 1 << 17), (LINES, 10), (sorted(LINES), 10)):
        monkeypatch.setattr(checking, "LINES", size)
        read = read_claims(write(HEADINGS + "".join(lines)), edits=True)
        report = run_check(read, open_edits(read), CheckWanted())
        found.append(report.found.select("claim_id", "hcpcs", "rule", "amount_at_stake").rows())
        assert (report.claims, report.answers["denied"], report.stakes["denies"].lines) == (60, 60, 60)
    assert found[0] == found[1] == found[2]
    assert [each[0] for each in found[0]] == [f"C{patient:03}" for patient in range(60)]
