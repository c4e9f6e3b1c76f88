"""Indicators of the edit files that no rule knows: what they might deny is a question on the line, never a denial."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from edits.made_up import lines, pricer, tables

from feecalc.edits.checking import check
from feecalc.edits.denials import Denials


def strange():
    """PRIM1 with IMAGE of indicator 2; OTHER of MAI 4 and IMAGE of MAI X, once a day; ADDN1 of type 4."""
    made = tables()
    pairs = made.pairs.with_columns(
        pl.when((pl.col("column_1") == "PRIM1") & (pl.col("column_2") == "IMAGE"))
        .then(pl.lit("2")).otherwise("modifier_indicator").alias("modifier_indicator")
    )  # fmt: skip
    more = made.units.head(2).with_columns(
        hcpcs=pl.Series(["OTHER", "99213"]), mue_units=pl.lit(1, pl.Int32), mai=pl.Series(["4", "X"])
    )
    add_ons = made.add_ons.with_columns(
        pl.when(pl.col("add_on") == "ADDN1").then(pl.lit("4")).otherwise("edit_type").alias("edit_type")
    )
    return replace(made, pairs=pairs, units=pl.concat([made.units, more]), add_ons=add_ons)


def check_with(made, *given):
    return check(lines(*given), pricer(), made, policies=()).found


def found(*given):
    told = check_with(strange(), *given)
    of_these = pl.col("rule").str.contains("ncci|mue|add_on") & (pl.col("rule") != "add_on_unpaired")  # pricing's own
    return told.filter(of_these).select("row", "rule", "severity").rows()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (("PRIM1", "IMAGE"), [(1, "ncci_pair_unknown_indicator", "warns")]),
        (("PRIM1", "IMAGE-59"), [(1, "ncci_pair_unknown_indicator", "warns")]),  # nor is it known what 59 does
        (("PRIM2", "IMAGE"), [(1, "ncci_pair", "denies")]),
        (("OTHER x2",), [(0, "mue_unknown_indicator", "warns")]),
        (("OTHER", "OTHER-76"), [(0, "mue_unknown_indicator", "warns"), (1, "mue_unknown_indicator", "warns")]),
        (("OTHER",), []),
        (("99213 x2",), [(0, "mue_unknown_indicator", "warns")]),
        (("ADDN1",), [(0, "add_on_unknown_type", "warns")]),
        (("PRIM1", "ADDN1"), []),
        (("ADDN1", "ADDN2"), [(0, "add_on_unknown_type", "warns")]),  # ADDN2 leans on ADDN1, of which nothing is known
        (("OTHER", "ADDN1"), [(1, "add_on_unknown_type", "warns")]),
    ],
)
def test_it_is_a_question(given, wanted):
    assert found(*given) == wanted
    denied = Denials(pricer(), strange(), ()).denied(lines(*given)).by_edit
    assert denied.tolist() == [
        any(row == at and severity == "denies" for row, _, severity in wanted) for at in range(len(given))
    ]


def test_it_is_said_which_indicator_it_is():
    pair, units, add_on = (
        check_with(strange(), *given).filter(pl.col("rule").str.contains("unknown"))["detail"][0]
        for given in (("PRIM1", "IMAGE"), ("OTHER x2",), ("ADDN1",))
    )
    assert "IMAGE and PRIM1 are an NCCI pair with modifier indicator 2, which is not one that feecalc's" in pair
    named = "OTHER: 2 units, more than the 1 of its medically unlikely edit (MUE), whose adjudication indicator 4"
    assert named in units
    assert "ADDN1 is an add-on code of a type that is not one feecalc's rules know" in add_on


def test_a_pair_that_is_over_is_no_question():
    made = strange()
    over = made.pairs.with_columns(deleted_on=pl.lit(date(2024, 12, 31)))
    told = check_with(replace(made, pairs=over), "PRIM1", "IMAGE")
    assert told.filter(pl.col("rule").str.contains("ncci")).height == 0
