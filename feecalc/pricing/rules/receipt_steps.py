"""What a rule writes on a receipt: a step with the amount before and after it, and the words that steps share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from feecalc import reference
from feecalc.money import MONEY_PLACES, exact
from feecalc.money import usd as in_dollars
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.trail import Station
from feecalc.pricing.claims.priced import Followed
from feecalc.pricing.receipt import Step

IN_FULL = "in full"
_ASSUMED = "assumed"


@dataclass(frozen=True)
class RuleStep:
    """Hold one rule's step: the amount before, the factor, the amount after. ``before`` is None in the first. [USD]"""

    name: str
    detail: str
    before: Decimal | None
    factor: str
    after: Decimal
    source: str

    @property
    def opening(self) -> str:
        """Return what the amount went by: "$203.12 x 150 percent: "; "" where the detail names the amount itself."""
        if self.before is None or (not self.factor and in_dollars(self.before) in self.detail):
            return ""
        between = " x " if self.factor[:1].isdigit() and not self.factor.endswith("part") else " " * bool(self.factor)
        return f"{in_dollars(self.before)}{between}{self.factor}: "

    def as_step(self) -> Step:
        """Return the step as the receipt of one service holds it."""
        return Step(self.name, self.detail, str(self.after), "USD", self.source)

    def as_dict(self) -> dict[str, str | float | None]:
        """Return the step as JSON holds it."""
        return {
            "name": self.name,
            "detail": self.detail,
            "before": None if self.before is None else float(self.before),
            "factor": self.factor,
            "after": float(self.after),
            "source": self.source,
        }


@dataclass(frozen=True)
class Case:
    """Hold a line that a release priced, for the functions that word its steps."""

    asked: Mapping[str, Any]
    followed: Followed

    @property
    def day(self) -> Any:
        return self.asked["date_of_service"]

    @property
    def row(self) -> dict[str, Any]:
        """Return the release's row that pays."""
        return self._row(self.followed.priced.lines.row)

    @property
    def row_source(self) -> str:
        """Return the member and line that the row was read from."""
        return self.followed.era.rows.source_of(int(self.followed.priced.lines.row[self.followed.line]))

    @property
    def billed_row(self) -> dict[str, Any]:
        """Return the release's row of the code and component on the line."""
        return self._row(self.followed.priced.lines.billed_row)

    def _row(self, rows: Integers) -> dict[str, Any]:
        return self.followed.era.rows.rvu.row(int(rows[self.followed.line]), named=True)

    @property
    def billed_source(self) -> str:
        """Return the member and line that the row of the line's code was read from."""
        return self.followed.era.rows.source_of(int(self.followed.priced.lines.billed_row[self.followed.line]))

    @property
    def scaled_to_qp(self) -> str:
        """Say that the row's OPPS relative values are scaled to the QP factor; "" where they are as printed."""
        return self.followed.era.rows.scaled_to_qp(int(self.followed.priced.lines.row[self.followed.line]))

    def modifier_that(self, *does: int) -> str:
        """Return the line's first modifier that does one of these, "" for none."""
        era = self.followed.era
        for modifier in modifiers_of(self.asked):
            if any(era.modifiers.does[era.words.modifiers.at[modifier]] & one for one in does):
                return modifier
        return ""

    def stations(self, *rules: str) -> list[Station]:
        """Return what these rules left on the line's trail, in their order."""
        return self.followed.trail.of(self.followed.line, *rules)

    def around(self, station: Station) -> tuple[Decimal, Decimal]:
        """Return the line's amount before a rule and after it. [USD]"""
        place = station.where[self.followed.line]
        return usd(int(station.before[place])), usd(int(station.after[place]))

    def figure(self, station: Station, name: str) -> int:
        """Return one more figure that a rule left of the line."""
        return station.figure(name, self.followed.line)


def modifiers_of(asked: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the modifiers of a line's columns."""
    cells = (asked.get(f"modifier_{number}") for number in range(1, 5))
    return tuple(str(cell) for cell in cells if cell)


def modifier_name(case: Case, modifier: str) -> str:
    """Return what a modifier is called."""
    return str(reference.row_on("modifier", case.day, modifier=modifier)["name"])


def usd(cents: int) -> Decimal:
    """Return cents as dollars."""
    return exact(cents, MONEY_PLACES)


def percent_of(rate: int) -> str:
    """Return a rate in ten-thousandths: 6250 is 62.5 percent."""
    return f"{plain(Decimal(rate) / (percent.WHOLE // 100))} percent"


def plain(number: Decimal) -> str:
    """Return a number without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def source_of(row: reference.Row) -> str:
    """Return where a rule's row comes from, and that it is assumed where it is."""
    text = str(row["source"])
    return f"assumed: {text}" if row.get("basis") == _ASSUMED else text


def rule_source(name: str, day: date, **key: Any) -> str:
    """Return the source of the rule of a table that holds on a day; of several rows the first."""
    rows = reference.rows_on(name, day, **key)
    return source_of(rows[0]) if rows else f"feecalc/reference: {name}"


def listed(numbers: list[str]) -> str:
    """Return the texts as a list in a sentence: 1, 2 and 4."""
    return numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
