"""Amounts at a percent of Medicare, in columns beside Medicare's own, and what commercial payers are known to pay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from feecalc.money import MONEY_PLACES, PERCENT_PLACES, money, rounded, scaled, whole
from feecalc.pricing.percent_of_medicare import published_beside

ALLOWED = "allowed_amount"


def percent_name(amount: str, percent: Decimal) -> str:
    """Return ``allowed_at_150_percent`` for ``allowed_amount`` and 150."""
    return f"{amount.removesuffix('_amount')}_at_{percent.normalize():f}_percent"


def at_percent(table: pl.DataFrame, amount: str, percent: Decimal) -> pl.Series:
    """Return the percent of a column of amounts, halves of a cent up; null where there is no amount. [USD]"""
    cents = scaled(table[amount], MONEY_PLACES)
    part = rounded(cents * whole(percent, PERCENT_PLACES), 100 * 10**PERCENT_PLACES)
    name = percent_name(amount, percent)
    return pl.DataFrame({name: part}).select(money(pl.col(name)).cast(table.schema[amount]).alias(name)).to_series()


def with_percents(
    table: pl.DataFrame, percents: Sequence[Decimal], amounts: Sequence[str] = (ALLOWED,)
) -> pl.DataFrame:
    """Return the table with a column for each amount and percent behind its own."""
    return table.with_columns(at_percent(table, amount, percent) for amount in amounts for percent in percents)


def published_note(percents: Sequence[Decimal], day: date) -> str:
    """Return what commercial payers are published to pay, beside a range of percents; "" beside a single one."""
    found = "; ".join(f"{row['percent']} {row['what']}" for row in published_beside(percents, day))
    return f"commercial payers, % of Medicare for professional services: {found}" if found else ""
