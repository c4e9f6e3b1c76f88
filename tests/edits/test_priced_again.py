"""What is priced once more without the edits: every line whose price turns on a denied one, whatever rule says so."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from pricing.claims import made_up
from pricing.claims.cases import line
from pricing.claims.random_claims import Claims

from feecalc.edits.edit import Edit, Found
from feecalc.edits.pricing import EditedPricer
from feecalc.edits.tables import EditTables
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.results import COLUMNS

_RULE = "mue_line"  # any that denies


def denying(chosen):
    """An edit that denies the lines whose places ``chosen`` gives."""
    return Edit("by chance", (_RULE,), lambda _: True, lambda lines, *_: [Found(_RULE, chosen(lines))])


def both_ways(claims, chosen):
    pricer = ClaimPricer([ReleaseDays.of_year(made_up.schedule())])
    edited = EditedPricer(pricer, EditTables(), (), more=(denying(chosen),)).price(claims, COLUMNS, COLUMNS)
    return edited, pricer.price(claims)


def plainly(frame):
    return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))


@pytest.mark.parametrize("seed", range(12))
def test_every_rule_that_looks_at_other_lines(seed):
    """A rule that looks at other lines and does not say so by its ``others`` fails here."""
    chance = np.random.default_rng(seed)
    claims = Claims(made_up.schedule(), seed).frame(300)
    if seed % 3:
        claims = claims.drop("deductible_left")  # with one, all of a patient's lines are priced again
    is_denied = chance.random(claims.height) < 0.15
    edited, whole = both_ways(claims, lambda lines: np.flatnonzero(is_denied[: lines.frame.height]))
    assert edited.causes.of_line.max() >= 0
    assert_frame_equal(plainly(edited.without), plainly(whole))


def without_edits(given, denied):
    claims = pl.DataFrame([{**each, "line": at} for at, each in enumerate(given, 1)], infer_schema_length=None)
    edited, _ = both_ways(claims, lambda _: np.array([denied]))
    return edited


def test_an_anesthetic_of_the_session():
    """One payment: 7 base units and 120 minutes, 8 time units, at 22.39: 335.85. The last line of 30 minutes denied:
    7 + 6 units, 291.07."""
    minutes = (("00790", 60), ("00840", 30), ("00840", 30))
    edited = without_edits([line(code, "AA", minutes=each) for code, each in minutes], 2)
    assert edited.without["allowed_amount"].to_list() == [Decimal("335.85"), 0, 0]
    assert edited.with_["allowed_amount"].to_list() == [Decimal("291.07"), 0, 0]


def test_an_anesthetic_of_no_time_beside_a_denied_one():
    """The highest base units denied: the other is then a payment of its own, (6 + 2) x 22.39 = 179.12; without the
    denial it is part of the first, (7 + 4 + 2) x 22.39 = 291.07."""
    edited = without_edits([line("00790", "AA", minutes=60), line("00840", "AA", minutes=30)], 0)
    assert edited.without["allowed_amount"].to_list() == [Decimal("291.07"), 0]
    assert edited.with_["allowed_amount"].to_list() == [0, Decimal("179.12")]


def test_a_preventive_service_that_is_free_beside_another():
    """99497-33 of 80.00 beside G0439: no coinsurance, Medicare pays 80.00 less 2%: 78.40. G0439 denied: 80% of it less
    2%, 62.72, is paid."""
    edited = without_edits([line("G0439"), line("99497", "33")], 0)
    assert edited.without["medicare_paid"][1] == Decimal("78.40")
