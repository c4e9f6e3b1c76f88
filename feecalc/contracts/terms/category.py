"""Percents of Medicare for categories of codes: by a known name, by RBCS, or by codes and ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

import numpy as np

from feecalc.contracts.amounts import NONE, RATE_PLACES
from feecalc.contracts.categories import Categories, Taxonomy, known_categories, spans_of
from feecalc.contracts.codes import CodeSelection
from feecalc.contracts.fields import DatedSection, Percent, Section, Words
from feecalc.contracts.terms.cells import FROM_AND_TO, Column, as_list
from feecalc.contracts.terms.payment import Payment
from feecalc.contracts.terms.rows import check_days, same_on_one_day
from feecalc.contracts.terms.solvable import MOST_PERCENT, STEP, SolvableTerm, steps
from feecalc.contracts.terms.term import ContractDay, DayTerm, Keys, Term
from feecalc.errors import InvalidValue
from feecalc.files.toml import Places
from feecalc.money import whole
from feecalc.pricing.arrays import Integers

_LABEL = "category "  # before its name
_FIRST_DAY = date(2009, 1, 1)


class CategoryTerm(CodeSelection, DatedSection):
    """A percent for a category of codes: by a known name, by RBCS, or by codes and ranges (``categories``)."""

    name: Words
    percent: Percent


class CategoryKeys(Section):
    """The rows of categories."""

    category: tuple[CategoryTerm, ...] = ()


@dataclass(frozen=True)
class _DayCategories(DayTerm):
    categories: Categories
    percents: Integers  # of each category [ten-thousandths of a percent]

    def set_percents(self, payment: Payment) -> None:
        number = self.categories.numbers(payment.lines.keys)
        is_listed = number != NONE
        payment.percent[is_listed] = self.percents[number[is_listed]]
        labels = np.array([payment.number(_LABEL + name) for name in self.categories.names], np.int64)
        payment.decided_by[is_listed] = labels[number[is_listed]]


class CategoryPercents(Term[CategoryKeys]):
    """The percents of categories, in place of the common percent."""

    name = "category"
    section = CategoryKeys
    sheet = "category"
    columns: ClassVar = {
        "name": Column("Category", "A known name, or any name with codes."),
        "percent": Column("Percent", "Of Medicare, 112.5"),
        "codes": Column("Codes", "Codes and ranges with commas; empty for a known name.", as_list),
        "rbcs": Column("RBCS", "Categories of CMS's taxonomy, in place of codes.", as_list),
        "without": Column("Without", "Codes and ranges left out.", as_list),
        **FROM_AND_TO,
    }
    heading = "Percent by category"
    pays_alone = "[[category]]"

    def help(self, day: date) -> str:
        known = ", ".join(known_categories(day))
        return f"Known names: {known}. Any other name needs its codes. Other codes are paid at the percent above."

    def is_given(self, keys: CategoryKeys) -> bool:
        return bool(keys.category)

    def check(self, keys: CategoryKeys, days: DatedSection, places: Places) -> None:
        """Check that no name and no code is in two categories on one day. Raises InvalidValue.

        Categories by RBCS are checked when lines are priced.
        """
        rows = keys.category
        for (first_number, _), (second_number, second) in same_on_one_day(rows, lambda row: row.name.lower()):
            raise InvalidValue(
                f"{places.of('category', second_number, 'name')}: {second.name!r} is also "
                f"{places.row('category', first_number)} for the same days; overlapping dates leave open which percent "
                "applies"
            )
        check_days("category", rows, days, places)
        for day in _days_of_change(rows, days):
            numbered = [(number, row) for number, row in enumerate(rows) if row.applies_on(day) and not row.rbcs]
            contract_categories(
                [row for _, row in numbered],
                day,
                where=[f"{places.of('category', number, '')} ({row.name})" for number, row in numbered],
            )

    def state_on(self, keys: CategoryKeys, day: date) -> object:
        return [row.applies_on(day) for row in keys.category]

    def as_medicare_allows(self, keys: CategoryKeys) -> Keys:
        return {"category": ()}

    def on(self, keys: CategoryKeys, day: ContractDay) -> DayTerm | None:
        numbered = [(number, row) for number, row in enumerate(keys.category, 1) if row.applies_on(day.day)]
        if not numbered:
            return None
        where = [f"{day.payer}, [[category]] {number} ({row.name})" for number, row in numbered]
        rows = [row for _, row in numbered]
        percents = [whole(day.escalated(row.percent, RATE_PLACES), RATE_PLACES) for row in rows]
        categories = contract_categories(rows, day.day, day.taxonomy, where)
        return _DayCategories(categories, np.array(percents, np.int64))


def contract_categories(
    rows: Sequence[CategoryTerm], day: date, taxonomy: Taxonomy | None = None, where: Sequence[str] = ()
) -> Categories:
    """Return the categories of a contract's rows on a day. Raises InvalidValue where two share a code."""
    places = where or [f"[[category]] {number} ({row.name})" for number, row in enumerate(rows, 1)]
    named = [(row.name, spans_of(row, row.name, day, taxonomy, place)) for row, place in zip(rows, places, strict=True)]
    return Categories.of(named, places)


def _days_of_change(rows: Sequence[CategoryTerm], days: DatedSection) -> list[date]:
    """Return the days on which the set of rows in force changes, beginning with the contract's first day."""
    first_day = days.effective_from or _FIRST_DAY
    first_days = {first_day}
    for row in rows:
        first_days |= {row.effective_from} if row.effective_from else set()
        first_days |= (
            {row.effective_to + timedelta(days=1)} if row.effective_to and row.effective_to < date.max else set()
        )
    return sorted(day for day in first_days if first_day <= day <= (days.effective_to or date.max))


def solvable(keys: CategoryKeys, names: Sequence[str], payer: str, *, by_points: bool = False) -> SolvableTerm:
    """Return the percent of categories as a term to solve for: one for all of them or, ``by_points``, points added.

    Raises InvalidValue for a category that the contract does not have.
    """
    category_names = [_name_of(keys, name, payer) for name in names]
    rows = [row for row in keys.category if row.name in category_names]
    what = f"the percent of {_in_words(category_names)}"
    lowest = min(row.percent for row in rows)
    if by_points:

        def with_points(contract_keys: CategoryKeys, points: Decimal) -> Keys:
            return _with_percents(contract_keys, {row.name: row.percent + points for row in rows})

        return SolvableTerm(
            f"points added to {what}", "points", Decimal(0), -int(lowest / STEP), steps(MOST_PERCENT), with_points
        )

    def with_percent(contract_keys: CategoryKeys, percent: Decimal) -> Keys:
        return _with_percents(contract_keys, dict.fromkeys(category_names, percent))

    same = len({row.percent for row in rows}) == 1
    return SolvableTerm(what, "percent", lowest if same else None, 0, steps(MOST_PERCENT), with_percent)


def _name_of(keys: CategoryKeys, name: str, payer: str) -> str:
    for row in keys.category:
        if row.name.lower() == name.strip().lower():
            return row.name
    names = ", ".join(row.name for row in keys.category) or "none"
    raise InvalidValue(
        f"{payer}: no category {name!r} in the contract (it has {names}); name one of these, or solve for the percent"
    )


def _with_percents(keys: CategoryKeys, percents: dict[str, Decimal]) -> Keys:
    rows = tuple(
        row.model_copy(update={"percent": percents[row.name]}) if row.name in percents else row for row in keys.category
    )
    return {"category": rows}


def _in_words(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
