"""The payment locality of Medicare's amounts: where the service is given, the nation, or one for all lines."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from feecalc import reference
from feecalc.contracts.fields import Section, Words
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart
from feecalc.contracts.terms.silence import Choices, Reading
from feecalc.contracts.terms.term import InferenceKind, Keys, Term
from feecalc.errors import AmbiguousLocality, UnknownLocality
from feecalc.pricing.schedule import FeeSchedule

OWN, NATIONAL = "own", "national"


class LocalityKeys(Section):
    """The payment locality of Medicare's amounts."""

    locality: Words | None = None  # "own" is where the service is given, "national" every index at 1, else one for all


class Locality(Term[LocalityKeys]):
    """The payment locality of Medicare's amounts."""

    name = "locality"
    section = LocalityKeys
    table = "basis"
    cells: ClassVar = {
        "locality": Cell(
            'own, national, or one for all: "Miami, FL"',
            box=FormBox(
                "Locality",
                FormPart.BASIS,
                'own (where the service is given), national, or one for all: "Miami, FL".',
                longest=60,
            ),
        )
    }
    compared = ("locality", "one locality for all lines")
    may_be_unspecified = True
    inferred = InferenceKind.PRICE

    def medicare_defaults(self, keys: LocalityKeys) -> Keys:
        return {"locality": keys.locality or OWN}

    def keys_matching_medicare(self, keys: LocalityKeys) -> Keys | None:
        return {"locality": OWN} if (keys.locality or OWN) != OWN else None

    def basis(self, keys: LocalityKeys, payer: str, home: Path | None) -> Keys:
        return {"locality": keys.locality or OWN}

    def is_specified(self, keys: LocalityKeys) -> bool:
        return keys.locality is not None

    def readings(self, keys: LocalityKeys, row: reference.Row, choices: Choices) -> list[Reading]:
        if row["reading"] in (OWN, NATIONAL):
            return [Reading.from_row(row, self.table, {"locality": row["reading"]})]
        return [
            Reading.from_row(
                row, self.table, {"locality": place.key}, place.key, place=f"{place.key} ({place.name})", key=place.key
            )
            for place in choices.places
        ]


def is_national(locality: str) -> bool:
    """Return whether a locality means the nation, with every GPCI at 1."""
    return locality.lower() == NATIONAL


def place_of(locality: str, schedule: FeeSchedule, payer: str) -> tuple[str, str] | None:
    """Return mac and locality for all lines, None where every line keeps its own.

    Raises UnknownLocality, AmbiguousLocality.
    """
    if locality == OWN:
        return None
    if is_national(locality):
        return "", ""
    try:
        place = schedule.find_locality(locality)
    except (UnknownLocality, AmbiguousLocality) as error:
        raise type(error)(f"{payer}, key basis.locality: {error}") from error
    return place.mac, place.locality
