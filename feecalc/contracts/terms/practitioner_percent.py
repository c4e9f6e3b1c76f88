"""Whether nurse practitioners and others are paid Medicare's lower percent. Source: Social Security Act sec.
1833(a)(1)(O)."""

from __future__ import annotations

from typing import ClassVar

from feecalc import reference
from feecalc.contracts.fields import Section
from feecalc.contracts.terms.cells import Box, Cell, Kind, Part
from feecalc.contracts.terms.term import Inferred, Keys, Term


class PractitionerPercentKeys(Section):
    """The lower percent of those who are not physicians."""

    practitioner_percent: bool | None = None  # a nurse practitioner's 85 percent is taken


class PractitionerPercent(Term[PractitionerPercentKeys]):
    """The lower percent of nurse practitioners and others, taken or not."""

    name = "practitioner_percent"
    section = PractitionerPercentKeys
    table = "rules"
    cells: ClassVar = {
        "practitioner_percent": Cell(
            "a nurse practitioner's lower percent is taken: true or false",
            box=Box("Practitioner's lower percent", Part.RULES, kind=Kind.YES_OR_NO),
        )
    }
    compared = ("practitioner_percent", "no percent for nurse practitioners and others")
    may_be_unsaid = True
    inferred = Inferred.RULE

    def as_medicare_fills(self, keys: PractitionerPercentKeys) -> Keys:
        return {"practitioner_percent": keys.practitioner_percent is not False}

    def unlike_medicare(self, keys: PractitionerPercentKeys) -> Keys | None:
        return {"practitioner_percent": None} if keys.practitioner_percent is False else None

    def rules(self, keys: PractitionerPercentKeys) -> Keys:
        return {"practitioner_percent": keys.practitioner_percent is not False}

    def is_said(self, keys: PractitionerPercentKeys) -> bool:
        return keys.practitioner_percent is not None

    def read_as(self, row: reference.Row) -> Keys:
        return {"practitioner_percent": row["applies"]}
