"""Medically unlikely units by MAI, and add-on codes by type: caught and not caught."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from edits.made_up import checked, lines, pricer, rules, tables

from feecalc.edits.denials import Denials
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.ncci import add_ons


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("PRIM1",), []),
        (("PRIM1 x2",), [(0, "mue_day")]),  # MAI 2, 1 a day
        (("PRIM1-RT", "PRIM1-LT"), [(0, "mue_day"), (1, "mue_day")]),
        (("PRIM1-50",), []),  # both sides are one unit
        (("PRIM1", "PRIM1-80"), []),  # the assistant's line is not a second procedure
        (("PRIM2", "PRIM2"), [(0, "mue_day_evidence"), (1, "mue_day_evidence")]),  # MAI 3
        (("TESTS x2", "TESTS x2"), []),  # MAI 1: by line
        (("TESTS x3", "TESTS"), [(0, "mue_line")]),
        (("IMAGE x3", "IMAGE"), []),
        (("IMAGE x3", "IMAGE x2"), [(0, "mue_day_evidence"), (1, "mue_day_evidence")]),
        (("IMAGE-26 x4", "IMAGE-TC x4"), []),  # two parts of the same four
        (("OTHER x99",), []),  # no edit
    ],
)
def test_units(given, found):
    assert [each for each in rules(*given) if each[1].startswith("mue")] == found


def test_units_of_another_day_provider_or_quarter():
    assert rules(lines("PRIM1"), lines("PRIM1", date_of_service=date(2025, 7, 2))) == []
    assert rules(lines("PRIM1"), lines("PRIM1", billing_npi="N2")) == []
    assert rules(lines("PRIM1 x2", date_of_service=date(2024, 12, 31))) == []  # before the oldest file


def test_no_unit_at_all():
    assert (0, "mue_day") in rules("ADDN3", "PRIM1")


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
        (("OTHER", "ADDCC"), [(1, "add_on_contractor_defines")]),
        (("ADDCC", "ADDN1"), [(0, "add_on_alone"), (1, "add_on_without_primary")]),
        (("TESTS",), []),  # suspended
        (("99291", "99292"), []),
        (("99292",), [(0, "add_on_of_group")]),  # 30.6.12(I): a colleague may have billed 99291
        (("OTHER", "99292"), [(1, "add_on_of_group")]),
    ],
)
def test_add_on(given, found):
    assert rules(*given) == found


def test_type_3():
    given = {each: [rule for _, rule in rules(*each) if rule != "mue_day"] for each in
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
    assert found.select("amount_at_stake", "carc", "stake_reason").row(0) == (50, "107", "")
    assert "PRIM1" in found["remedy"][0]


def test_a_day_of_very_many_lines():
    """Each add-on is set against the codes of its day, not against each of their lines: 300 million pairs here."""
    many = pl.concat([lines("PRIM1", "ADDN1", "ADDN2")] * 10_000).with_columns(line=pl.int_range(1, pl.len() + 1))
    sources = Denials(pricer(), tables(), ()).sources
    numbered = EditLines.of(many, sources.codes, pricer().eras)
    groups = add_ons.AddOnGroups.of(numbered, add_ons.prepare(sources))
    assert len(groups.one) == 2  # PRIM1 is one of ADDN1's primaries, ADDN1 of ADDN2's
    assert (groups.rules(np.zeros(len(groups.at), np.bool_)) == 0).all()
