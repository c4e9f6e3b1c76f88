"""What a check answers of a line and a claim: never sound where a line could not be looked at; and the same dollars as
a claim run with the edits.
"""

import random
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from edits.made_up import checked, lines, pricer, schedule, tables
from edits.test_against_oracle import some_claims
from edits.test_precedence import facet_tables
from edits.test_precedence import pricer as facet_pricer

from feecalc.edits import listed
from feecalc.edits.answers import ANSWERS, without_policy
from feecalc.edits.checking import check
from feecalc.edits.coding.unpaid import BILLS, rule_of_status
from feecalc.edits.policies.documentation import MENDS
from feecalc.edits.pricing import price_with_edits
from feecalc.edits.tables import EditTables
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.reference import rows
from feecalc.runs.check_report import CheckReport


def answers(*given, **more):
    found = checked(lines(*given, **more))
    return found.answers.lines["answer"].to_list(), found.claims["answer"].to_list(), found


def test_the_worst_line_answers_for_the_claim():
    by_line, by_claim, found = answers("99213", "PRIM2", "OTHER")  # a visit beside a procedure of 10 days, without 25
    assert by_line == ["denied", "nothing found", "nothing found"]
    assert by_claim == ["denied"]
    assert not found.clean


def test_a_sound_claim_looked_at_by_all_lists_is_clean():
    by_line, by_claim, found = answers("PRIM1-50", "99213-25")
    assert (set(by_line), by_claim, found.clean) == ({"nothing found"}, ["nothing found"], True)
    assert {"NCCI pairs", "medically unlikely units", "add-on codes", "duplicates"} <= set(found.looked_at_by)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"place_of_service": "98"}, "place of service"),
        ({"locality": "77"}, "locality"),
        ({"units": 0}, "units"),
        ({"date_of_service": None}, "date"),
    ],
)
def test_what_cannot_be_priced_as_written_was_not_looked_at(more, words):
    claims = lines("OTHER", "PRIM1").with_columns(
        pl.when(pl.col("line") == 1).then(pl.lit(value)).otherwise(pl.col(name)).cast(lines("OTHER").schema[name])
        .alias(name) for name, value in more.items()
    )  # fmt: skip
    found = checked(claims)
    assert found.answers.lines["answer"].to_list() == ["not looked at", "nothing found"]
    assert found.claims.rows() == [("C1", "not looked at", 2, 1)]
    (gap,) = found.answers.gaps.rows(named=True)
    assert (gap["claim_id"], gap["line"]) == ("C1", 1)
    assert words in gap["why"]
    assert gap["remedy"]
    assert not found.clean


def test_a_list_that_is_not_installed_is_no_clean_bill():
    found = check(lines("OTHER"), pricer(), replace(tables(), pairs=None), policies=())
    assert found.answers.lines["answer"].to_list() == ["nothing found"]
    assert found.not_installed == ("NCCI pairs",)
    assert "NCCI pairs" not in found.looked_at_by
    assert not found.clean


def test_the_quarter_of_each_list_is_named():
    made = replace(tables(), files=("NCCI_PAIR-20243", "MUE-20243", "MUE-20244", "ADD_ON-20262"))
    by = check(lines("OTHER"), pricer(), made, policies=()).looked_at_by
    assert {"NCCI pairs of 2024Q3", "medically unlikely units of 2024Q3 to 2024Q4", "add-on codes of 2026Q2"} <= set(by)


def test_whose_list_it_was_is_named():
    files = ("NCCI_PAIR_HOSPITAL-20264-F1", "NCCI_PAIR_HOSPITAL-20264-F2", "MUE-20243")
    made = replace(tables(), files=files, of_hospitals=frozenset({"ncci_pair"}))
    by = check(lines("OTHER"), pricer(), made, policies=()).looked_at_by
    assert {"hospitals' NCCI pairs of 2026Q4", "medically unlikely units of 2024Q3"} <= set(by)


def test_a_file_in_parts_has_its_quarter_too():
    made = replace(tables(), files=("NCCI_PAIR-20262-F1", "NCCI_PAIR-20262-F2", "MUE-20262", "ASC-2026"))
    by = check(lines("OTHER"), pricer(), made, policies=()).looked_at_by
    assert {"NCCI pairs of 2026Q2", "medically unlikely units of 2026Q2", "add-on codes"} <= set(by)


def test_two_patients_claims_of_one_name_are_two():
    """PRIM2 of 150.00 is sound; a code that is not priced leaves the other patient's claim alone."""
    one, two = lines("PRIM2"), lines("PRIM2", "NOSUC", beneficiary_id="B2")
    found = checked(one, two)
    assert found.claims["claim_id"].to_list() == ["C1", "C1"]
    assert found.claims["lines"].to_list() == [1, 2]
    assert found.claims["answer"].to_list() == ["nothing found", found.answers.lines["answer"][2]]
    assert found.answers.of_claim.to_list() == [found.claims["answer"][at] for at in (0, 1, 1)]
    report = CheckReport()
    report.count(found, found.found, None)
    assert (report.claims, report.answers["nothing found"]) == (2, 1)
    assert report.nothing_found_allowed == 150
    assert checked(one, one.with_columns(line=pl.lit(2, pl.Int32))).claims.height == 1


def test_codes_without_a_policy_are_named_in_a_sentence():
    told = without_policy(["99213", "0001U"])
    assert told == "diagnosis and frequency were not checked for 0001U, 99213: feecalc has no coverage policy for them"


def test_a_day_before_the_oldest_units_was_not_looked_at_by_them():
    late = tables().units.with_columns(effective_from=pl.lit(lines("OTHER")["date_of_service"][0]).dt.offset_by("1d"))
    found = check(lines("OTHER"), pricer(), replace(tables(), units=late), policies=())
    assert found.answers.lines["answer"].to_list() == ["not looked at"]
    assert "before the oldest file" in found.answers.gaps["why"].item()


def test_a_line_whose_policy_asks_for_a_diagnosis_that_it_lacks():
    def asked(**more):
        return check(lines("64493-KX", "PRIM1", **more), facet_pricer(), facet_tables())

    found = asked()
    assert found.answers.lines["answer"].to_list() == ["not looked at", "nothing found"]
    assert found.answers.no_policy == {"PRIM1"}  # said once, and the line was looked at
    assert asked(diagnosis_1="M47.816").answers.lines["answer"].to_list() == ["nothing found"] * 2


def test_what_no_claim_file_tells_is_named():
    for given, words in (("97110-GP", "therapy totals"), ("99213-GA", "ABN"), ("TESTS-59", "records")):
        assert any(words in text for text in checked(given).answers.beyond), given
    assert checked("OTHER").answers.beyond == ()


def test_every_status_that_pricing_gives_a_line_written_wrong_is_told_or_handed_on():
    told = {row["pricing_status"] for row in rows("edit_gap") if row["subject"] == "status"}
    of_facility = {  # what a facility's rates answer, and the physicians' engine never does
        "not_installed", "no_rate", "not_modeled", "unknown_indicator", "unknown_area", "no_wage_index",
        "several_wage_indices", "unknown_setting",
    }  # fmt: skip
    assert told - {""} <= outcomes.WRONG | of_facility
    assert not any(told & set(rule_of_status(bill)) for bill in BILLS)
    assert "" in told  # for any other


def summed(frame, name="allowed_amount"):
    return frame.select(pl.col(name).cast(pl.Decimal(18, 2)).sum()).item() or Decimal(0)


@pytest.mark.parametrize("charges", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_dollars_are_those_of_a_claim_run_with_the_edits(seed, charges):
    """Denied at stake, less what pricing refuses anyway and what other lines gain, is what a claim run is short of."""
    chance = random.Random(900 + seed)
    claims = some_claims(chance, 25)
    if charges:
        some = [chance.choice([None, Decimal("20.00"), Decimal("250.00")]) for _ in range(claims.height)]
        claims = claims.with_columns(pl.Series("billed_amount", some, pl.Decimal(12, 2)))
    found = check(claims, facet_pricer(), facet_tables())
    without, with_, denied = price_with_edits(claims, facet_pricer(), facet_tables())
    sums = found.allowed
    assert (sums.without, sums.with_denials) == (summed(without), summed(with_))
    assert sums.without - sums.with_denials == sums.denied - sums.refused - sums.gained
    assert sums.denied == (found.amount_denied()["amount"].item() or 0)
    assert denied["row"].to_list() == sorted(set(found.found.filter(pl.col("severity") == "denies")["row"]))
    assert set(found.answers.lines.filter(pl.col("answer") == "denied")["row"]) == set(denied["row"])


def test_a_denied_line_that_ranked_first_leaves_the_next_its_whole_fee():
    """PRIM1 x 2 (unlikely edit: 1) and PRIM2-59, all ranked surgery: 200 + 100 and 75, together 375.

    PRIM1 is denied, 300 at stake; PRIM2 then pays its whole 150: 225 less, 75 of the 300 being gained by PRIM2."""
    ranked = replace(schedule(), rvu=schedule().rvu.with_columns(mppr_indicator=pl.lit("2")))
    claims = lines("PRIM1 x2", "PRIM2-59")
    found = check(claims, ClaimPricer([ReleaseDays.of_year(ranked)]), tables(), policies=())
    assert set(found.found.select("row", "rule").rows()) == {(0, "mue_day")}
    sums = found.allowed
    assert (sums.without, sums.denied, sums.gained, sums.refused) == (375, 300, 75, 0)
    assert sums.with_denials == 150


def test_an_add_on_that_pricing_refuses_is_at_stake_and_no_difference():
    found = checked("ADDN1")  # 50.00, alone: pricing pays nothing with or without the edits
    sums = found.allowed
    assert (sums.without, sums.with_denials, sums.denied, sums.refused) == (0, 0, 50, 50)


def test_no_tables_and_no_lines():
    empty = check(lines("OTHER").clear(), pricer(), EditTables(), policies=())
    assert empty.claims.height == empty.answers.gaps.height == 0
    assert empty.allowed.without == 0
    assert list(ANSWERS) == ["denied", "reduced", "questioned", "not looked at", "nothing found"]


def test_every_rule_and_status_that_a_gap_names_is_one():
    known = set(listed.rules())
    for row in rows("edit_gap"):
        assert set(row["rules"]) <= known, row
        assert row["subject"] != "policy" or row["what"] in MENDS, row
