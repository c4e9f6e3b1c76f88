"""Bridges between two releases: hand-worked, and whatever the order the parts sum to the change."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.installed import open_schedule
from feecalc.pricing.release_terms import Terms
from feecalc.scenarios.bridge.bridge import bridge
from feecalc.scenarios.bridge.parts import APART, ORDERED, PARTS, order_of


def starter(name):
    return open_schedule(name, home=Path("no-such-folder")).schedule


D25, C26 = starter("2025D"), starter("2026C")
MIAMI = {"mac": "09102", "locality": "04"}


def volume(*rows, **everywhere):
    """Rows of code, units and, where given, modifier and place of service."""
    cells = [
        {"hcpcs": row[0], "units": row[1], "modifier_1": (*row, "", "")[2], "place_of_service": (*row, "", "11")[3]}
        if len(row) == 4
        else {"hcpcs": row[0], "units": row[1], "modifier_1": row[2] if len(row) > 2 else "", "place_of_service": "11"}
        for row in rows
    ]
    return pl.DataFrame([{**cell, **everywhere} for cell in cells])


def whole(schedule, rvu):
    """The schedule as if it were the whole release, with another relative value table."""
    return replace(schedule, release=replace(schedule.release, starter=False), rvu=rvu)


def parts(found):
    return {row["part"]: row["amount"] for row in found.steps.to_dicts()}


def only(found, **expected):
    """Those parts and no other."""
    assert {name: amount for name, amount in parts(found).items() if amount} == {
        name: Decimal(amount) for name, amount in expected.items()
    }


def test_one_code_in_miami_step_by_step():
    # RVU25D: 1.52, 3.64, 0.16 RVU at 1.000, 1.027, 2.500 and 32.3465; RVU26C: 1.48, 4.08, 0.14 at 1.000, 1.041, 2.529
    # and 33.4009. A unit, each line one number further:
    #   (1.52 + 3.64 x 1.027 + 0.16 x 2.500 = 5.65828) x 32.3465 = 183.026 -> 183.03
    #   factor                                 5.65828 x 33.4009 = 188.992 -> 188.99   5.96
    #   work 1.48                              5.61828 x 33.4009 = 187.656 -> 187.66  -1.33
    #   PE 4.08                                6.07016 x 33.4009 = 202.749 -> 202.75  15.09
    #   MP 0.14                                6.02016 x 33.4009 = 201.079 -> 201.08  -1.67
    #   indices 1.041, 2.529                   6.08134 x 33.4009 = 203.122 -> 203.12   2.04
    found = bridge(Terms(D25), Terms(C26), volume(("64493", 10), **MIAMI))
    only(found, factor="59.60", work="-13.30", pe="150.90", mp="-16.70", gpci="20.40")
    assert (found.total("from_revenue"), found.total("to_revenue")) == (Decimal("1830.30"), Decimal("2031.20"))
    assert found.total("change") == Decimal("200.90")
    row = found.services.row(0, named=True)
    assert (row["from_price"], row["to_price"]) == (Decimal("183.03"), Decimal("203.12"))


def test_another_order_shares_what_two_make_together_otherwise():
    # Work first: (1.48 + 3.73828 + 0.4 = 5.61828) x 32.3465 = 181.732 -> 181.73, 1.30 less a unit; the factor then
    # 5.61828 x 33.4009 = 187.656 -> 187.66, 5.93 more.
    found = bridge(Terms(D25), Terms(C26), volume(("64493", 10), **MIAMI), order=["work"])
    assert found.order[:2] == ("work", "factor")
    assert (parts(found)["work"], parts(found)["factor"]) == (Decimal("-13.00"), Decimal("59.30"))
    assert found.total("change") == Decimal("200.90")


def test_volume_and_mix():
    # 10 + 10 units become 30 + 10: at the same mix 20 + 20. Volume is 10 more of each; mix 10 more of one and 10 less
    # of the other.
    price = {code: C26.price(code).allowed_amount for code in ("99213", "99214")}
    before, after = volume(("99213", 10), ("99214", 10)), volume(("99213", 30), ("99214", 10))
    found = bridge(Terms(C26), Terms(C26), before, after)
    only(
        found,
        volume=10 * price["99213"] + 10 * price["99214"],
        mix=10 * price["99213"] - 10 * price["99214"],
    )


def test_thirds_of_a_unit_are_rounded_once_in_total():
    # Three units become four: at the same mix four thirds of each, 1/3 of the sum of the prices more.
    codes = ("99213", "99214", "64493")
    total = sum(C26.price(code).allowed_amount for code in codes)
    before, after = volume(*((code, 1) for code in codes)), volume(*zip(codes, (1, 1, 2), strict=True))
    found = bridge(Terms(C26), Terms(C26), before, after)
    assert parts(found)["volume"] == (total / 3).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    assert parts(found)["volume"] + parts(found)["mix"] == C26.price("64493").allowed_amount


def test_a_volume_that_begins_at_nothing_is_all_volume():
    found = bridge(Terms(C26), Terms(C26), volume(("99213", 0)), volume(("99213", 3)), order=["mix"])
    only(found, volume=3 * C26.price("99213").allowed_amount)


def test_new_and_deleted_codes_stand_apart_from_the_order():
    without = whole(D25, D25.rvu.filter(pl.col("hcpcs") != "99214"))
    asked = volume(("99214", 2), ("99213", 1))
    twice = 2 * C26.price("99214").allowed_amount
    found = bridge(Terms(without), Terms(whole(C26, C26.rvu)), asked)
    assert parts(found)["new_codes"] == twice
    back = bridge(Terms(whole(C26, C26.rvu)), Terms(without), asked, order=["mix", "rules"])
    assert parts(back)["deleted_codes"] == -twice


def test_a_selection_does_not_take_what_it_lacks_for_new():
    without = replace(D25, rvu=D25.rvu.filter(pl.col("hcpcs") != "99214"))
    found = bridge(Terms(without), Terms(C26), volume(("99214", 2), ("99213", 1)))
    assert found.left_out.select("service", "reason").rows() == [("99214", "not in the starter data")]
    assert not parts(found)["new_codes"]


def test_a_status_that_stops_paying_is_the_rules():
    bundled = C26.rvu.with_columns(
        pl.when(pl.col("hcpcs") == "99213").then(pl.lit("B")).otherwise("status_indicator").alias("status_indicator")
    )
    found = bridge(Terms(C26), Terms(whole(C26, bundled)), volume(("99213", 5), ("99214", 1)))
    only(found, rules=-5 * C26.price("99213").allowed_amount)
    assert "not priced by RVU26C" in found.by_code.filter(pl.col("service") == "99213")["note"][0]


@pytest.mark.parametrize("order", [["rules"], ["factor", "mix"]])
def test_what_one_side_does_not_price_is_the_rules_in_any_order(order):
    bundled = C26.rvu.with_columns(
        pl.when(pl.col("hcpcs") == "99213").then(pl.lit("B")).otherwise("status_indicator").alias("status_indicator")
    )
    sides = Terms(D25), Terms(whole(C26, bundled))
    price = D25.price("99213", locality="09102-04").allowed_amount
    only(bridge(*sides, volume(("99213", 5), **MIAMI), order=order), rules=-5 * price)
    only(bridge(*reversed(sides), volume(("99213", 5), **MIAMI), order=order), rules=5 * price)


def test_a_cap_that_falls_below_the_fee():
    # The used-for-OPPS columns of a lumbar MRI cut to a PE of 1.00: (1.44 + 1.00 + 0.12) x 33.4009 = 85.506 -> 85.51
    lower = C26.rvu.with_columns(
        pl.when((pl.col("hcpcs") == "72148") & (pl.col("modifier") == ""))
        .then(pl.lit(Decimal("1.00")))
        .otherwise("opps_pe_rvu_nonfacility")
        .cast(C26.rvu.schema["opps_pe_rvu_nonfacility"])
        .alias("opps_pe_rvu_nonfacility")
    )
    found = bridge(Terms(C26), Terms(whole(C26, lower)), volume(("72148", 4)))
    only(found, cap=4 * (Decimal("85.51") - C26.price("72148").allowed_amount))


def test_the_floor_is_the_indices():
    # Miami's work index is 0.994 without the floor: (1.30 x 0.994 ...) against (1.30 x 1.000 ...)
    with_floor, without = (
        C26.price("99213", locality="09102-04", gpci_floor=floor).allowed_amount for floor in (True, False)
    )
    found = bridge(Terms(C26), Terms(C26, gpci_floor=False), volume(("99213", 7), **MIAMI))
    only(found, gpci=7 * (without - with_floor))


def test_a_factor_of_ones_own():
    # 64493 national: 1.48 + 4.08 + 0.14 = 5.70; x 33.4009 = 190.385 -> 190.39; x 32.84 = 187.188 -> 187.19
    found = bridge(Terms(C26), Terms(C26, conversion_factor=Decimal("32.8400")), volume(("64493", 100)))
    only(found, factor="-320.00")


def test_qps_have_a_factor_of_their_own_from_2026():
    found = bridge(Terms(D25, qp=True), Terms(C26, qp=True), volume(("64493", 1)))
    assert found.total("to_revenue") == C26.price("64493", qp=True).allowed_amount
    assert (found.former, found.latter) == ("RVU25D", "RVU26C, QP")


@pytest.mark.parametrize("modifiers", ["50", "26", "80", "52", "RT", "TC"])
def test_a_units_price_is_the_claims_price(modifiers):
    code = "72148" if modifiers in ("26", "TC") else "63030"
    for schedule in (D25, C26):
        asked = pl.DataFrame([{"hcpcs": code, "modifier_1": modifiers, "place_of_service": "24", "units": 3, **MIAMI}])
        found = bridge(Terms(schedule), Terms(schedule), asked)
        price = schedule.price(code, modifiers, place_of_service="24", locality="09102-04").allowed_amount
        assert found.total("from_revenue") == found.total("to_revenue") == 3 * price


@pytest.mark.parametrize(("modifier", "percent"), [("50", "1.5"), ("62", "0.625"), ("80", "0.16"), ("52", "0.5")])
def test_a_modifiers_percent_is_no_rule_that_changed(modifier, percent):
    # Every part is the percent of the amount at its state; 63030 in a hospital, national.
    asked = pl.DataFrame([{"hcpcs": "63030", "modifier_1": modifier, "place_of_service": "21", "units": 1000}])
    found = parts(bridge(Terms(D25), Terms(C26), asked))
    assert not found["rules"]
    plain = parts(bridge(Terms(D25), Terms(C26), asked.with_columns(modifier_1=pl.lit(""))))
    for name in ("factor", "work", "pe", "mp"):  # a cent a unit at either end
        assert abs(found[name] - Decimal(percent) * plain[name]) <= 10


CODES = ("64493", "64494", "99213", "99214", "20610", "72148", "27447", "63030", "36415", "J3301", "G2211", "45378")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(CODES), st.integers(0, 5000), st.sampled_from(["", "50", "26", "80"]),
        st.sampled_from(["11", "22", "24", "10"]),
    ),
    min_size=1,
    max_size=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.permutations(ORDERED), ROWS, ROWS, st.sampled_from([MIAMI, {"mac": "", "locality": ""}]), st.booleans())
def test_the_parts_sum_to_the_change_in_every_order(order, before, after, place, back):
    sides = (Terms(D25), Terms(C26, conversion_factor=None))
    former, latter = reversed(sides) if back else sides
    first, second = (
        pl.DataFrame(
            [{"hcpcs": c, "units": u, "modifier_1": m, "place_of_service": p, **place} for c, u, m, p in rows]
        )
        for rows in (before, after)
    )
    found = bridge(former, latter, first, second, order=order)
    assert found.order == tuple(order)
    for row in found.services.to_dicts():
        assert sum(row[part] for part in PARTS) == row["change"] == row["to_revenue"] - row["from_revenue"]
        assert row["from_revenue"] == row["from_units"] * (row["from_price"] or 0)
        assert row["to_revenue"] == row["to_units"] * (row["to_price"] or 0)
    assert sum(found.steps["amount"]) == found.total("change")
    if found.services.height:
        assert found.steps["ends"][-1] == found.total("to_revenue")
        assert found.waterfall["ends"][-1] == found.total("change")


@given(st.lists(st.sampled_from(ORDERED), unique=True))
def test_an_order_has_every_part_once(asked):
    assert sorted(order_of(asked)) == sorted(ORDERED)
    assert list(order_of(asked)[: len(asked)]) == asked


@pytest.mark.parametrize("asked", [["price"], ["mix", "mix"], [APART[0]]])
def test_a_wrong_order_is_refused(asked):
    with pytest.raises(InvalidValue, match="--order"):
        order_of(asked)


def test_what_cannot_be_a_volume_is_refused():
    with pytest.raises(MissingColumn, match="units"):
        bridge(Terms(D25), Terms(C26), pl.DataFrame({"hcpcs": ["99213"]}))
    for units in (-1, 2_000_000_000):
        with pytest.raises(InvalidValue):
            bridge(Terms(D25), Terms(C26), volume(("99213", units)))


def test_a_place_that_one_release_lacks_is_left_out_of_both():
    lost = replace(C26, localities=C26.localities.filter(pl.col("mac") != "09102"))
    both = pl.concat([volume(("99213", 5), **MIAMI), volume(("99213", 5), mac="", locality="")])
    found = bridge(Terms(D25), Terms(lost), both)
    assert found.left_out["reason"].to_list() == ["RVU26C: no such locality in this release"]
    assert found.services.height == 1


def test_each_side_is_priced_on_its_releases_first_day():
    assert (Terms(D25).day, Terms(C26).day) == (date(2025, 10, 1), date(2026, 7, 1))
