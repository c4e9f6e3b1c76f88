"""``--percent``: the simplest contract, a percent of Medicare, and what commercial payers are said to pay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.output import money, print_table, quoted, say, show, wrapped
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from datetime import date

    from feecalc.pricing.price import Price

PercentOption = Annotated[
    str | None,
    typer.Option("--percent", metavar="N|N..N", help="Also at a percent of Medicare, 150, or a range, 120..200."),
]
MOST_PERCENT = 1000
_PERCENT = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)\s*%?(?:\s*\.\.\s*(\d{1,4}(?:\.\d{1,2})?)\s*%?)?")
_SHORT_NAME = 4  # letters: RAND, HCCI
_AVERAGE = "point"


def percents_option(text: str) -> tuple[Decimal, ...]:
    """One percent of ``--percent``, or the two ends of a range, the lower first. Raises InvalidValue."""
    match = _PERCENT.fullmatch(text.strip()) if text.isascii() else None
    found = tuple(Decimal(part) for part in match.groups() if part) if match else ()
    if not found or not all(0 < each <= MOST_PERCENT for each in found):
        raise InvalidValue(f"{quoted(text)} is not a percent of Medicare; write 150, 137.5, or a range as 120..200")
    if found[-1] < found[0]:
        raise InvalidValue(f"{quoted(text)}: the range runs backwards; write the lower percent first")
    return tuple(dict.fromkeys(found))


def at_percents(price: Price, percents: Sequence[Decimal]) -> Iterator[dict[str, Any]]:
    """The amount at each percent, and for a range at each published benchmark, the lowest first.

    Each: percent, amount (rounded once, half up; None where Medicare has none), what, source.
    """
    rows = [(each, "as asked", "") for each in percents]
    if len(percents) > 1:
        rows += _benchmarks(price.day)
    for percent, what, source in sorted(rows):
        yield {"percent": percent, "amount": _amount(price, percent), "what": what, "source": source}


def _amount(price: Price, percent: Decimal) -> Decimal | None:
    from feecalc.money import MONEY_PLACES, exact, percent_of, whole

    if price.allowed_amount is None:
        return None
    return exact(percent_of(whole(price.allowed_amount, MONEY_PLACES), str(percent)), MONEY_PLACES)


def _benchmarks(day: date) -> list[tuple[Decimal, str, str]]:
    """What is published of commercial payers for professional services."""
    from feecalc.pricing.commercial_range import commercial_range

    found = []
    for each in commercial_range(Decimal(0), day):
        name = each.publisher
        name = name.upper() if len(name) <= _SHORT_NAME else name.replace("_", " ").capitalize()
        ends = "" if each.bound == _AVERAGE else f", {each.bound} end"
        doubt = "" if each.confirmed else " (not confirmed)"
        found.append((Decimal(each.percent), f"{name} {each.year}, {each.area}{ends}{doubt}", each.source))
    return found


def print_percents(price: Price, percents: Sequence[Decimal]) -> None:
    """The amounts at the percents as a table."""
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


def benchmark_rows(percents: Sequence[Decimal], day: date) -> list[dict[str, Any]]:
    """What is published of commercial payers, the lowest first: percent, what, source. Only beside a range."""
    rows = sorted(_benchmarks(day)) if len(percents) > 1 else []
    return [{"percent": percent, "what": what, "source": source} for percent, what, source in rows]


def say_benchmarks(percents: Sequence[Decimal], day: date) -> None:
    """The published percents beside a range, as a notice."""
    told = "; ".join(f"{row['percent']} {row['what']}" for row in benchmark_rows(percents, day))
    if told:
        say(wrapped(f"commercial payers, % of Medicare for professional services: {told}"))
