"""A forecast as cells of dollars and cents, and the sums people read it by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext

import polars as pl

from feecalc.money import MONEY_PLACES, rounded_to
from feecalc.scenarios.forecast.plan import DIGITS, PARTS, Plan
from feecalc.scenarios.forecast.timeline import Happening

_UNIT_PLACES = 2  # a forecast has parts of a unit
CELLS = {
    "scenario": pl.String(),
    "year": pl.Int32(),
    "payer": pl.String(),
    "category": pl.String(),
    "location": pl.String(),
    "part": pl.String(),
    "units": pl.Decimal(18, 2),
    "revenue": pl.Decimal(18, 2),
}
BY = ("payer", "category", "location", "part")


@dataclass(frozen=True)
class Forecast:
    """Revenue of each year in cells, each rounded once to the cent; every sum is of the cells.

    ``cells``: scenario, year, payer, category, location, part (professional, facility), units (of the professional
    part), revenue (USD, what is expected to come in). ``years``: year, revenue, cost (of events), net.
    """

    name: str
    base_year: int
    cells: pl.DataFrame
    years: pl.DataFrame

    @property
    def total(self) -> Decimal:
        """Return the net of the forecast's years, the base year left out. [USD]"""
        return _sum(self.years.filter(pl.col("year") > self.base_year)["net"])

    def by(self, what: str) -> pl.DataFrame:
        """Return revenue by year and one of ``BY``, highest first.

        Shape: what, then a column a year, then change_percent.
        """
        grouped = self.cells.group_by(what, "year").agg(pl.col("revenue").sum())
        wide = grouped.pivot("year", index=what, values="revenue", sort_columns=True).fill_null(0)
        years = sorted(wide.columns[1:])
        return wide.select(what, *years).sort(years[-1], what, descending=[True, False])


def forecast(plan: Plan, happening: Happening | None = None) -> Forecast:
    """Return the forecast of a plan when these events come to pass, by default all of the scenario's."""
    rows: list[dict[str, object]] = []
    years: list[dict[str, object]] = []
    for year in (plan.scenario.base_year, *plan.years):
        cells, cost = _year_cells(plan, year, happening)
        rows += cells
        revenue = sum((Decimal(str(cell["revenue"])) for cell in cells), Decimal("0.00"))
        years.append({"year": year, "revenue": revenue, "cost": cost, "net": revenue - cost})
    money = pl.Decimal(18, 2)
    return Forecast(
        plan.scenario.name,
        plan.scenario.base_year,
        pl.DataFrame(rows, schema=CELLS),
        pl.DataFrame(years, schema={"year": pl.Int32(), "revenue": money, "cost": money, "net": money}),
    )


def _year_cells(plan: Plan, year: int, happening: Happening | None) -> tuple[list[dict[str, object]], Decimal]:
    totals = plan.year(year, happening)
    found: list[dict[str, object]] = []
    with localcontext(DIGITS):
        groups = list(_groups(plan))
        for at, payer in enumerate(plan.scenario.payer):
            for (category, location), members in groups:
                units = sum((totals.units[at, member] for member in members), Decimal(0))
                for number, part in enumerate(PARTS):
                    exact = sum((totals.revenue[at, number, member] for member in members), Decimal(0))
                    revenue = rounded_to(exact, MONEY_PLACES)
                    if number and not revenue:
                        continue
                    key = {"scenario": plan.scenario.name, "year": year, "payer": payer.name}
                    key |= {"category": category, "location": location, "part": part}
                    shown = Decimal(0) if number else units
                    found.append(key | {"units": rounded_to(shown, _UNIT_PLACES), "revenue": revenue})
        cost = rounded_to(totals.cost, MONEY_PLACES)
    return found, cost


def _groups(plan: Plan) -> Iterator[tuple[tuple[str, str], list[int]]]:
    atoms = plan.pots.rows.atoms.select("category", "location").with_row_index("atom")
    for (category, location), members in atoms.group_by("category", "location", maintain_order=True):
        yield (str(category), str(location)), members["atom"].to_list()


def net(plan: Plan, happening: Happening | None = None) -> Decimal:
    """Return the net of the forecast's years, to the cent from the exact total. [USD]"""
    total = Decimal(0)
    with localcontext(DIGITS):
        for year in plan.years:
            found = plan.year(year, happening)
            total += found.revenue.sum() - found.cost
        return rounded_to(total, MONEY_PLACES)


def _sum(amounts: pl.Series) -> Decimal:
    return sum(amounts.to_list(), Decimal("0.00"))
