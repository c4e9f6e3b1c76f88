"""A line that an edit denies pays nothing and takes no part in the rules for several lines."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from pricing.claims import made_up
from pricing.claims.cases import line

from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays


@pytest.fixture(scope="module")
def pricer():
    return ClaimPricer([ReleaseDays.of_year(made_up.schedule())])


def priced(pricer, *lines):
    given = [{**each, "line": at} for at, each in enumerate(lines, start=1)]
    frame = pl.DataFrame(given, infer_schema_length=None)
    return pricer.price(frame).rows(named=True)


class TestDenied:
    def test_the_next_procedure_ranks_first(self, pricer):
        """1,043.48 denied; 1,010.60 is then the highest, in full, and 922.90 the second: half."""
        lines = (line("SURG1", denied=True), line("SURG2", denied=False), line("SURG3", denied=False))
        first, second, third = priced(pricer, *lines)
        assert (first["pricing_status"], first["allowed_amount"]) == ("denied_by_edit", Decimal("0.00"))
        assert first["fee_schedule_amount"] == Decimal("1043.48")
        assert second["allowed_amount"] == Decimal("1010.60")
        assert third["allowed_amount"] == Decimal("461.45")

    def test_what_is_wrong_with_the_line_is_said_first(self, pricer):
        found = priced(pricer, line("NOSUCH", denied=True), line("VISIT", denied=False))
        assert [each["pricing_status"] for each in found] == ["unknown_code", "priced"]
