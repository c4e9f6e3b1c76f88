"""Medicare's lower percent for nurse practitioners and others. Source: Social Security Act sec. 1833(a)(1)(O)."""

from __future__ import annotations

from typing import ClassVar

from feecalc import reference
from feecalc.contracts.fields import Section
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart, InputKind
from feecalc.contracts.terms.term import InferenceKind, Keys, Term


class PractitionerPercentKeys(Section):
    """The lower percent of practitioners who are not physicians."""

    practitioner_percent: bool | None = None  # a nurse practitioner's 85 percent is taken


class PractitionerPercent(Term[PractitionerPercentKeys]):
    """The lower percent of nurse practitioners and others, applied or not."""

    name = "practitioner_percent"
    section = PractitionerPercentKeys
    table = "rules"
    cells: ClassVar = {
        "practitioner_percent": Cell(
            "a nurse practitioner's lower percent is taken: true or false",
            box=FormBox("Practitioner's lower percent", FormPart.RULES, kind=InputKind.YES_OR_NO),
        )
    }
    compared = ("practitioner_percent", "no percent for nurse practitioners and others")
    may_be_unspecified = True
    inferred = InferenceKind.RULE

    def medicare_defaults(self, keys: PractitionerPercentKeys) -> Keys:
        return {"practitioner_percent": keys.practitioner_percent is not False}

    def keys_matching_medicare(self, keys: PractitionerPercentKeys) -> Keys | None:
        return {"practitioner_percent": None} if keys.practitioner_percent is False else None

    def rules(self, keys: PractitionerPercentKeys) -> Keys:
        return {"practitioner_percent": keys.practitioner_percent is not False}

    def is_specified(self, keys: PractitionerPercentKeys) -> bool:
        return keys.practitioner_percent is not None

    def read_as(self, row: reference.Row) -> Keys:
        return {"practitioner_percent": row["applies"]}
