"""Which lines the edits take for one physician's: groups, specialties, co-surgeons (professional cases 3 and 4).

Pub. 100-04 ch. 12 sec. 30.6.5: physicians of one group and one specialty are one. Lines are of billing provider N1.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from edits.made_up import QUARTER, checked, lines, pricer, schedule, tables

from feecalc.edits.checking import check, denied
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.grouping import groups

QUESTION = "physicians_may_be_one"


def by(npi, specialty=""):
    return {"rendering_npi": npi, "specialty": specialty}


def with_visits():
    """The tables, with one visit a day."""
    visit = tables().units.head(1).with_columns(hcpcs=pl.lit("99213"), mue_units=pl.lit(1, pl.Int32), mai=pl.lit("2"))
    return replace(tables(), units=pl.concat([tables().units, visit.with_columns(effective_from=pl.lit(QUARTER))]))


def of_lines(*frames, made=None):
    claims = pl.concat(frames, how="diagonal_relaxed")
    modifiers = [name for name in claims.columns if name.startswith("modifier_")]
    claims = claims.with_columns(pl.col(modifiers).fill_null("")).with_columns(line=pl.int_range(1, pl.len() + 1))
    claims = claims.with_columns(pl.col("line").cast(pl.Int32))
    found = check(claims, pricer(), made or tables(), policies=()).found
    return [(row, rule) for row, rule in found.select("row", "rule").iter_rows()], found


class TestVisits:
    def test_two_specialists_visits_of_a_day_are_not_denied(self):
        found, _ = of_lines(lines("99213", **by("11", "06")), lines("99213", **by("12", "10")), made=with_visits())
        assert found == []

    def test_two_visits_of_one_specialty_are_one_physicians(self):
        found, _ = of_lines(lines("99213", **by("11", "06")), lines("99213", **by("12", "06")), made=with_visits())
        assert found == [(0, "mue_day"), (1, "mue_day")]

    def test_of_unknown_specialty_it_is_a_question_with_its_dollars(self):
        found, asked = of_lines(lines("99213", **by("11")), lines("99213", **by("12")), made=with_visits())
        assert found == [(0, QUESTION), (1, QUESTION)]
        assert asked["severity"].unique().to_list() == ["warns"]
        # as one physician both are denied, 90.00 each
        assert asked["amount_at_stake"].to_list() == [Decimal("90.00")] * 2
        assert "denied (CARC" in asked["detail"][0]

    def test_without_an_npi_they_are_one_physicians_as_ever(self):
        found, _ = of_lines(lines("99213", billing_npi=""), lines("99213", billing_npi=""), made=with_visits())
        assert found == [(0, "visits_without_npi"), (1, "duplicate_line"), (1, "visits_without_npi")]

    def test_beside_a_colleagues_procedure(self):
        visit, done = lines("99213", **by("11", "06")), lines("PRIM2", **by("12", "20"))
        assert of_lines(visit, done)[0] == []
        assert of_lines(visit, done.with_columns(specialty=pl.lit("06")))[0] == [(0, "visit_with_minor")]
        assert of_lines(visit, done.with_columns(specialty=pl.lit("")))[0] == [(0, QUESTION)]

    def test_in_the_global_days_of_a_colleagues_surgery(self):
        done = lines("MAJOR", **by("12", "20"))
        visit = lines("99213", date_of_service=date(2025, 7, 31), **by("11", "06"))
        assert of_lines(done, visit)[0] == []
        assert of_lines(done, visit.with_columns(specialty=pl.lit("20")))[0] == [(1, "visit_after_surgery")]
        own = visit.with_columns(rendering_npi=pl.lit("12"), specialty=pl.lit(""))
        assert of_lines(done, own)[0] == [(1, "visit_after_surgery")]


class TestUnits:
    def test_two_co_surgeons_count_apart(self):
        for one, two in ((by("11"), by("12")), (by("11", "20"), by("12", "20")), ({}, {})):
            found, _ = of_lines(lines("PRIM1-62", **one), lines("PRIM1-62", **two))
            assert not {rule for _, rule in found} & {"mue_day", QUESTION}

    def test_two_lines_of_one_surgeon_count_together(self):
        found, _ = of_lines(lines("PRIM1", **by("11")), lines("PRIM1-76", **by("11")))
        assert {(0, "mue_day"), (1, "mue_day")} <= set(found)

    def test_a_co_surgeons_own_units_count(self):
        # two surgeons, of whom one bills two units: his line alone passes the limit of 1
        found, _ = of_lines(lines("PRIM1-62"), lines("PRIM1-62 x2"))
        assert [row for row, rule in found if rule == "mue_day"] == [1]

    @pytest.mark.parametrize("specialty", ["", "20"])
    def test_two_rendering_physicians_count_apart(self, specialty):
        found, _ = of_lines(lines("PRIM1", **by("11", specialty)), lines("PRIM1", **by("12", specialty)))
        assert not {rule for _, rule in found} & {"mue_day"}


class TestPairs:
    def test_a_pair_of_two_specialties_is_none(self):
        one, two = lines("PRIM1", **by("11", "20")), lines("IMAGE", **by("12", "30"))
        assert of_lines(one, two)[0] == []
        assert of_lines(one, two.with_columns(specialty=pl.lit("20")))[0] == [(1, "ncci_pair")]

    def test_of_unknown_specialty_a_question(self):
        found, asked = of_lines(lines("PRIM1", **by("11", "20")), lines("IMAGE", **by("12")))
        assert found == [(1, QUESTION)]
        assert asked["amount_at_stake"].item() == Decimal("100.00")


class TestAddOns:
    def test_a_primary_of_another_specialty_does_not_count(self):
        one, two = lines("PRIM1", **by("11", "20")), lines("ADDN1", **by("12", "14"))
        assert of_lines(one, two)[0] == [(1, "add_on_without_primary")]

    @pytest.mark.parametrize("specialty", ["20", ""])
    def test_a_primary_of_the_same_or_an_unknown_specialty_does(self, specialty):
        one, two = lines("PRIM1", **by("11", "20")), lines("ADDN1", **by("12", specialty))
        assert of_lines(one, two)[0] == []

    def test_critical_care_of_the_group(self):
        one, two = lines("99291", **by("11", "29")), lines("99292", **by("12", "29"))
        assert of_lines(one, two)[0] == []


class TestSurgery:
    def test_the_dollars_of_a_rank_are_asked(self):
        """Of one specialty 150.00 would be half of it: 75.00 at stake."""
        release = ReleaseDays.of_year(replace(schedule(), rvu=schedule().rvu.with_columns(mppr_indicator=pl.lit("2"))))
        made = ClaimPricer([release])
        claims = pl.concat([lines("MAJOR", **by("11")), lines("PRIM2", **by("12"))]).with_columns(
            line=pl.Series([1, 2], dtype=pl.Int32)
        )
        found = check(claims, made, tables(), policies=()).found
        assert found.select("row", "rule", "amount_at_stake").rows() == [(1, QUESTION, Decimal("75.00"))]
        assert "it would be allowed 75.00" in found["detail"].item()
        known = claims.with_columns(specialty=pl.Series(["20", "14"]))
        assert check(known, made, tables(), policies=()).found.height == 0


def test_claim_runs_deny_what_a_check_denies():
    claims = pl.concat([lines("PRIM1", **by("11", "20")), lines("IMAGE", **by("12"))])
    assert denied(claims, pricer(), tables(), policies=()).to_list() == []
    assert checked(claims).found["severity"].to_list() == ["warns"]


def test_columns_of_no_content_make_the_groups_of_none():
    claims = lines("PRIM1", "IMAGE")
    without, blank = groups(claims), groups(claims.with_columns(rendering_npi=pl.lit(""), specialty=pl.lit("")))
    assert blank.rendering is None
    assert without.group.tolist() == blank.group.tolist() == [0, 0]


def test_a_facility_is_one_provider_whoever_works_there():
    claims = pl.concat([lines("PRIM1", **by("11", "20")), lines("IMAGE", **by("12", "30"))])
    found = check(claims, pricer(), tables(), policies=(), bill="asc").found
    assert found.select("row", "rule").rows() == [(1, "ncci_pair")]


def test_a_facility_of_one_npi_under_either_heading_is_one_provider():
    """No billing provider is named, and who rendered stands in: of one center a pair, of two none."""
    one, two = lines("PRIM1", billing_npi="", **by("11")), lines("IMAGE", billing_npi="", claim_id="C2", **by("11"))
    found = check(pl.concat([one, two]), pricer(), tables(), policies=(), bill="asc").found
    assert found.select("row", "rule").rows() == [(1, "ncci_pair")]
    other = two.with_columns(rendering_npi=pl.lit("12"))
    assert check(pl.concat([one, other]), pricer(), tables(), policies=(), bill="asc").found.is_empty()
