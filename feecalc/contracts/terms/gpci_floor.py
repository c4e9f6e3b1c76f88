"""The floor under the work GPCI where Congress has set one. Source: Social Security Act sec. 1848(e)(1)(E)."""

from __future__ import annotations

from typing import ClassVar

from feecalc import reference
from feecalc.contracts.fields import Section
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart, InputKind
from feecalc.contracts.terms.term import InferenceKind, Keys, Term


class GpciFloorKeys(Section):
    """The floor under the work GPCI."""

    gpci_floor: bool | None = None


class GpciFloor(Term[GpciFloorKeys]):
    """The floor under the work GPCI in Medicare's amounts, applied or not."""

    name = "gpci_floor"
    section = GpciFloorKeys
    table = "basis"
    cells: ClassVar = {
        "gpci_floor": Cell(
            "the work index has its floor of 1.0: true or false",
            box=FormBox("Floor under the work index", FormPart.FACTOR, kind=InputKind.YES_OR_NO),
        )
    }
    may_be_unspecified = True
    inferred = InferenceKind.RULE

    def medicare_defaults(self, keys: GpciFloorKeys) -> Keys:
        return {"gpci_floor": keys.gpci_floor is not False}

    def rules(self, keys: GpciFloorKeys) -> Keys:
        return {"gpci_floor": keys.gpci_floor is not False}

    def is_specified(self, keys: GpciFloorKeys) -> bool:
        return keys.gpci_floor is not None

    def read_as(self, row: reference.Row) -> Keys:
        return {"gpci_floor": row["gpci_floor"]}
