"""What a bilateral procedure pays, as a percent of one side. Medicare's way: Pub. 100-04 ch. 12 sec. 40.7."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from feecalc import reference
from feecalc.contracts.fields import RulePercent, Section
from feecalc.contracts.terms.cells import Box, Cell, Part
from feecalc.contracts.terms.term import Inferred, Keys, Term


class BilateralKeys(Section):
    """The payer's own percent of a bilateral procedure."""

    bilateral: RulePercent | None = None  # of both sides, as a percent of one


class Bilateral(Term[BilateralKeys]):
    """The percent of a bilateral procedure, where Medicare pays more than one side and less than two."""

    name = "bilateral"
    section = BilateralKeys
    table = "rules"
    cells: ClassVar = {
        "bilateral": Cell("both sides, as a percent of one: 150", box=Box("Both sides, percent", Part.RULES))
    }
    compared = ("bilateral", "its own percent for both sides")
    may_be_unsaid = True
    inferred = Inferred.RULE

    def unlike_medicare(self, keys: BilateralKeys) -> Keys | None:
        return {"bilateral": None} if keys.bilateral is not None else None

    def rules(self, keys: BilateralKeys) -> Keys:
        return {"both_sides_percent": "" if keys.bilateral is None else str(keys.bilateral)}

    def is_said(self, keys: BilateralKeys) -> bool:
        return keys.bilateral is not None

    def read_as(self, row: reference.Row) -> Keys:
        return {"bilateral": next((Decimal(percent) for percent in row["percents"]), None)}
