"""The charge among the factors: what a bill below the amount leaves, and what two sides' charges give each other."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from pricing.claims import made_up
from pricing.claims.cases.form import line

from feecalc.contracts.terms.fee_table import own_fee
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.results import COLUMNS, OWN_FEE_SCHEMA
from feecalc.pricing.claims.rules import ClaimRules


def priced(*lines: dict[str, Any], **rules: Any) -> pl.DataFrame:
    claims = pl.DataFrame([{"line": at, **each} for at, each in enumerate(lines, start=1)]).with_columns(
        pl.col("billed_amount").cast(pl.Decimal(12, 2))
    )
    pricer = ClaimPricer([ReleaseDays.of_year(made_up.schedule())], ClaimRules(**rules))
    return pricer.price(claims, [*COLUMNS, *(name for name in OWN_FEE_SCHEMA if name not in COLUMNS)])


def sides(first: str, *more: str, **about: Any) -> pl.DataFrame:
    """XRAY1 pays 50.00 for both sides (bilateral indicator 0): RT at ``first``, LT at 2,000.00."""
    return priced(
        line("XRAY1", "RT", *more, billed_amount=first, **about),
        line("XRAY1", "LT", *more, billed_amount="2000.00", **about),
    )


def test_a_charge_below_the_amount():
    """1,010.60 x 50 percent is 505.30; 400.00 is 0.7916 of it, to the cent."""
    second = priced(line("SURG1", billed_amount="2000.00"), line("SURG2", billed_amount="400.00")).row(1, named=True)
    assert second["allowed_amount"] == Decimal("400.00")
    assert second["mppr_factor"] == Decimal("0.5")
    assert second["charge_factor"] == Decimal("0.7916")


def test_a_charge_above_the_amount_has_no_factor():
    assert priced(line("SURG1", billed_amount="2000.00"))["charge_factor"].to_list() == [None]


def test_a_bill_that_is_no_ceiling_has_no_factor():
    found = priced(line("SURG1", billed_amount="400.00"), lower_of_billed=False)
    assert found["charge_factor"].to_list() == [None]


@pytest.mark.parametrize(
    ("first", "more", "about", "allowed", "modifier", "charge"),
    [
        # 50.00 for both: the first side's charge is 10.00, and 40.00 is left: 80 percent of 50.00
        ("10.00", (), {}, "40.00", None, "0.8"),
        # an assistant's 16 percent of 50.00 is 8.00; less 3.00 it is 5.00, of 8.00 62.5 percent
        ("3.00", ("80",), {}, "5.00", "0.16", "0.625"),
        # a nurse practitioner's 85 percent is 42.50; less 10.00 it is 32.50, of 42.50 0.7647, to the cent
        ("10.00", (), {"provider_type": "np"}, "32.50", None, "0.7647"),
    ],
)
def test_a_side_that_only_the_charges_pay(first, more, about, allowed, modifier, charge):
    """The bilateral rule leaves 0 of the second side: its factor says what the charges then gave it."""
    second = sides(first, *more, **about).row(1, named=True)
    assert second["pricing_status"] == "priced"
    assert second["allowed_amount"] == Decimal(allowed)
    assert second["bilateral_factor"] is None
    assert second["modifier_factor"] == (None if modifier is None else Decimal(modifier))
    assert second["charge_factor"] == Decimal(charge)


def test_a_payer_s_own_fee_is_paid_once_for_both_sides():
    """The second side is paid by its charge alone: of a fee table's 70.00 it gets nothing, the first side all."""
    found = sides("10.00")
    none = pl.Series([False, False]).to_numpy()
    fee, units = pl.Series([7000, 7000]).to_numpy(), pl.Series([1, 1]).to_numpy()
    assert own_fee(fee, units, found, none, none).tolist() == [7000, 0]


def test_the_factor_is_the_same_where_it_is_asked_for_alone():
    lines = [line("XRAY1", "RT", billed_amount="10.00"), line("XRAY1", "LT", billed_amount="2000.00")]
    claims = pl.DataFrame([{"line": at, **each} for at, each in enumerate(lines, start=1)]).with_columns(
        pl.col("billed_amount").cast(pl.Decimal(12, 2))
    )
    pricer = ClaimPricer([ReleaseDays.of_year(made_up.schedule())])
    found = pricer.price(claims, ["charge_factor"])["charge_factor"].to_list()
    assert found == [Decimal("0.2"), Decimal("0.8")]  # 10.00 and 40.00 of 50.00
