"""Multiple procedure payment reduction (MPPR): Medicare's reductions, none, or the payer's own percents.

Medicare's rule: Pub. 100-04 ch. 12 sec. 40.6, and the MPPR of imaging, therapy and diagnostic services.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from feecalc import reference
from feecalc.contracts.fields import RulePercent, Section
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart
from feecalc.contracts.terms.term import InferenceKind, Keys, Term

MEDICARE, NONE_TAKEN = "medicare", "none"


class MultipleProcedureKeys(Section):
    """The payer's reduction of multiple procedures on one day."""

    multiple_procedure: Literal["medicare", "none"] | tuple[RulePercent, ...] | None = None  # of the 1st, 2nd, further

    @model_validator(mode="after")
    def _falling(self) -> Self:
        percents = self.multiple_procedure
        if isinstance(percents, tuple):
            if not percents:
                raise ValueError('multiple_procedure is empty; write [100, 50, 50] or "none"')
            if any(earlier < later for earlier, later in pairwise(percents)):
                raise ValueError("multiple_procedure rises from one procedure to the next")
        return self


def word_or_percents(text: str) -> Any:
    """Return a word unchanged, or percents as a list."""
    return [part for part in re.split(r"[,;\s]+", text) if part] if re.match(r"[\d.]", text) else text


class MultipleProcedure(Term[MultipleProcedureKeys]):
    """The percents of the second and further procedures of a day."""

    name = "multiple_procedure"
    section = MultipleProcedureKeys
    table = "rules"
    cells: ClassVar = {
        "multiple_procedure": Cell(
            "medicare, none, or percents: 100, 50, 25",
            word_or_percents,
            box=FormBox(
                "Multiple procedures",
                FormPart.RULES,
                "medicare, none, or percents of the first, second and further: 100, 50, 25",
                longest=60,
            ),
        )
    }
    can_be: ClassVar = {
        "multiple_procedure": 'is neither "medicare" nor "none" nor a list of percents, as [100, 50, 50]'
    }
    compared = ("multiple_procedure", "its own percents for multiple procedures")
    needs_sessions = True
    may_be_unspecified = True
    inferred = InferenceKind.RULE

    def medicare_defaults(self, keys: MultipleProcedureKeys) -> Keys:
        return {"multiple_procedure": keys.multiple_procedure or MEDICARE}

    def keys_matching_medicare(self, keys: MultipleProcedureKeys) -> Keys | None:
        return {"multiple_procedure": None} if keys.multiple_procedure not in (None, MEDICARE) else None

    def rules(self, keys: MultipleProcedureKeys) -> Keys:
        is_reduced, term = keys.multiple_procedure != NONE_TAKEN, keys.multiple_procedure
        percents = tuple(str(percent) for percent in term) if isinstance(term, tuple) else ()
        reductions = dict.fromkeys(("surgery", "endoscopy", "imaging", "therapy", "diagnostic"), is_reduced)
        return {**reductions, "surgery_percents": percents}

    def is_specified(self, keys: MultipleProcedureKeys) -> bool:
        return keys.multiple_procedure is not None

    def read_as(self, row: reference.Row) -> Keys:
        if row["reading"] in (MEDICARE, NONE_TAKEN):
            return {"multiple_procedure": row["reading"]}
        return {"multiple_procedure": tuple(Decimal(percent) for percent in row["percents"])}
