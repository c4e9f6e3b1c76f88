"""Prices with the denials applied and without: the same as pricing all lines twice, and no other lines are denied."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import polars as pl
import pytest
from edits.made_up import lines, schedule, tables
from edits.test_against_oracle import some_claims
from polars.testing import assert_frame_equal

from feecalc.edits.checking import check, denied, denied_rows
from feecalc.edits.coding.unpaid import rule_of_status
from feecalc.edits.pricing import ADDED, EditedPricer, edited_claims, price_with_edits
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.results import COLUMNS

OTHER_CODES = ("group", "carc", "rarc", "adjustments")  # of a line that an edit denies: the edit's own


@cache
def pricer():
    """The surgeries rank among each other: what one pays turns on the others that are paid."""
    ranked = pl.when(pl.col("hcpcs").is_in(["PRIM1", "PRIM2", "MAJOR"])).then(pl.lit("2")).otherwise("mppr_indicator")
    made = schedule()
    ranking = replace(made, rvu=made.rvu.with_columns(ranked.alias("mppr_indicator")))
    return ClaimPricer([ReleaseDays.of_year(ranking)])


def plainly(frame):
    return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))


def priced_twice(claims):
    """Without the denials, and with those of the edits: what pricing refuses itself is left to it."""
    findings = check(claims, pricer(), tables(), policies=()).found
    by_edit = ~pl.col("rule").is_in(list(rule_of_status().values()))
    rows = findings.filter(pl.col("severity") == "denies", by_edit)["row"].unique()
    gone = claims.with_columns(denied=pl.int_range(pl.len()).is_in(rows.to_list()))
    return pricer().price(claims), pricer().price(gone)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", ["as they come", "mixed", "with a deductible"])
def test_as_if_priced_twice(seed, kind):
    claims = some_claims(random.Random(seed), 25)
    if kind == "mixed":
        claims = claims.sample(fraction=1, shuffle=True, seed=seed)
    if kind == "with a deductible":
        claims = claims.with_columns(deductible_left=pl.lit("150.00").cast(pl.Decimal(12, 2)))
    without, with_, found = price_with_edits(claims, pricer(), tables(), policies=())
    before, after = priced_twice(claims)
    assert_frame_equal(plainly(without), plainly(before))
    assert_frame_equal(plainly(with_.drop(OTHER_CODES)), plainly(after.drop(OTHER_CODES)))
    findings = check(claims, pricer(), tables(), policies=()).found.filter(pl.col("severity") == "denies")
    assert found["row"].to_list() == denied_rows(check(claims, pricer(), tables(), policies=())).to_list()
    told = set(findings.select("row", "rule", "carc", "rarc").rows())
    assert set(found.rows()) <= told


@pytest.mark.parametrize("seed", range(25))
def test_the_denied_dollars_are_those_of_a_check(seed):
    """Line by line: what a check puts at stake on a denied line is what a run without the edits allows for it.

    Where that is 0.00 although the line could have been paid (an add-on whose primary is gone), its fee is at stake;
    where pricing itself has no amount, neither has the check.
    """
    claims = some_claims(random.Random(700 + seed), 25)
    findings = check(claims, pricer(), tables(), policies=())
    denies = findings.found.filter(pl.col("severity") == "denies").group_by("row").agg(pl.col("amount_at_stake").max())
    without, with_, found = price_with_edits(claims, pricer(), tables(), policies=())
    assert sorted(denies["row"]) == found["row"].to_list()
    refused = without["pricing_status"].cast(pl.String) != "priced"
    stakes = []
    for row, stake in denies.rows():
        allowed = without["allowed_amount"][row]
        expected = without["fee_schedule_amount"][row] if refused[row] and allowed == 0 else allowed
        assert stake == expected, (row, claims.row(row))
        stakes += [] if stake is None else [stake]
    assert findings.amount_denied()["amount"][0] == (sum(stakes, Decimal(0)) if stakes or not denies.height else None)
    # and the run pays nothing for any of them
    assert with_["allowed_amount"].gather(denies["row"]).fill_null(0).sum() == 0


def test_a_denied_line_has_the_codes_of_its_rule():
    claims = lines("PRIM1", "IMAGE")
    _, with_, found = price_with_edits(claims, pricer(), tables(), policies=())
    assert found.rows() == [(1, "ncci_pair", "236", "")]
    last = plainly(with_).row(1, named=True)
    assert (last["pricing_status"], str(last["allowed_amount"])) == ("denied_by_edit", "0.00")
    assert (last["group"], last["carc"], last["rarc"]) == ("CO", "236", "")
    assert last["adjustments"] is None  # no charge is given


def test_all_of_a_denied_charge_has_the_code_of_its_rule():
    claims = lines("PRIM1", "IMAGE").with_columns(billed_amount=pl.lit("75.50").cast(pl.Decimal(12, 2)))
    _, with_, _ = price_with_edits(claims, pricer(), tables(), policies=())
    assert plainly(with_)["adjustments"][1] == "CO-236 75.50"


def test_a_lazy_frame(tmp_path):
    """In batches of a few lines, written and read: row for row what one batch gives."""
    claims = some_claims(random.Random(3), 60).sort("beneficiary_id", "claim_id", maintain_order=True)
    edited = EditedPricer(pricer(), tables(), policies=())
    edited_claims(claims.lazy(), edited, lines=50).sink_parquet(tmp_path / "out.parquet")
    written = pl.read_parquet(tmp_path / "out.parquet")
    without, with_, found = price_with_edits(claims, pricer(), tables(), policies=())
    assert_frame_equal(plainly(written.select(COLUMNS)), plainly(with_))
    assert written.columns == [*claims.columns, *COLUMNS, *ADDED]
    assert written["allowed_amount_without_edits"].to_list() == without["allowed_amount"].to_list()
    named = written.with_row_index("row").drop_nulls("denied_by").select("row", pl.col("denied_by").cast(pl.String))
    assert named.rows() == found.select("row", "rule").rows()


def test_an_add_on_falls_with_its_primary():
    """PRIM1 twice a day is denied (1 unit a day): ADDN1, which leans on it, and ADDN2, which leans on ADDN1, fall."""
    claims = lines("PRIM1 x2", "ADDN1", "ADDN2")
    findings = check(claims, pricer(), tables(), policies=()).found
    assert findings.select("row", "rule").rows() == [
        (0, "mue_day"), (1, "add_on_primary_denied"), (2, "add_on_primary_denied"),
    ]  # fmt: skip
    assert "PRIM1" in findings["detail"][1]
    assert denied(claims, pricer(), tables(), policies=()).to_list() == [0, 1, 2]


@pytest.mark.parametrize("primary", ["PRIM1-GZ", "PRIM1-26", "PRIM1-ZZ"])
def test_an_add_on_falls_with_a_primary_that_pricing_refuses(primary):
    """Beside another service NCCI's list decides; alone, pricing itself says that no primary is paid."""
    for beside, rule in ((["OTHER"], "add_on_primary_denied"), ([], "add_on_unpaired")):
        claims = lines(primary, "ADDN1", *beside)
        found = check(claims, pricer(), tables(), policies=()).found
        assert [each for row, each in found.select("row", "rule").rows() if row == 1] == [rule]
        assert denied(claims, pricer(), tables(), policies=()).to_list() == [0, 1]


def test_an_add_on_beside_another_primary_stays():
    claims = lines("PRIM1", "IMAGE", "ADDN3")
    found = check(claims, pricer(), tables(), policies=()).found
    assert (2, "add_on_primary_denied") not in found.select("row", "rule").rows()
    day = date(2025, 6, 30)  # ADDN1 has both primaries then
    claims = lines("PRIM1 x2", "PRIM2", "ADDN1", date_of_service=day)
    assert denied(claims, pricer(), tables(), policies=()).to_list() == [0]


def test_what_a_denied_line_would_have_paid_beside_others():
    """Less than alone, as the surgery of 900 ranks first: the whole day is priced, not the denied line by itself."""
    claims = lines("PRIM1 x2", "MAJOR", "TESTS")
    without, with_, _ = price_with_edits(claims, pricer(), tables(), policies=())
    assert without["allowed_amount"].to_list() == pricer().price(claims)["allowed_amount"].to_list()
    alone = pricer().price(claims.head(1))["allowed_amount"][0]
    assert without["allowed_amount"][0] < alone
    assert [str(each) for each in with_["allowed_amount"].head(2)] == ["0.00", "900.00"]
