"""The limiting charge as CMS prints it in its look-up tool: 109.25 percent of the amount before that is rounded.

Rows of the download "2025-all-95970-95976-95977-all_macs.csv" (github.com/SyneticSLZ/Medicare, data/), those in which
109.25 percent of the rounded amount is a cent off: 95970 at 01112-52 is 21.04, of which 109.25 percent are 22.9862 or
22.99; its relative values are 0.35 x 1.088 + 0.18 x 1.419 + 0.03 x 0.470 = 0.65032, x 32.3465 = 21.03557..., and
109.25 percent of that are 22.98136.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from feecalc.installed import open_schedule

# code, MAC and locality, office price, limiting charge
ROWS = [
    ("95970", "01112-52", "21.04", "22.98"),
    ("95970", "01112-64", "19.04", "20.81"),
    ("95970", "01112-65", "21.35", "23.33"),
    ("95970", "01112-66", "19.10", "20.86"),
    ("95970", "01182-18", "19.42", "21.21"),
]


@pytest.mark.parametrize(("code", "place", "price", "limit"), ROWS)
def test_an_office_service_as_the_look_up_prints_it(year_2025, code, place, price, limit):
    schedule = open_schedule("RVU25D", home=year_2025.home).schedule
    found = schedule.price(code, locality=place, participating=False)
    assert (found.fee_schedule_amount, found.limiting_charge) == (Decimal(price), Decimal(limit))
    # a modifier without a price of its own changes nothing
    assert schedule.price(code, "59", locality=place, participating=False).limiting_charge == Decimal(limit)
    (row,) = schedule.table(codes=[code], localities=[place]).to_dicts()
    assert (row["nonfacility_amount"], row["limiting_charge"]) == (Decimal(price), Decimal(limit))


@pytest.mark.parametrize(("code", "modifier"), [("71046", "FX"), ("71046", "FY"), ("70450", "CT")])
def test_what_a_modifier_takes_off_is_taken_off_the_limit_too(year_2025, code, modifier):
    """109.25 percent of the amount allowed to a participating physician, rounded once: no published amount is known."""
    schedule = open_schedule("RVU25D", home=year_2025.home).schedule
    allowed = schedule.price(code, modifier, locality="09102-04").allowed_amount
    assert allowed < schedule.price(code, locality="09102-04").allowed_amount
    expected = (allowed * Decimal("1.0925")).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    assert schedule.price(code, modifier, locality="09102-04", participating=False).limiting_charge == expected


def test_two_units_are_twice_one(year_2025):
    """95970 at 01112-52: 22.98 is the limit of one unit, 45.96 of two, as two lines would have it."""
    schedule = open_schedule("RVU25D", home=year_2025.home).schedule
    found = schedule.price("95970", units=2, locality="01112-52", participating=False)
    assert found.limiting_charge == 2 * Decimal("22.98")


def test_in_a_facility(year_2025):
    """95976 nationally: (0.73 + 0.33 + 0.05) x 32.3465 = 35.904615; 109.25 percent are 39.2258, printed 39.23."""
    schedule = open_schedule("RVU25D", home=year_2025.home).schedule
    found = schedule.price("95976", place_of_service="22", participating=False)
    assert (found.fee_schedule_amount, found.limiting_charge) == (Decimal("35.90"), Decimal("39.23"))
