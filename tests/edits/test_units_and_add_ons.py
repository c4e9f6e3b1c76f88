"""Medically unlikely units by MAI, and add-on codes by type: caught and not caught."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from edits.made_up import checked, found_by, lines, pricer, rules, tables

from feecalc.edits.denials import Denials
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.ncci import add_ons, units


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("PRIM1",), []),
        (("PRIM1 x2",), [(0, "mue_day")]),  # MAI 2, 1 a day
        (("PRIM1-RT", "PRIM1-LT"), [(0, "mue_day"), (1, "mue_day")]),
        (("PRIM1-50",), []),  # both sides are one unit
        (("PRIM1", "PRIM1-80"), []),  # the assistant's line is not a second procedure
        (("PRIM2", "PRIM2-76"), [(0, "mue_day_evidence"), (1, "mue_day_evidence")]),  # MAI 3
        (("TESTS x2", "TESTS x2"), []),  # MAI 1: by line
        (("TESTS x3", "TESTS"), [(0, "mue_line")]),
        (("IMAGE x3", "IMAGE"), []),
        (("IMAGE x3", "IMAGE x2"), [(0, "mue_day_evidence"), (1, "mue_day_evidence")]),
        (("IMAGE-26 x4", "IMAGE-TC x4"), []),  # two parts of the same four
        (("OTHER x99",), []),  # no edit
        (("PRIM1-55 x60",), []),  # days of care, no services
        (("PRIM1-54", "PRIM1-55 x60"), []),
        (("PRIM1-62", "PRIM1-62"), []),  # two surgeons
        (("PRIM1-62 x2", "PRIM1-62"), [(0, "mue_day")]),
    ],
)
def test_units(given, found):
    assert [each for each in rules(*given) if each[1].startswith("mue")] == found


def test_units_of_another_day_provider_or_quarter():
    assert rules(lines("PRIM1"), lines("PRIM1", date_of_service=date(2025, 7, 2))) == []
    assert rules(lines("PRIM1"), lines("PRIM1", billing_npi="N2")) == []
    assert rules(lines("PRIM1 x2", date_of_service=date(2024, 12, 31))) == []  # before the oldest file


def test_no_unit_at_all():
    """A limit of 0 is not payable here, and never no limit; the practitioners' file says nothing of a hospital."""
    assert (0, "mue_zero") in rules("ADDN3", "PRIM1")
    assert "not payable" in checked("ADDN3", "PRIM1").found["detail"][0]
    for bill, found in (("asc", ["mue_zero"]), ("hospital", [])):
        assert found_by(units.RULES, lines("ADDN3", "PRIM1"), tables(), bill=bill)["rule"].to_list() == found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        # facility 1: the limit of 1 rests on one line with 50, which an ASC does not use: 1 x 2 = 2
        (("PRIM1-RT", "PRIM1-LT"), []),
        (("PRIM1 x2",), []),
        (("PRIM1 x3",), ["mue_day"]),
        (("PRIM1-RT", "PRIM1-LT", "PRIM1-RT-76"), ["mue_day"] * 3),
        (("PRIM2 x2",), []),  # MAI 3
        (("IMAGE x5",), ["mue_day_evidence"]),  # bilateral indicator 0: 4, and not 8
        (("TESTS x3",), ["mue_line"]),  # MAI 1: by line
    ],
)
def test_units_of_an_asc(given, found):
    assert found_by(units.RULES, lines(*given), tables(), bill="asc")["rule"].to_list() == found
    strict = replace(tables(), left_out=frozenset({"asc_units"}))
    assert len(found_by(units.RULES, lines(*given), strict, bill="asc")) == len(given)


def test_the_remedy_is_in_the_words_of_the_code():
    """PRIM1 has two sides; MAJOR-like codes (bilateral indicator 0) have none, and nothing is said of sides."""
    sided, plain = checked("PRIM1-RT", "PRIM1-LT").found["remedy"][0], checked("IMAGE x5").found["remedy"][0]
    assert sided == "Bill at most 1 of PRIM1 a day; both sides of PRIM1 are one line with 50 and 1 unit."
    assert plain == "Correct the units to 4 or fewer; where more were done and needed, appeal with the record."
    center = found_by(units.RULES, lines("PRIM1 x3"), tables(), bill="asc")
    assert "allows 2 a day" in center["detail"][0]
    assert "two lines, RT and LT" in center["remedy"][0]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("PRIM1", "ADDN1"), []),
        (("ADDN1", "PRIM1"), []),
        (("ADDN1",), [(0, "add_on_without_primary")]),
        (("OTHER", "ADDN1"), [(1, "add_on_with_wrong_primary")]),
        (("PRIM1", "ADDN1", "ADDN2"), []),
        (("ADDN1", "ADDN2"), [(0, "add_on_without_primary"), (1, "add_on_without_primary")]),  # one leans on the other
        (("PRIM2", "ADDN1"), [(1, "add_on_with_wrong_primary")]),  # deleted on June 30, 2025
        (("ADDCC",), [(0, "add_on_alone")]),
        (("OTHER", "ADDCC"), []),  # type 2: any service of the day may be its primary
        (("ADDCC", "ADDN1"), [(0, "add_on_alone"), (1, "add_on_without_primary")]),
        (("TESTS",), []),  # suspended
        (("99291", "99292"), []),
        (("99292",), [(0, "add_on_of_group")]),  # 30.6.12.4: a colleague may have billed 99291
        (("OTHER", "99292"), [(1, "add_on_of_group")]),
    ],
)
def test_add_on(given, found):
    assert rules(*given) == found


def test_an_add_on_of_a_hospital_is_a_question():
    """I/OCE guide: bill type 13x carries none of the add-on edits for such codes."""
    assert rules("ADDN1", bill="hospital") == [(0, "add_on_in_hospital")]
    assert rules("PRIM1", "ADDN1", bill="hospital") == []
    assert [row for row, _ in rules("ADDN1", "ADDN2", bill="hospital")] == [0, 1]


def test_an_add_on_whose_primaries_the_contractor_defines():
    """Type 2: CMS's file has CCCCC for its primary, which is no code."""
    (alone,) = checked("ADDCC", bill="hospital").found["detail"]
    assert "none of its primary codes (those of the contractor's list)" in alone
    assert rules("OTHER", "ADDCC", bill="hospital") == []
    said = [each for each in checked("OTHER", "ADDCC").answers.beyond if "contractors' lists" in each]
    assert ["the add-on codes ADDCC," in each for each in said] == [True]
    assert not any("contractors' lists" in each for each in checked("PRIM1", "ADDN1").answers.beyond)


def test_type_3():
    given = {each: [rule for _, rule in rules(*each) if rule != "mue_zero"] for each in
             [("PRIM1", "ADDN3"), ("OTHER", "ADDN3"), ("ADDN3",)]}  # fmt: skip
    assert list(given.values()) == [[], ["add_on_contractor_accepts"], ["add_on_alone"]]


def test_add_on_days():
    """ADDN1 beside PRIM2: listed until June 30, 2025."""
    assert rules(lines("PRIM2", "ADDN1", date_of_service=date(2025, 6, 30))) == []


def test_primary_of_another_day_or_provider():
    assert rules(lines("PRIM1"), lines("ADDN1", billing_npi="N2")) == [(1, "add_on_without_primary")]
    assert rules(lines("PRIM1"), lines("ADDN1", date_of_service=date(2025, 7, 2))) == [(1, "add_on_without_primary")]


def test_what_an_add_on_alone_puts_at_stake():
    """The core prices it at nothing, as it stands alone; at stake is its fee: 50.00."""
    found = checked("ADDN1").found
    assert found.select("amount_at_stake", "carc", "stake_reason").row(0) == (50, "234", "")
    assert "PRIM1" in found["remedy"][0]


def test_a_day_of_very_many_lines():
    """Each add-on is set against the codes of its day, not against each of their lines: 300 million pairs here."""
    many = pl.concat([lines("PRIM1", "ADDN1", "ADDN2")] * 10_000).with_columns(line=pl.int_range(1, pl.len() + 1))
    sources = Denials(pricer(), tables(), ()).sources
    numbered = EditLines.of(many, sources.codes, pricer().eras)
    groups = add_ons.AddOnGroups.of(numbered, add_ons.prepare(sources))
    assert len(groups.one) == 2  # PRIM1 is one of ADDN1's primaries, ADDN1 of ADDN2's
    assert (groups.rules(np.zeros(len(groups.at), np.bool_)) == 0).all()
