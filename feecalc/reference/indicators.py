"""The indicators that the rules know. Source: reference/pfs_indicator.toml, reference/known_indicator.toml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from feecalc.reference import rows, rows_on

_RELATIVE_VALUES = "rvu"


@dataclass(frozen=True)
class KnownIndicators:
    """Name a column of a table that holds indicators, those that are known, and what becomes of rows with another."""

    column: str
    values: frozenset[str]
    effect: str


@cache
def ever_known(table: str, column: str) -> frozenset[str]:
    """Return the indicators of a column of the edits' files, of any day."""
    (values,) = [row["values"] for row in rows("known_indicator") if (row["table"], row["column"]) == (table, column)]
    return frozenset(values)


@lru_cache(maxsize=256)
def known_indicators(table: str, day: date) -> tuple[KnownIndicators, ...]:
    """Return the columns of ``table`` that hold indicators, with those of ``day``; none where no rule is so old."""
    if table == _RELATIVE_VALUES:
        found = rows_on("pfs_indicator", day)
        return tuple(KnownIndicators(row["column"], frozenset(row["values"]), "") for row in found)
    return tuple(
        KnownIndicators(row["column"], frozenset(row.get("values") or _of_rules(row["rules"], day)), row["effect"])
        for row in rows_on("known_indicator", day, table=table)
    )


def _of_rules(name: str, day: date) -> list[str]:
    return [row["code"] for row in rows_on(name, day)]
