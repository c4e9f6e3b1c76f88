"""What the second and further procedures of a day pay: Medicare's reductions, none, or the payer's own percents.

Medicare's way: Pub. 100-04 ch. 12 sec. 40.6 and the multiple procedure payment reductions of imaging, therapy and
diagnostic services.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from feecalc import reference
from feecalc.contracts.fields import RulePercent, Section
from feecalc.contracts.terms.cells import Box, Cell, Part
from feecalc.contracts.terms.term import Inferred, Keys, Term

MEDICARE, NONE_TAKEN = "medicare", "none"


class MultipleProcedureKeys(Section):
    """How several procedures of a day are paid."""

    multiple_procedure: Literal["medicare", "none"] | tuple[RulePercent, ...] | None = None  # of the 1st, 2nd, further

    @model_validator(mode="after")
    def _falling(self) -> Self:
        percents = self.multiple_procedure
        if isinstance(percents, tuple):
            if not percents:
                raise ValueError('multiple_procedure is empty; write [100, 50, 50] or "none"')
            if any(former < latter for former, latter in pairwise(percents)):
                raise ValueError("multiple_procedure rises from one procedure to the next")
        return self


def word_or_percents(text: str) -> Any:
    """Return a word as it is, or percents as a list."""
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
            box=Box(
                "Several procedures",
                Part.RULES,
                "medicare, none, or percents of the first, second and further: 100, 50, 25",
                longest=60,
            ),
        )
    }
    can_be: ClassVar = {
        "multiple_procedure": 'is neither "medicare" nor "none" nor a list of percents, as [100, 50, 50]'
    }
    compared = ("multiple_procedure", "its own percents for several procedures")
    needs_sessions = True
    may_be_unsaid = True
    inferred = Inferred.RULE

    def as_medicare_fills(self, keys: MultipleProcedureKeys) -> Keys:
        return {"multiple_procedure": keys.multiple_procedure or MEDICARE}

    def unlike_medicare(self, keys: MultipleProcedureKeys) -> Keys | None:
        return {"multiple_procedure": None} if keys.multiple_procedure not in (None, MEDICARE) else None

    def rules(self, keys: MultipleProcedureKeys) -> Keys:
        is_reduced, given = keys.multiple_procedure != NONE_TAKEN, keys.multiple_procedure
        percents = tuple(str(percent) for percent in given) if isinstance(given, tuple) else ()
        reductions = dict.fromkeys(("surgery", "endoscopy", "imaging", "therapy", "diagnostic"), is_reduced)
        return {**reductions, "surgery_percents": percents}

    def is_said(self, keys: MultipleProcedureKeys) -> bool:
        return keys.multiple_procedure is not None

    def read_as(self, row: reference.Row) -> Keys:
        if row["reading"] in (MEDICARE, NONE_TAKEN):
            return {"multiple_procedure": row["reading"]}
        return {"multiple_procedure": tuple(Decimal(percent) for percent in row["percents"])}
