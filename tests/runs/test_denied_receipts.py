"""The receipt of a line that an edit denies: its price without the edit, then the denial."""

import random
from decimal import Decimal

import polars as pl
import pytest
from edits.made_up import lines, tables
from edits.test_against_oracle import some_claims
from edits.test_pricing import pricer

from feecalc.edits.pricing import EditedPricer, edited_batches
from feecalc.runs.receipts.claim_receipts import explained_lines


def told(claims):
    edited = EditedPricer(pricer(), tables(), policies=())
    priced = pl.concat(edited_batches(claims.lazy(), edited, claims.height))
    return priced, list(explained_lines(pricer(), priced, edited))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("deductible", [None, "120.00"])
def test_the_steps_lead_to_the_amount_without_the_edits_and_then_to_nothing(seed, deductible):
    claims = some_claims(random.Random(seed), 20).sort("beneficiary_id", "claim_id", maintain_order=True)
    claims = claims.with_columns(billed_amount=pl.lit("9.00").cast(pl.Decimal(12, 2)))
    if deductible:
        claims = claims.with_columns(deductible_left=pl.lit(deductible).cast(pl.Decimal(12, 2)))
    priced, explained = told(claims)
    assert len(explained) == priced.height
    denied = 0
    for row, line in zip(priced.iter_rows(named=True), explained, strict=True):
        if row["pricing_status"] != "denied_by_edit":
            continue
        denied += 1
        price = [step for step in line.steps if step.name != "edit"]
        edits = [step for step in line.steps if step.name == "edit"]
        before = price[-1].after if price else None  # pricing itself refuses it: no amount to begin with
        assert edits[0].before == before == row["allowed_amount_without_edits"]
        assert [step.after for step in edits] == [Decimal("0.00")] * len(edits)
        assert edits[0].detail.startswith(f"denied by {row['denied_by']}")
        assert all("Remedy: " in step.detail and step.source for step in edits)
        assert not price or line.row["hcpcs"] == line.asked["hcpcs"]
        assert line.results["allowed_amount"] == 0
        assert line.payment == ()
        told_of = [(each.group, each.carc, each.rarc, each.amount) for each in line.adjustments]
        has_notice = "GA" in {row[f"modifier_{number}"] for number in range(1, 5) if f"modifier_{number}" in row}
        group = "OA" if row["carc"] == "18" else "PR" if row["carc"] == "50" and has_notice else "CO"
        assert told_of == ([(group, row["carc"], row["rarc"], Decimal("9.00"))] if row["carc"] else [])
        code = f"{group}-{row['carc']} {row['rarc']}".strip()
        assert row["adjustments"] == (f"{code} 9.00" if row["carc"] else None)
    assert denied


def test_two_edits_are_two_steps_and_the_named_one_comes_first():
    """TESTS is never paid beside PRIM1, and its 3 units are one more than a line may have: 10.00 at stake each unit."""
    _, explained = told(lines("PRIM1", "TESTS x3"))
    edits = [step for step in explained[1].steps if step.name == "edit"]
    assert [step.detail.split(" ")[2] for step in edits] == ["mue_line", "ncci_pair_never"]
    assert [(str(step.before), str(step.after)) for step in edits] == [("30.00", "0.00"), ("0.00", "0.00")]
    assert "CARC 151, RARC N362" in edits[0].detail


def test_without_edits_nothing_changes():
    """A line that no edit denies is explained as ever."""
    _, explained = told(lines("PRIM1"))
    assert [step.name for step in explained[0].steps] == ["fee schedule amount"]
