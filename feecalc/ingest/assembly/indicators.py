"""Indicators that are new: installed as they are printed, and noted with how many rows have each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from feecalc.reference.indicators import known_indicators

_MOST_NAMED = 6


def unknown_indicators(frames: Mapping[str, pl.DataFrame], day: date) -> tuple[str, ...]:
    """A sentence for each column of indicators that holds ones the rules of ``day`` do not know."""
    return tuple(
        f"{_counted(known.column, strange)}: new, no rule reads it; {known.effect}"
        for table, frame in frames.items()
        for known in known_indicators(table, day)
        if (strange := _strange(frame[known.column], known.values))
    )


def _strange(column: pl.Series, known: frozenset[str]) -> list[tuple[str, int]]:
    """The indicators that are not known with their rows, the most frequent first."""
    others = column.filter(~column.is_in(sorted(known)))
    return sorted(others.value_counts().iter_rows(), key=lambda each: (-each[1], each[0])) if len(others) else []


def _counted(column: str, strange: list[tuple[str, int]]) -> str:
    few = [f"{column} {code!r} in {rows:,} row{'' if rows == 1 else 's'}" for code, rows in strange[:_MOST_NAMED]]
    return ", ".join(few) + (f" and {len(strange) - _MOST_NAMED} more" if len(strange) > _MOST_NAMED else "")
