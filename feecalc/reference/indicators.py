"""The indicators that the rules know. Source: reference/known_indicator.toml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from feecalc.reference import rows, rows_on


@dataclass(frozen=True)
class KnownIndicators:
    """A column of a table, what a person calls its indicators, those that are known, and what becomes of others."""

    column: str
    name: str
    codes: frozenset[str]
    effect: str


@cache
def ever_known(table: str, column: str) -> frozenset[str]:
    """The listed indicators of a column, of any day. Raises ValueError where it has none."""
    (listed,) = [row["listed"] for row in rows("known_indicator") if (row["table"], row["column"]) == (table, column)]
    return frozenset(listed)


@lru_cache(maxsize=256)
def known_indicators(table: str, day: date) -> tuple[KnownIndicators, ...]:
    """The columns of ``table`` that hold indicators, with those in use on ``day``; none where no rule is so old."""
    found = []
    for row in rows_on("known_indicator", day, table=table):
        codes = row["listed"] if "listed" in row else [each["code"] for each in rows_on(row["rules"], day)]
        found.append(KnownIndicators(row["column"], row["name"], frozenset(codes), row["effect"]))
    return tuple(found)
