"""Facility amounts in facilities, or the office amount everywhere. Source: 42 CFR 414.22(b)(5)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import ClassVar

from feecalc import reference
from feecalc.contracts.fields import Section
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart, InputKind
from feecalc.contracts.terms.term import InferenceKind, Keys, Term


class SiteOfServiceKeys(Section):
    """The site of service differential: facility and nonfacility amounts."""

    site_of_service: bool | None = None  # False: the office amount everywhere


class SiteOfService(Term[SiteOfServiceKeys]):
    """The setting of Medicare's amounts: the line's own, or an office."""

    name = "site_of_service"
    section = SiteOfServiceKeys
    table = "rules"
    cells: ClassVar = {
        "site_of_service": Cell(
            "facility amounts in facilities: true; office amounts everywhere: false",
            box=FormBox("Facility amount in a facility", FormPart.RULES, kind=InputKind.YES_OR_NO),
        )
    }
    compared = ("site_of_service", "office amounts in every setting")
    may_be_unspecified = True
    inferred = InferenceKind.RULE

    def medicare_defaults(self, keys: SiteOfServiceKeys) -> Keys:
        return {"site_of_service": keys.site_of_service is not False}

    def keys_matching_medicare(self, keys: SiteOfServiceKeys) -> Keys | None:
        return {"site_of_service": None} if keys.site_of_service is False else None

    def basis(self, keys: SiteOfServiceKeys, payer: str, home: Path | None) -> Keys:
        return {"office": keys.site_of_service is False}

    def is_specified(self, keys: SiteOfServiceKeys) -> bool:
        return keys.site_of_service is not None

    def read_as(self, row: reference.Row) -> Keys:
        return {"site_of_service": row["applies"]}


def office(day: date) -> str:
    """Return the place of service code of an office on a day."""
    return str(reference.row_on("payer_rule", day, rule="office")["place_of_service"])
