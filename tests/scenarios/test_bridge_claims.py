"""Bridges over claims: a claim of two procedures worked by hand, rules that change, and parts that always sum."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from operator import itemgetter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feecalc.installed import open_schedule
from feecalc.pricing.release_terms import Terms
from feecalc.runs.reprice import reprice
from feecalc.scenarios.bridge.claims import bridge_claims
from feecalc.scenarios.bridge.parts import ORDERED, PARTS


def starter(name):
    return open_schedule(name, home=Path("no-such-folder")).schedule


D25, C26 = starter("2025D"), starter("2026C")
D = Decimal


def claims(*rows):
    """Lines of claim, code, units and, where given, place of service, modifier and billed amount; in Miami."""
    return pl.DataFrame(
        [
            {
                "claim_id": row[0], "line": number, "date_of_service": date(2026, 7, 6), "hcpcs": row[1],
                "units": row[2], "place_of_service": (*row, "11")[3] if len(row) > 3 else "11",
                "modifier_1": row[4] if len(row) > 4 else "", "mac": "09102", "locality": "04",
                "billed_amount": row[5] if len(row) > 5 else None,
            }
            for number, row in enumerate(rows, start=1)
        ],
        schema_overrides={"billed_amount": pl.Decimal(12, 2)},
    ).lazy()  # fmt: skip


def whole(schedule, rvu):
    """The schedule as if it were the whole release, with another relative value table."""
    return replace(schedule, release=replace(schedule.release, starter=False), rvu=rvu)


def parts(found):
    return {row["part"]: row["amount"] for row in found.steps.to_dicts() if row["amount"]}


def test_two_procedures_of_a_day_step_by_step():
    # The injection's fee in Miami at each step is test_bridge's: 183.03, 188.99, 187.66, 202.75, 201.08, 203.12. The
    # joint's (RVU25D 0.79, 1.03, 0.11; RVU26C 0.77, 1.22, 0.10) is half of
    #   (0.79 + 1.03 x 1.027 + 0.11 x 2.500 = 2.12281) x 32.3465 = 68.665 -> 68.67, half 34.335 -> 34.34
    joint = {
        name: schedule.rvu.row(by_predicate=pl.col("hcpcs") == "20610", named=True)
        for name, schedule in (("from", D25), ("to", C26))
    }
    assert joint["from"]["mppr_indicator"] == joint["to"]["mppr_indicator"] == "2"
    steps, now = [], dict.fromkeys(("work_rvu", "pe_rvu_nonfacility", "mp_rvu", "gpci", "factor"), "from")
    factor, gpci = {"from": D("32.3465"), "to": D("33.4009")}, {
        "from": (D("1.000"), D("1.027"), D("2.500")), "to": (D("1.000"), D("1.041"), D("2.529"))
    }  # fmt: skip
    for change in (None, "factor", "work_rvu", "pe_rvu_nonfacility", "mp_rvu", "gpci"):
        now |= {} if change is None else {change: "to"}
        names = ("work_rvu", "pe_rvu_nonfacility", "mp_rvu")
        rvus = [joint[now[name]][name] for name in names]
        total = sum(rvu * index for rvu, index in zip(rvus, gpci[now["gpci"]], strict=True)) * factor[now["factor"]]
        fee = total.quantize(D("0.01"), "ROUND_HALF_UP")
        steps.append((fee / 2).quantize(D("0.01"), "ROUND_HALF_UP"))
    injection = [D(each) for each in ("183.03", "188.99", "187.66", "202.75", "201.08", "203.12")]
    totals = [one + other for one, other in zip(injection, steps, strict=True)]
    changes = [after - before for before, after in pairwise(totals)]
    expected = dict(zip(("factor", "work", "pe", "mp", "gpci"), changes, strict=True))
    found = bridge_claims(Terms(D25), Terms(C26), claims(("A", "64493", 1), ("A", "20610", 1)))
    assert parts(found) == expected
    assert (found.total("from_revenue"), found.total("to_revenue")) == (totals[0], totals[-1])


def test_a_reduction_that_is_lifted_is_the_rules():
    # 20610 beside 64493 pays half; with the indicator 0 it pays whole.
    lifted = C26.rvu.with_columns(
        pl.when(pl.col("hcpcs") == "20610").then(pl.lit("0")).otherwise("mppr_indicator").alias("mppr_indicator")
    )
    fee = C26.price("20610", locality="09102-04").allowed_amount
    found = bridge_claims(Terms(C26), Terms(whole(C26, lifted)), claims(("A", "64493", 1), ("A", "20610", 1)))
    assert parts(found) == {"rules": fee - (fee / 2).quantize(D("0.01"), "ROUND_HALF_UP")}
    alone = bridge_claims(Terms(C26), Terms(whole(C26, lifted)), claims(("A", "64493", 1), ("B", "20610", 1)))
    assert parts(alone) == {}


def test_where_the_bill_is_the_lower_nothing_changes():
    found = bridge_claims(Terms(D25), Terms(C26), claims(("A", "64493", 1, "11", "", D("100.00"))))
    assert parts(found) == {}
    assert found.total("to_revenue") == D("100.00")


def test_each_line_has_the_factor_of_its_day():
    # 2024's factor changed on March 9: 32.7442, then 33.2875.
    moved = replace(D25, release=replace(D25.release, year=2024, first_date_of_service=date(2024, 1, 1)))
    days = [date(2026, 3, 8), date(2026, 3, 9)]
    lines = claims(("A", "99213", 1), ("B", "99213", 1)).with_columns(pl.Series("date_of_service", days))
    found = bridge_claims(Terms(moved), Terms(C26), lines)
    old = D25.rvu.row(by_predicate=pl.col("hcpcs") == "99213", named=True)
    index = (D("1.000"), D("1.027"), D("2.500"))
    names = ("work_rvu", "pe_rvu_nonfacility", "mp_rvu")
    units = sum(old[name] * each for name, each in zip(names, index, strict=True))
    cents = [(units * D(each)).quantize(D("0.01"), "ROUND_HALF_UP") for each in ("32.7442", "33.2875", "33.4009")]
    assert parts(found)["factor"] == 2 * cents[2] - cents[0] - cents[1]
    assert "rules" not in parts(found)


def test_new_and_deleted_codes_stand_apart():
    without = whole(D25, D25.rvu.filter(pl.col("hcpcs") != "99214"))
    lines = claims(("A", "99214", 2), ("B", "99213", 1))
    twice = 2 * C26.price("99214", locality="09102-04").allowed_amount
    there = bridge_claims(Terms(without), Terms(whole(C26, C26.rvu)), lines)
    assert parts(there)["new_codes"] == twice
    back = bridge_claims(Terms(whole(C26, C26.rvu)), Terms(without), lines, order=["mix", "rules"])
    assert parts(back)["deleted_codes"] == -twice


def test_another_file_is_volume_and_mix():
    # 4 visits of two kinds become 6 of one: at the same mix 3 + 3, half as much again.
    one, two = (C26.price(code, locality="09102-04").allowed_amount for code in ("99213", "99214"))
    before = claims(("A", "99213", 2), ("B", "99214", 2))
    found = bridge_claims(Terms(C26), Terms(C26), before, claims(("A", "99214", 6)))
    assert parts(found) == {"volume": one + two, "mix": 3 * two - 3 * one}


def test_what_cannot_be_told_is_left_out():
    lines = claims(("A", "99999", 1), ("B", "99213", 1))
    elsewhere = claims(("C", "99213", 1)).with_columns(pl.lit("99").alias("locality"), pl.lit("55555").alias("mac"))
    found = bridge_claims(Terms(D25), Terms(C26), pl.concat([lines, elsewhere]))
    assert found.left_out.select("service", "reason").rows() == [
        ("99999", "not in the starter data"), ("99213", "RVU25D: no such locality in this release")
    ]  # fmt: skip
    assert found.services["service"].to_list() == ["99213"]


CODES = ("64493", "64494", "99213", "20610", "72148", "63030", "J3301", "45378")
LINES = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.sampled_from(CODES), st.integers(1, 4), st.sampled_from(["11", "22"]),
        st.sampled_from(["", "50", "26"]), st.sampled_from([None, D("90.00"), D("4000.00")]),
    ),
    min_size=1,
    max_size=7,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.permutations(ORDERED), LINES, st.none() | LINES)
def test_the_parts_sum_in_every_order(order, before, after):
    files = [claims(*sorted(each, key=itemgetter(0))) for each in (before, after) if each is not None]
    found = bridge_claims(Terms(D25), Terms(C26), *files, order=order)
    for row in found.services.to_dicts():
        assert sum(row[part] for part in PARTS) == row["change"] == row["to_revenue"] - row["from_revenue"]
    assert sum(found.steps["amount"]) == found.total("change")


@settings(max_examples=15, deadline=None)
@given(LINES)
def test_the_ends_are_those_of_repricing(rows):
    lines = claims(*sorted(rows, key=itemgetter(0)))
    found = bridge_claims(Terms(D25), Terms(C26), lines)
    again = reprice(lines, Terms(D25), Terms(C26))
    assert (found.total("from_revenue"), found.total("to_revenue")) == (again.from_total, again.to_total)


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_batches_change_nothing(batch):
    lines = claims(("A", "64493", 1), ("A", "20610", 1), ("B", "99213", 2), ("C", "20610", 1))
    whole_file = bridge_claims(Terms(D25), Terms(C26), lines)
    found = bridge_claims(Terms(D25), Terms(C26), lines, batch=batch)
    assert found.services.equals(whole_file.services)
