"""Published percents of Medicare applied to an amount."""

from datetime import date
from decimal import Decimal

from feecalc.pricing.commercial_range import commercial_range, national_averages


def test_each_percent_makes_an_amount_rounded_to_the_cent():
    found = commercial_range(Decimal("190.39"), date(2026, 7, 1))
    # 98, 120, 122, 139, 188 and 200 percent: 186.5822, 228.468, 232.2758, 264.6421, 357.9332, 380.78
    amounts = ["186.58", "228.47", "232.28", "264.64", "357.93", "380.78"]
    assert [str(each.amount) for each in found] == amounts
    assert [each.percent for each in national_averages(found)] == ["122", "139"]
    assert not [each for each in found if "not confirmed" in each.source and each.confirmed]


def test_a_day_before_the_first_study_has_none():
    assert commercial_range(Decimal("1.00"), date(2016, 7, 1)) == []
