"""What is left of a deductible over a claim whose days lie under different rules."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
from pricing.claims import made_up
from pricing.claims.cases import line

from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays

LEFT = Decimal("150.00")
CENT = Decimal("0.01")


def test_what_the_earlier_day_took_is_not_left_for_the_later_one():
    """Sequestration changed on April 1, 2022: the two days are priced apart. 150.00 is left before the claim."""
    coverage = [ReleaseDays(made_up.schedule(), date(2022, 1, 1), date(2022, 12, 31))]
    days = (date(2022, 4, 1), date(2022, 3, 31))  # the later one stands first
    lines = [
        {**line("VISIT", deductible_left=LEFT), "date_of_service": day, "line": at} for at, day in enumerate(days, 1)
    ]
    later, earlier = ClaimPricer(coverage).price(pl.DataFrame(lines, infer_schema_length=None)).rows(named=True)
    assert earlier["allowed_amount"] < LEFT < 2 * earlier["allowed_amount"]
    assert earlier["patient_share"] == earlier["allowed_amount"]  # all of it to the deductible
    left = LEFT - earlier["allowed_amount"]
    coinsurance = ((later["allowed_amount"] - left) * 20 / 100).quantize(CENT, ROUND_HALF_UP)
    assert later["patient_share"] == left + coinsurance
    assert (earlier["sequestration"], later["sequestration"] > 0) == (0, True)
