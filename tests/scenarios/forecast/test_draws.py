"""Draws: the same seed, the right odds and spreads, and quick."""

import time

import numpy as np
import pytest

from feecalc.errors import InvalidValue
from feecalc.scenarios.forecast.draws import TOTAL, draw, nothing_is_uncertain
from feecalc.scenarios.forecast.result import forecast, net

TEXT = """
[[payer]]
name = "Medicare"
share = 60
medicare = true
[[payer]]
name = "Atlantic"
share = 40
percent = 130
[growth]
volume = 2
"""
EVENTS = """
[[event]]
name = "factor"
kind = "conversion_factor"
effective_from = 2027-01-01
percent = -10
odds = 30
[[event]]
name = "hire"
kind = "hire"
effective_from = 2028-01-01
adds = 20
cost = 5000
provider = { name = "B" }
odds = 60
"""


def test_the_same_seed_gives_the_same_numbers(plan):
    text = TEXT + EVENTS + "[uncertainty]\nvolume = 5\ngrowth = 1\nmix = 4\n"
    one, other = draw(plan(text), 500, 7), draw(plan(text), 500, 7)
    assert np.array_equal(one.net, other.net)
    assert one.spread.equals(other.spread)
    assert not np.array_equal(one.net, draw(plan(text), 500, 8).net)


def test_nothing_uncertain_draws_the_forecast_itself(plan):
    made = plan(TEXT)
    assert nothing_is_uncertain(made.scenario)
    found = draw(made, 50, 1)
    years = [float(each) for each in forecast(made).years["net"][1:]]
    assert found.net == pytest.approx(np.tile(years, (50, 1)), abs=0.05)  # cells are rounded to cents
    assert found.odds == {}


def test_events_come_as_often_as_their_odds_and_pay_as_the_forecast_says(plan):
    made = plan(TEXT + EVENTS)
    found = draw(made, 20_000, 3)
    assert abs(found.odds["factor"] - 30) < 1
    assert abs(found.odds["hire"] - 60) < 1.1
    worlds = [float(net(made, frozenset(which))) for which in ((), (0,), (1,), (0, 1))]
    totals = found.net.sum(axis=1)
    assert len(np.unique(totals.round(2))) == 4
    assert sorted(np.unique(totals.round(1))) == pytest.approx(sorted(worlds), abs=0.1)
    # 0.7 x 0.4, 0.3 x 0.4, 0.7 x 0.6, 0.3 x 0.6
    expected = sum(share * world for share, world in zip((0.28, 0.12, 0.42, 0.18), worlds, strict=True))
    assert totals.mean() == pytest.approx(expected, rel=0.002)


def test_the_spread_of_volume_is_the_one_that_was_asked(plan):
    made = plan(TEXT + "[uncertainty]\nvolume = 5\n")
    found = draw(made, 40_000, 5)
    year = float(forecast(made).years["net"][1])
    assert found.net[:, 0].mean() == pytest.approx(year, rel=0.002)
    assert found.net[:, 0].std() == pytest.approx(0.05 * year, rel=0.02)
    # the 10th and 90th percentile of a normal are 1.2816 deviations from its middle
    p10, p90 = (float(found.spread[name][0]) for name in ("p10", "p90"))
    assert (p90 - p10) / year == pytest.approx(2 * 1.2816 * 0.05, rel=0.03)


def test_the_mix_moves_between_payers_and_all_units_stay(plan):
    """With equal terms the mix changes nothing; with others it does."""
    same = TEXT.replace("medicare = true", "percent = 130") + "[uncertainty]\nmix = 5\n"
    found = draw(plan(same), 2000, 2)
    assert found.net.std(axis=0) == pytest.approx(0, abs=1e-6)
    assert draw(plan(TEXT + "[uncertainty]\nmix = 5\n"), 2000, 2).net.std(axis=0).min() > 100


def test_the_growth_is_drawn_once_and_compounds(plan):
    found = draw(plan(TEXT + "[uncertainty]\ngrowth = 2\n"), 2000, 4)
    levels = found.net / np.median(found.net, axis=0)
    assert levels[:, 1] == pytest.approx(levels[:, 0] ** 2, rel=0.01)
    assert levels[:, 2] == pytest.approx(levels[:, 0] ** 3, rel=0.01)


def test_the_chance_to_miss_is_the_share_of_draws_below(plan):
    made = plan(TEXT + "[uncertainty]\nvolume = 5\n")
    target = forecast(made).years["net"][2]
    found = draw(made, 20_000, 6, target)
    rows = {row["period"]: row for row in found.spread.to_dicts()}
    assert abs(rows["2028"]["chance_to_miss"] - 50) < 1
    missed = 100 * (found.net[:, 0] < float(target)).mean()
    assert float(rows["2027"]["chance_to_miss"]) == pytest.approx(missed, abs=0.006)
    below = (found.net.sum(axis=1) < 3 * float(target)).mean()
    assert float(rows[TOTAL]["chance_to_miss"]) == pytest.approx(100 * below, abs=0.006)
    assert rows["2027"]["p10"] < rows["2027"]["p50"] < rows["2027"]["p90"]


@pytest.mark.parametrize("count", [0, -1, 10_000_000])
def test_too_many_or_no_draws(plan, count):
    with pytest.raises(InvalidValue, match="give from 1 to 1,000,000"):
        draw(plan(TEXT), count, 1)


def test_a_seed_below_zero_and_too_many_uncertain_events(plan):
    with pytest.raises(InvalidValue, match="below 0"):
        draw(plan(TEXT), 10, -1)
    hires = "".join(
        f'[[event]]\nname = "h{n}"\nkind = "hire"\neffective_from = 2027-01-01\nadds = 1\nodds = 50\n'
        f'provider = {{ name = "p{n}" }}\n'
        for n in range(11)
    )
    with pytest.raises(InvalidValue, match="11 events have odds"):
        draw(plan(TEXT + hires), 10, 1)


def test_ten_thousand_draws_of_three_years_take_less_than_two_seconds(plan):
    made = plan(TEXT + EVENTS + "[uncertainty]\nvolume = 5\ngrowth = 1\nmix = 4\n")
    begin = time.perf_counter()
    found = draw(made, 10_000, 1)
    assert found.net.shape == (10_000, 3)
    assert time.perf_counter() - begin < 2


@pytest.mark.parametrize("key", ["denial", "collection"])
def test_denials_and_collections_spread_what_comes_in(plan, key):
    """One payer that denies 10 of 100 and collects 80 of the rest: 4 points are 4/90 and 4/80 of what comes in."""
    text = '[[payer]]\nname = "Medicare"\nshare = 100\nmedicare = true\ndenial_rate = 10\ncollection_rate = 80\n'
    made = plan(text + f"[uncertainty]\n{key} = 4\n")
    assert not nothing_is_uncertain(made.scenario)
    found = draw(made, 40_000, 5)
    year = float(forecast(made).years["net"][1])
    part = 4 / {"denial": 90, "collection": 80}[key]
    assert found.net[:, 0].mean() == pytest.approx(year, rel=0.002)
    assert found.net[:, 0].std() == pytest.approx(part * year, rel=0.02)
    p10, p90 = (float(found.spread[name][0]) for name in ("p10", "p90"))
    assert (p90 - p10) / year == pytest.approx(2 * 1.2816 * part, rel=0.03)
    assert abs(np.corrcoef(found.net[:, 0], found.net[:, 1])[0, 1]) < 0.02  # each year anew


def test_rates_never_leave_the_whole(plan):
    text = '[[payer]]\nname = "Medicare"\nshare = 100\nmedicare = true\n[uncertainty]\ncollection = 50\ndenial = 50\n'
    made = plan(text)
    found = draw(made, 5000, 5)
    assert found.net.min() >= 0
    assert found.net.max() <= float(forecast(made).years["net"][1]) + 0.05


def test_a_spread_that_is_not_given_changes_no_other_draw(plan):
    text = TEXT + EVENTS + "[uncertainty]\nvolume = 5\nmix = 4\n"
    assert np.array_equal(draw(plan(text), 200, 7).net, draw(plan(text + "denial = 0\n"), 200, 7).net)
