"""A payer's own percents for several procedures, both sides and assistants. Fees are those of ``made_up``."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from pricing.claims import made_up
from pricing.claims.cases import line

from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.rules import ClaimRules


def allowed(rules, *lines):
    frame = pl.DataFrame([{**each, "line": at} for at, each in enumerate(lines, start=1)], infer_schema_length=None)
    return ClaimPricer([ReleaseDays.of_year(made_up.schedule())], rules).price(frame)["allowed_amount"].to_list()


def test_percents_of_the_second_procedure_and_those_after_it():
    """1,043.48 in full, half of 1,010.60 = 505.30, a quarter of 922.90 = 230.725, rounded up."""
    rules = ClaimRules(surgery_percents=("100", "50", "25"))
    assert allowed(rules, line("SURG1"), line("SURG2"), line("SURG3")) == [
        Decimal("1043.48"), Decimal("505.30"), Decimal("230.73"),
    ]  # fmt: skip


@pytest.mark.parametrize(("percent", "amount"), [("", "150.00"), ("200", "200.00"), ("125.50", "125.50")])
def test_both_sides(percent, amount):
    """Of a row that Medicare pays 150 percent: 100.00 a side."""
    code = made_up.schedule().rvu.filter(pl.col("bilateral_indicator") == "1")["hcpcs"][0]
    (one,) = allowed(ClaimRules(surgery=False), line(code))
    (both,) = allowed(ClaimRules(surgery=False, both_sides_percent=percent), line(code, "50"))
    assert both == (one * Decimal(amount) / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")


def test_an_assistant():
    """20 percent of 500.00 is 100.00; AS 85 percent of that."""
    rules = ClaimRules(assistant_percent="20")
    assert allowed(rules, line("SURG5", "80")) == [Decimal("100.00")]
    assert allowed(rules, line("SURG5", "AS")) == [Decimal("85.00")]
