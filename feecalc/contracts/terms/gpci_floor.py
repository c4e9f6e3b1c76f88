"""Whether the work index has its floor where Congress has set one. Source: Social Security Act sec. 1848(e)(1)(E)."""

from __future__ import annotations

from typing import ClassVar

from feecalc import reference
from feecalc.contracts.fields import Section
from feecalc.contracts.terms.cells import Box, Cell, Kind, Part
from feecalc.contracts.terms.term import Inferred, Keys, Term


class GpciFloorKeys(Section):
    """The floor under the work index."""

    gpci_floor: bool | None = None


class GpciFloor(Term[GpciFloorKeys]):
    """The floor under the work index of Medicare's amounts."""

    name = "gpci_floor"
    section = GpciFloorKeys
    table = "basis"
    cells: ClassVar = {
        "gpci_floor": Cell(
            "the work index has its floor of 1.0: true or false",
            box=Box("Floor under the work index", Part.FACTOR, kind=Kind.YES_OR_NO),
        )
    }
    may_be_unsaid = True
    inferred = Inferred.RULE

    def as_medicare_fills(self, keys: GpciFloorKeys) -> Keys:
        return {"gpci_floor": keys.gpci_floor is not False}

    def rules(self, keys: GpciFloorKeys) -> Keys:
        return {"gpci_floor": keys.gpci_floor is not False}

    def is_said(self, keys: GpciFloorKeys) -> bool:
        return keys.gpci_floor is not None

    def read_as(self, row: reference.Row) -> Keys:
        return {"gpci_floor": row["gpci_floor"]}
