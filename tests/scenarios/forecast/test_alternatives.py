"""Alternatives, break-evens and what moves a forecast."""

from decimal import Decimal

import pytest

from feecalc.scenarios.forecast.alternatives import compare_alternatives, with_share
from feecalc.scenarios.forecast.result import forecast, net
from feecalc.scenarios.forecast.tornado import tornado

D = Decimal
TEXT = """
[[payer]]
name = "Medicare"
share = 60
medicare = true

[[payer]]
name = "Atlantic"
share = 40
percent = 130
denial_rate = 8

[growth]
volume = 2

[[event]]
name = "to the center"
kind = "site_shift"
effective_from = 2027-01-01
codes = ["64493"]
to_place = "24"

[[event]]
name = "factor"
kind = "conversion_factor"
effective_from = 2028-01-01
percent = -3

[[alternative]]
name = "stay"
without = ["to the center"]

[[alternative]]
name = "other mix"
share = { Medicare = 50, Atlantic = 50 }
percent = { Atlantic = 120 }
volume = -2
cost = 1000

[[alternative]]
name = "hire"
[[alternative.event]]
name = "B joins"
kind = "hire"
effective_from = 2027-01-01
adds = 10
cost = 30000
provider = { name = "B" }
"""


@pytest.fixture
def made(plan):
    return plan(TEXT)


@pytest.fixture
def compared(made):
    return {each.forecast.name: each for each in compare_alternatives(made, forecast(made))}


def test_an_alternative_is_the_scenario_that_it_describes(made, plan, compared):
    assert list(compared) == ["stay", "other mix", "hire"]
    without = TEXT.replace('[[event]]\nname = "to the center"\nkind = "site_shift"\neffective_from = 2027-01-01\n', "")
    without = without.replace('codes = ["64493"]\nto_place = "24"\n', "").replace('without = ["to the center"]', "")
    same = forecast(plan(without))
    assert compared["stay"].forecast.total == same.total
    assert compared["stay"].difference == same.total - forecast(made).total > 0


def test_a_break_even_in_volume_is_where_both_net_the_same(made, compared):
    target = forecast(made).total
    for each in compared.values():
        found = next(one for one in each.break_even if one.what == "volume")
        other = made.with_scenario(made.scenario.as_alternative(named(made, each.forecast.name)))
        before = other.scenario.volume_change
        at, below = (
            net(other.with_scenario(other.scenario.model_copy(update={"volume_change": change(before, percent)})))
            for percent in (found.at, found.at - D("0.01"))
        )
        assert below < target <= at + D("0.01")


def test_a_break_even_in_a_share_is_where_both_net_the_same(made, compared):
    target = forecast(made).total
    each = compared["other mix"]
    other = made.with_scenario(made.scenario.as_alternative(named(made, "other mix")))
    found = [one for one in each.break_even if one.what == "share" and one.at is not None]
    assert found
    for one in found:
        number = [payer.name for payer in made.scenario.payer].index(one.payer)
        step = D("0.01") if one.pays == "above" else D("-0.01")
        at, before = (
            net(other.with_scenario(with_share(other.scenario, number, share))) for share in (one.at, one.at - step)
        )
        assert before < target <= at + D("0.01")


def test_a_break_even_in_rates_is_told_as_a_percent_of_medicare(made, compared):
    target = forecast(made).total
    found = next(one for one in compared["other mix"].break_even if one.what == "rates" and one.payer == "Atlantic")
    other = made.scenario.as_alternative(named(made, "other mix"))

    def nets(percent):
        payers = [p.model_copy(update={"percent": percent}) if p.name == "Atlantic" else p for p in other.payer]
        return net(made.with_scenario(other.model_copy(update={"payer": tuple(payers)})))

    # a unit's amount is rounded to the cent: a few cents a unit either way
    units = 3 * 1100
    assert abs(nets(found.percent) - target) < D("0.02") * units
    assert nets(found.percent + 1) > target > nets(found.percent - 1)


def test_a_hire_that_costs_more_than_he_brings_needs_more_volume(compared):
    found = compared["hire"]
    volume = next(one for one in found.break_even if one.what == "volume")
    assert (found.difference < 0) == (volume.at > 0)


def test_what_no_break_even_reaches_says_why(plan):
    text = TEXT.replace("share = { Medicare = 50, Atlantic = 50 }", "share = { Medicare = 100, Atlantic = 0 }")
    made = plan(text)
    found = {
        (each.what, each.payer): each
        for each in compare_alternatives(made, forecast(made))[1].break_even
        if each.at is None
    }
    assert found["share", "Medicare"].reason == "it is the only payer"
    assert found["rates", "Atlantic"].reason == "nothing comes in that could be more"


def test_the_tornado_moves_each_thing_by_itself(made):
    found = {each.what: each for each in tornado(made)}
    base = net(made)
    assert found["volume"].high_difference == net_with(made, volume_change=D(5)) - base  # 5 percent is the usual size
    assert found["volume"].low == "-5 %"
    stays = net(made, frozenset({1})) - base
    assert found["event: to the center"].low_difference == stays > 0
    assert found["event: to the center"].high_difference == 0
    swings = [each.swing for each in tornado(made)]
    assert swings == sorted(swings, reverse=True)
    assert found["conversion factor"].low_difference < 0 < found["conversion factor"].high_difference
    assert found["share of Atlantic"].low == "35 %"


def test_the_scenarios_own_sizes_go_before_the_usual(plan):
    made = plan(TEXT + "\n[uncertainty]\nvolume = 10\nrates = 1\n")
    found = {each.what: each for each in tornado(made)}
    assert (found["volume"].low, found["rates of Atlantic"].high) == ("-10 %", "+1 %")


def named(made, name):
    return next(each for each in made.scenario.alternative if each.name == name)


def change(before, percent):
    return ((1 + before / 100) * (1 + percent / 100) - 1) * 100


def net_with(made, **update):
    return net(made.with_scenario(made.scenario.model_copy(update=update)))
