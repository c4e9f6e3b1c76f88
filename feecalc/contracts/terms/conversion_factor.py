"""The conversion factor: one of Medicare's two (from 2026), or the payer's own dollars per RVU."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from feecalc import reference
from feecalc.contracts.fields import DatedSection, Factor, Section
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart, InputKind
from feecalc.contracts.terms.term import InferenceKind, Keys, Term
from feecalc.errors import InvalidValue
from feecalc.files.toml import Places


class ConversionFactorKeys(Section):
    """The conversion factor of Medicare's amounts."""

    conversion_factor: Factor | None = None  # dollars per RVU, in place of Medicare's
    qp: bool | None = None  # the factor of qualifying APM participants


class ConversionFactor(Term[ConversionFactorKeys]):
    """The conversion factor, Medicare's or the payer's own."""

    name = "conversion_factor"
    section = ConversionFactorKeys
    table = "basis"
    cells: ClassVar = {
        "conversion_factor": Cell(
            "dollars per RVU in place of Medicare's",
            box=FormBox("Conversion factor, USD", FormPart.FACTOR, empty="Medicare's"),
        ),
        "qp": Cell(
            "the factor of qualifying APM participants: true or false",
            box=FormBox("Factor of qualifying APM participants", FormPart.FACTOR, kind=InputKind.YES_OR_NO),
        ),
    }
    may_be_unspecified = True
    inferred = InferenceKind.PRICE

    def check(self, keys: ConversionFactorKeys, days: DatedSection, places: Places) -> None:
        if keys.conversion_factor is not None and keys.qp:
            raise InvalidValue(
                f"{places.of('basis', None, 'qp')}: qp chooses between Medicare's factors, and conversion_factor gives "
                "one; take one of them out"
            )

    def basis(self, keys: ConversionFactorKeys, payer: str, home: Path | None) -> Keys:
        return {"conversion_factor": keys.conversion_factor, "qp": keys.qp}

    def is_specified(self, keys: ConversionFactorKeys) -> bool:
        return keys.qp is not None or keys.conversion_factor is not None

    def read_as(self, row: reference.Row) -> Keys:
        return {"qp": row["qp"]}
