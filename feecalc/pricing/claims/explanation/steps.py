"""A priced line as a person follows it: from the release's row to what is allowed and who pays it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from feecalc import reference
from feecalc.money import MONEY_PLACES, exact
from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.engine import Followed
from feecalc.pricing.receipt import Step
from feecalc.pricing.release import ReleaseIdentity
from feecalc.pricing.rules.technical_component import Technical, technical_component


@dataclass(frozen=True)
class RuleStep:
    """One rule: the amount before it, by what it went, the amount after. ``before`` is None where it begins. [USD]"""

    name: str
    detail: str
    before: Decimal | None
    factor: str
    after: Decimal
    source: str

    def as_step(self) -> Step:
        """The step as the receipt of one service holds it."""
        return Step(self.name, self.detail, str(self.after), "USD", self.source)

    def as_dict(self) -> dict[str, str | float | None]:
        """The step as JSON holds it."""
        return {
            "name": self.name,
            "detail": self.detail,
            "before": None if self.before is None else float(self.before),
            "factor": self.factor,
            "after": float(self.after),
            "source": self.source,
        }


@dataclass(frozen=True)
class Adjustment:
    """What a remittance would say of a part of the bill: group and codes, with this project's words. [USD]"""

    group: str
    carc: str
    rarc: str
    name: str
    amount: Decimal | None


@dataclass(frozen=True)
class ExplainedLine:
    """One claim line. ``steps`` lead from nothing to the allowed amount, ``payment`` from there to Medicare's check.

    ``asked``: the line's columns. ``results``: ``results.COLUMNS``. ``row``: the release's row that pays, None where
    the line was not priced from one; ``row_source``: the member and line it was read from. ``billed_row`` and
    ``billed_source``: the same of the code and component on the line. ``basis``: the figures that the fee is made of.
    ``notes``: what a priced line should be read with, in the words of this line.
    """

    asked: Mapping[str, Any]
    results: Mapping[str, Any]
    release: ReleaseIdentity | None
    row: Mapping[str, Any] | None
    row_source: str
    basis: tuple[Step, ...]
    steps: tuple[RuleStep, ...]
    payment: tuple[RuleStep, ...]
    adjustments: tuple[Adjustment, ...]
    billed_row: Mapping[str, Any] | None = None
    billed_source: str = ""
    notes: tuple[str, ...] = ()
    adjusted: int | None = None  # the relative values that a unit's amount is rounded from; see basis.adjusted_rvus

    @property
    def modifiers(self) -> tuple[str, ...]:
        """The line's modifiers, in their order."""
        return modifiers_of(self.asked)


@dataclass(frozen=True)
class Case:
    """A line that a release priced, for the functions that word its steps."""

    asked: Mapping[str, Any]
    followed: Followed

    @property
    def day(self) -> Any:
        return self.asked["date_of_service"]

    @property
    def row(self) -> dict[str, Any]:
        """The release's row that pays."""
        return self._row(self.followed.priced.lines.row)

    @property
    def row_source(self) -> str:
        """The member and line that the row was read from."""
        return self.followed.era.rows.source_of(int(self.followed.priced.lines.row[self.followed.line]))

    @property
    def billed_row(self) -> dict[str, Any]:
        """The release's row of the code and component on the line."""
        return self._row(self.followed.priced.lines.billed_row)

    def _row(self, rows: Whole) -> dict[str, Any]:
        return self.followed.era.rows.rvu.row(int(rows[self.followed.line]), named=True)

    @property
    def billed_source(self) -> str:
        """The member and line that the row was read from."""
        return self.followed.era.rows.source_of(int(self.followed.priced.lines.billed_row[self.followed.line]))

    @property
    def technical_component(self) -> Technical | None:
        """The rule of the technical part of a facility's patient, where it speaks of the row billed."""
        place = reference.row_on("place_of_service", self.day, code=self.asked["place_of_service"])
        billed = self.billed_row
        return technical_component(place["patient"], billed["pctc_indicator"], billed["modifier"], self.day)

    @property
    def scaled_to_qp(self) -> str:
        """That the row's OPPS relative values are scaled to the QP factor; "" where they are as printed."""
        return self.followed.era.rows.scaled_to_qp(int(self.followed.priced.lines.row[self.followed.line]))

    def modifier_that(self, *does: int) -> str:
        """The line's first modifier that does one of these, "" for none."""
        era = self.followed.era
        for modifier in modifiers_of(self.asked):
            if any(era.modifiers.does[era.words.modifiers.at[modifier]] & each for each in does):
                return modifier
        return ""


def modifiers_of(asked: Mapping[str, Any]) -> tuple[str, ...]:
    """The modifiers of a line's columns."""
    cells = (asked.get(f"modifier_{number}") for number in range(1, 5))
    return tuple(str(cell) for cell in cells if cell)


def usd(cents: int) -> Decimal:
    """Cents as dollars."""
    return exact(cents, MONEY_PLACES)
