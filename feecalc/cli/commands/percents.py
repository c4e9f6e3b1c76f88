"""Print ``--percent``: amounts at a percent of Medicare, and what commercial payers are reported to pay."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from feecalc.cli.terminal.output import money, print_table, say, show, wrapped

if TYPE_CHECKING:
    from datetime import date

    from feecalc.pricing.price import Price


def print_percents(price: Price, percents: Sequence[Decimal]) -> None:
    """Print the amounts at the percents, of a range as a table."""
    from feecalc.pricing.percent_of_medicare import at_percents

    show()
    rows = [
        {"% of Medicare": row["percent"], "amount": row["amount"], "": row["what"]}
        for row in at_percents(price, percents)
    ]
    if len(percents) > 1:
        print_table(rows)
        return
    (row,) = rows
    show(f"At {row['% of Medicare']} % of Medicare: {money(row['amount'])}")


def say_published(percents: Sequence[Decimal], day: date) -> None:
    """Say the published percents beside a range, as a notice."""
    from feecalc.pricing.percent_of_medicare import published_beside

    found = "; ".join(f"{row['percent']} {row['what']}" for row in published_beside(percents, day))
    if found:
        say(wrapped(f"commercial payers, % of Medicare for professional services: {found}"))
