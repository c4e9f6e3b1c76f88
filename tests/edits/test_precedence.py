"""Where several rules say the same of a line one of them speaks: in a check and in a claim run alike."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import polars as pl
import pytest
from edits.made_up import lines, schedule, tables
from pricing.claims import made_up as priced

from feecalc.edits.checking import check
from feecalc.edits.listed import YIELDS, turn
from feecalc.edits.policies.loading import shipped_policies
from feecalc.edits.pricing import price_with_edits
from feecalc.edits.tables import EditTables
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.reference import rows
from feecalc.tables import Rvu

FACET = [("64493", "200.00", "000"), ("64494", "100.00", "ZZZ"), ("77003", "110.00", "ZZZ"), ("76942", "60.00", "XXX"),
         ("64635", "300.00", "010"), ("64636", "90.00", "ZZZ"), ("64633", "310.00", "010"), ("99152", "55.00", "XXX")]
ADD_ONS = [("1", "64494", "64493"), ("1", "77003", "62321"), ("1", "64636", "64635")]


@cache
def pricer() -> ClaimPricer:
    made = schedule()
    facet = [priced.row(code, fee, global_days=days) for code, fee, days in FACET]
    more = pl.DataFrame(facet, infer_schema_length=None)
    rvu = pl.concat([made.rvu, Rvu.validate(more.select(Rvu.column_names()), cast=True)])
    return ClaimPricer([ReleaseDays.of_year(replace(made, rvu=rvu))])


@cache
def facet_tables() -> EditTables:
    """The made-up tables, and rows as NCCI has them for facet work: imaging is an add-on of other codes."""
    made = tables()
    add_ons = pl.DataFrame(
        [
            {"edit_type": kind, "add_on": code, "primary": primary, "effective_from": date(2013, 4, 1), "note": ""}
            for kind, code, primary in ADD_ONS
        ]
    )
    pairs = pl.DataFrame(
        [
            {"column_1": "64493", "column_2": code, "effective_from": date(2010, 1, 1), "modifier_indicator": "1",
             "rationale": "in words"}
            for code in ("77003", "76942")
        ]
    )  # fmt: skip
    return replace(
        made,
        add_ons=pl.concat([made.add_ons, add_ons], how="diagonal"),
        pairs=pl.concat([made.pairs, pairs], how="diagonal"),
    )


def both(claims):
    """What a check finds, and what a claim run names, both as (row, rule)."""
    found = check(claims, pricer(), facet_tables()).found.filter(pl.col("severity") == "denies")
    _, _, denied = price_with_edits(claims, pricer(), facet_tables())
    return found.select("row", "rule").rows(), denied.select("row", "rule").rows()


def test_imaging_beside_a_facet_injection_is_said_once():
    """Add-on edit, NCCI pair and coverage policy all hold of 77003: the policy's remedy is the one to follow."""
    told, named = both(lines("64493-KX", "77003", diagnosis_1="M47.816"))
    assert told == named == [(1, "included_service")]


def test_other_imaging_is_said_once_too():
    told, named = both(lines("64493-KX", "76942", diagnosis_1="M47.816"))
    assert told == named == [(1, "included_service")]


def test_imaging_without_the_injection_is_an_add_on_alone():
    told, named = both(lines("OTHER", "77003"))
    assert told == named == [(1, "add_on_with_wrong_primary")]


def test_a_modifier_passes_the_policy_and_not_the_add_on_edit():
    """59 leaves a warning of the policy; the denial stands, as no primary of 77003 is there."""
    told, named = both(lines("64493-KX", "77003-59", diagnosis_1="M47.816"))
    assert told == named == [(1, "add_on_with_wrong_primary")]


@pytest.mark.parametrize("seed", range(15))
def test_a_run_names_a_rule_that_the_check_tells(seed):
    chance = random.Random(seed)
    codes = ["64493-KX", "64493-50", "64494", "64494-LT", "77003", "76942", "77003-59", "PRIM1", "IMAGE", "99213"]
    frames = [
        lines(
            *chance.choices(codes, k=chance.randint(1, 6)), claim_id=f"C{number}", beneficiary_id=f"B{number}",
            diagnosis_1=chance.choice(["M47.816", "M51.26"]),
        )
        for number in range(25)
    ]  # fmt: skip
    claims = pl.concat(frames, how="diagonal").with_columns(pl.col(pl.String).fill_null(""))
    told, named = both(claims)
    assert {row for row, _ in told} == {row for row, _ in named}
    assert set(named) <= set(told)


def test_every_rule_named_is_a_rule():
    known = {row["rule"] for row in rows("edit_rule")} | {row.rule for each in shipped_policies() for row in each.rules}
    assert {each for rule, stronger in YIELDS.items() for each in (rule, *stronger)} <= known
    assert all(turn(rule) > max(turn(each) for each in stronger) for rule, stronger in YIELDS.items())


def stakes(*given, **more):
    """The dollars at stake by line (from 0) and rule."""
    claims = lines(*given, diagnosis_1="M47.816", **more)
    found = check(claims, pricer(), facet_tables()).found
    return {(row, rule): amount for row, rule, amount in found.select("row", "rule", "amount_at_stake").rows()}


def test_levels_over_the_limit_are_at_stake_and_no_more():
    """Facility case 14: 64635 is level 1, three of 64636 are levels 2 to 4; two of the three at 90.00 are over."""
    assert stakes("64635", "64636 x3") == {(1, "levels_partly_over_limit"): Decimal("180.00")}
    assert stakes("64635-RT", "64636-RT x3") == {(1, "levels_partly_over_limit"): Decimal("180.00")}
    assert stakes("64635-RT", "64636-RT x2") == {(1, "levels_partly_over_limit"): Decimal("90.00")}
    # No side is said of the second and third level: were they on one side, one of the two would be over.
    assert stakes("64635", "64636 x2") == {(1, "levels_unclear"): Decimal("90.00")}
    # Both sides at first, then three joints on sides that are not said: one on each side may be level 2.
    assert stakes("64635-RT", "64635-LT", "64636 x3") == {(2, "levels_partly_over_limit"): Decimal("90.00")}


def test_sedation_has_its_own_dollars():
    assert stakes("64635-RT", "99152") == {(1, "sedation"): Decimal("55.00")}


def test_a_primary_of_the_policy_is_one_of_the_add_ons():
    """64636 beside 64633 is T12-L1 with L1-L2: CMS's list has 64635 alone as its primary."""
    of_cgs = {(0, "add_on_with_wrong_primary"), (1, "add_on_with_wrong_primary")}
    assert not of_cgs & set(stakes("64633-RT", "64636-RT"))
    assert (1, "one_region_elsewhere") in stakes("64633-RT", "64636-RT")  # the made-up contractor is none of those
    assert (1, "add_on_with_wrong_primary") in stakes("OTHER", "64636-RT")
