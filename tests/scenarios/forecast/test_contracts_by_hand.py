"""Payers by contract, and payers that the volume names, worked by hand. National amounts as in test_by_hand."""

from decimal import Decimal

import polars as pl
from scenarios.forecast.written import VISITS, cents, event

from feecalc.scenarios.forecast.result import forecast

D = Decimal
MEDICARE_2 = D("0.2") + D("0.8") * D("0.98")


def total(plan, year=2027):
    return dict(forecast(plan).years.select("year", "revenue").iter_rows())[year]


def test_a_contract_with_a_carve_out_and_an_escalator(plan, tmp_path):
    """120 percent from 2026, 2 percent more on each July 1 from 2027: 122.4 then, 124.848 from July 2028."""
    (tmp_path / "payer.toml").write_text(
        'payer = "Atlantic"\npercent = 120\n[[carve_out]]\nhcpcs = "64493"\namount = 300.00\n'
        "[escalator]\npercent = 2\nfirst_applied = 2027-07-01\n"
    )
    text = '[[payer]]\nname = "Atlantic"\nshare = 100\ncontract = "payer.toml"\n'
    made = plan(text)
    before = cents(D("95.19") * D("1.2")), D("300.00")
    after = cents(D("95.19") * D("1.224")), D("306.00")
    year = [
        cents((181 * one + 184 * other) / 365 * units)
        for one, other, units in zip(before, after, (1000, 100), strict=True)
    ]
    assert total(made, 2026) == 1000 * before[0] + 100 * before[1]
    assert total(made, 2027) == sum(year)


def test_a_contract_of_a_fixed_year_does_not_follow_the_factor(plan, tmp_path):
    (tmp_path / "fixed.toml").write_text('payer = "Fixed"\npercent = 110\n[basis]\nrelease = "2026C"\n')
    (tmp_path / "current.toml").write_text('payer = "Current"\npercent = 110\n[basis]\nyear = "current"\n')
    cut = event("conversion_factor", conversion_factor=30)
    payer = '[[payer]]\nname = "P"\nshare = 100\ncontract = "{}.toml"\n'
    fixed, current = (
        plan(payer.format(name) + cut, volume=VISITS) for name in ("fixed", "current")
    )
    assert total(fixed, 2027) == total(fixed, 2026) == 1000 * cents(D("95.19") * D("1.1"))
    assert total(current, 2027) == 1000 * cents(cents(D("2.85") * 30) * D("1.1"))


def test_payers_that_the_volume_names(plan):
    volume = "hcpcs,units,payer\n99213,600,Medicare\n99213,400,Atlantic\n"
    text = '[[payer]]\nname = "Medicare"\nmedicare = true\n[[payer]]\nname = "Atlantic"\npercent = 130\n'
    found = forecast(plan(text, volume=volume)).cells.filter(pl.col("year") == 2026)
    revenue = found.group_by("payer", maintain_order=True).agg(pl.col("revenue").sum())
    assert dict(revenue.iter_rows()) == {
        "Medicare": cents(600 * D("95.19") * MEDICARE_2),
        "Atlantic": 400 * D("123.75"),
    }
