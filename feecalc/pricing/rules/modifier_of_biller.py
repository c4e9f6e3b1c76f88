"""A modifier may say who rendered the service, and the provider type something else: the line says so.

The line is priced by its provider type. Which modifiers: reference/modifier_of_biller.toml, with the source of each.
Source: Pub. 100-04 ch. 12 sec. 20.4.3, 50.I, 110.2, 120 and 150.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.rules.receipt_steps import Case, modifiers_of
from feecalc.pricing.rules.rule import LookUp, RowChoice, Rule

_TABLE = "modifier_of_biller"


class ModifiersOfBillers(LookUp):
    """Look up which provider types are doubtful with a modifier."""

    @cached_property
    def doubtful(self) -> Flags:
        """Return whether the two are. Shape: [modifier + 1, provider type + 1]."""
        words, types = self.rows.words.modifiers, self.rows.words.provider_types
        found = np.zeros((len(words.listed) + 1, len(types.listed) + 1), np.bool_)
        for row in self.book.rows(_TABLE):
            for modifier in row["modifiers"]:
                found[words.at[modifier], [types.at[each] for each in row["provider_types"]]] = True
        return found

    @cached_property
    def is_listed(self) -> Flags:
        """Return whether a modifier is doubtful with any provider type. Shape: [modifier + 1]."""
        found: Flags = np.any(self.doubtful, axis=1)
        return found


def read_line(choice: RowChoice) -> None:
    """Note the lines with a modifier that their provider type makes doubtful."""
    table, lines = choice.era.look_up(ModifiersOfBillers), choice.lines
    blank = choice.era.words.modifiers.at[""]
    for modifier in choice.modifiers:
        at = np.flatnonzero(modifier != blank)
        at = at[table.is_listed[modifier[at]]]
        if len(at):
            lines.notes[at[table.doubtful[modifier[at], lines.biller[at]]]] |= Note.BILLER_DOUBTFUL


def doubts(case: Case) -> list[str]:
    """Return a sentence for each modifier of the line that its provider type makes doubtful."""
    own, biller = set(modifiers_of(case.asked)), case.asked["provider_type"] or "physician"
    rows = [row for row in reference.rows_on(_TABLE, case.day) if biller in row["provider_types"]]
    return [f"{each}: {row['reason']}" for row in rows for each in row["modifiers"] if each in own]


RULE = Rule(
    "modifier_of_biller",
    read_line=read_line,
    notes={
        Note.BILLER_DOUBTFUL: "a modifier is for another kind of biller than the provider type, which decides the price"
    },
)
