"""What holds of every forecast."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feecalc.scenarios.forecast.result import forecast, net
from feecalc.scenarios.forecast.timeline import days_of, spans

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
percents = st.decimals(0, 100, places=2)
shares = st.integers(0, 100)

BASE = """
[[payer]]
name = "A"
share = {a}
percent = {percent}
denial_rate = {denial}
[[payer]]
name = "B"
share = {b}
medicare = true
[growth]
volume = {growth}
"""
SHIFT = """
[[event]]
name = "shift"
kind = "site_shift"
effective_from = {day}
codes = ["64493"]
to_place = "24"
percent = {percent}
"""


def text(a=50, percent="120", denial="5", growth="2"):
    return BASE.format(a=a, b=100 - a, percent=percent, denial=denial, growth=growth)


@quick
@given(share=shares, percent=st.decimals(0, 400, places=2), denial=percents, growth=st.decimals(-20, 20, places=1))
def test_twice_the_units_are_twice_the_revenue(plan, share, percent, denial, growth):
    told = text(share, percent, denial, growth)
    one = net(plan(told))
    other = net(plan(told, volume="hcpcs,units\n99213,2000\n64493,200\n"))
    assert abs(other - 2 * one) <= Decimal("0.02")


@quick
@given(share=shares, day=st.dates(min_value=date(2026, 1, 1), max_value=date(2029, 12, 31)))
def test_a_mix_of_payers_nets_between_the_payers(plan, share, day):
    shift = SHIFT.format(day=day, percent=50)
    all_a, all_b = (net(plan(text(each) + shift)) for each in (100, 0))
    mixed = net(plan(text(share) + shift))
    assert min(all_a, all_b) - Decimal("0.02") <= mixed <= max(all_a, all_b) + Decimal("0.02")


@quick
@given(percent=percents)
def test_more_denials_never_pay_more(plan, percent):
    assert net(plan(text(denial=percent))) <= net(plan(text(denial=0)))


@quick
@given(percent=percents)
def test_a_later_shift_to_a_cheaper_site_never_pays_less(plan, percent):
    early, late = (net(plan(text() + SHIFT.format(day=day, percent=percent))) for day in ("2027-01-01", "2028-06-01"))
    assert early <= late


def test_an_event_of_no_percent_changes_nothing(plan):
    assert net(plan(text() + SHIFT.format(day="2027-03-01", percent=0))) == net(plan(text()))


def test_the_spans_of_a_year_are_all_its_days_once(scenario):
    told = scenario(text() + SHIFT.format(day="2028-02-29", percent=10) + "effective_to = 2028-11-30\n")
    found = spans(told, range(2026, 2031))
    for year in range(2026, 2031):
        own = [each for each in found if each.year == year]
        assert sum(each.days for each in own) == days_of(year)
        assert all((b.first - a.last).days == 1 for a, b in pairwise(own))
    assert len([each for each in found if each.year == 2028]) == 3


def test_quick_numbers_are_the_exact_ones(plan):
    made = plan(text() + SHIFT.format(day="2027-05-05", percent=33))
    for year in (2026, 2027, 2029):
        exact, quick_one = made.year(year), made.year(year, number=float)
        assert abs(float(exact.revenue.sum()) - quick_one.revenue.sum()) < 1e-6
        assert abs(float(exact.units.sum()) - quick_one.units.sum()) < 1e-6


def test_two_locations_share_one_volume(plan):
    basic = """
    base_year = 2026
    volume = "volume.csv"
    [practice]
    name = "Made-up"
    [[location]]
    name = "Here"
    locality = "national"
    share = 70
    [[location]]
    name = "There"
    locality = "national"
    share = 30
    """
    found = forecast(plan(text(), basic=basic)).cells.filter(pl.col("year") == 2026)
    units = dict(found.group_by("location", maintain_order=True).agg(pl.col("units").sum()).iter_rows())
    assert units == {"Here": Decimal("770.00"), "There": Decimal("330.00")}


def test_rows_go_to_the_location_whose_locality_they_name(plan):
    basic = """
    base_year = 2026
    volume = "volume.csv"
    [practice]
    name = "Made-up"
    [[location]]
    name = "South"
    locality = "Miami, FL"
    [[location]]
    name = "North"
    locality = "Fort Lauderdale, FL"
    """
    volume = 'hcpcs,locality,units\n99213,"Miami, FL",60\n99213,"Fort Lauderdale, FL",40\n'
    found = forecast(plan(text(), basic=basic, volume=volume)).cells.filter(pl.col("year") == 2026)
    units = dict(found.group_by("location", maintain_order=True).agg(pl.col("units").sum()).iter_rows())
    assert units == {"South": Decimal("60.00"), "North": Decimal("40.00")}
