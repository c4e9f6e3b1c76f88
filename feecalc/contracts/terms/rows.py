"""Checks of rows that are in force on some days only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import TypeVar

from feecalc.contracts.fields import DatedSection
from feecalc.errors import InvalidValue
from feecalc.files.toml import Places

RowT = TypeVar("RowT", bound=DatedSection)


def check_days(table: str, rows: Sequence[DatedSection], days: DatedSection, places: Places) -> None:
    """Raise InvalidValue for a row that is in force on no day of the contract."""
    for number, row in enumerate(rows):
        if not days.overlaps(row):
            key = "effective_from" if row.effective_from else "effective_to"
            raise InvalidValue(
                f"{places.of(table, number, key)}: the row is in force on no day of the contract, which is from "
                f"{days.effective_from or 'the beginning'} to {days.effective_to or 'no end'}"
            )


def same_on_one_day(
    rows: Sequence[RowT], key: Callable[[RowT], object]
) -> Iterable[tuple[tuple[int, RowT], tuple[int, RowT]]]:
    """Return pairs of rows with the same key that are in force on the same day; rows are numbered from 0."""
    groups: dict[object, list[tuple[int, RowT]]] = {}
    for number, row in enumerate(rows):
        groups.setdefault(key(row), []).append((number, row))
    pairs = (pair for group in groups.values() for pair in combinations(group, 2))
    return (pair for pair in pairs if pair[0][1].overlaps(pair[1][1]))
