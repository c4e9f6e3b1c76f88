"""Payment of a bilateral procedure, as a percent of one side. Medicare's rule: Pub. 100-04 ch. 12 sec. 40.7."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from feecalc import reference
from feecalc.contracts.fields import RulePercent, Section
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart
from feecalc.contracts.terms.term import InferenceKind, Keys, Term


class BilateralKeys(Section):
    """The payer's own percent for a bilateral procedure."""

    bilateral: RulePercent | None = None  # of both sides, as a percent of one


class Bilateral(Term[BilateralKeys]):
    """The percent of a bilateral procedure, where Medicare pays more than one side and less than two."""

    name = "bilateral"
    section = BilateralKeys
    table = "rules"
    cells: ClassVar = {
        "bilateral": Cell(
            "bilateral procedure, as a percent of one side: 150",
            box=FormBox("Bilateral procedure, percent", FormPart.RULES),
        )
    }
    compared = ("bilateral", "its own percent for bilateral procedures")
    may_be_unspecified = True
    inferred = InferenceKind.RULE

    def keys_matching_medicare(self, keys: BilateralKeys) -> Keys | None:
        return {"bilateral": None} if keys.bilateral is not None else None

    def rules(self, keys: BilateralKeys) -> Keys:
        return {"both_sides_percent": "" if keys.bilateral is None else str(keys.bilateral)}

    def is_specified(self, keys: BilateralKeys) -> bool:
        return keys.bilateral is not None

    def read_as(self, row: reference.Row) -> Keys:
        return {"bilateral": next((Decimal(percent) for percent in row["percents"]), None)}
