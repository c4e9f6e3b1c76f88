"""Two modifiers of one line may contradict each other: then it cannot be priced as it is written, or is doubtful.

Which pairs: reference/modifier_pair.toml, with the source of each. What is assumed there can be left out.
Source: Pub. 100-04 ch. 12 sec. 40.2, 40.4, 40.8 and 40.9.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.rules.receipt_steps import Case, modifiers_of
from feecalc.pricing.rules.rule import LookUp, RowChoice, Rule

_TABLE = "modifier_pair"
REFUSED, QUESTION = "refused", "question"
NOT_PRICED = "modifier_does_not_apply"
_FINE, _DOUBTFUL = 0, -1  # above 0: a refusal's place in ``refusals``


class ModifierPairs(LookUp):
    """Look up what follows from two modifiers on one line."""

    @cached_property
    def refusals(self) -> list[tuple[str, reference.Row]]:
        """Return the reason, with its two modifiers, and the row of every refused pair."""
        return [
            (f"{one} and {two} contradict each other on one line: {row['reason']}", row)
            for row, one, two in self._pairs(REFUSED)
        ]

    @cached_property
    def follows(self) -> Integers:
        """Return what follows, by both modifiers' numbers. Shape: [modifier + 1, modifier + 1]."""
        words = self.rows.words.modifiers
        found = np.full((len(words.listed) + 1, len(words.listed) + 1), _FINE, np.int16)
        pairs = [(_DOUBTFUL, one, two) for _, one, two in self._pairs(QUESTION)]
        pairs += [(place, one, two) for place, (_, one, two) in enumerate(self._pairs(REFUSED), start=1)]
        for result, one, two in pairs:
            at = words.at[one], words.at[two]
            found[at] = found[at[::-1]] = result
        return found

    def outcome(self, place: int) -> int:
        """Return the outcome of a refusal."""
        return self.era.outcomes.number(NOT_PRICED, self.refusals[place - 1][0])

    def _pairs(self, result: str) -> Iterator[tuple[reference.Row, str, str]]:
        for row in self.book.rows(_TABLE, result=result):
            for one in row["modifiers"]:
                for two in row["beside"]:
                    yield row, one, two


def refuse_row(choice: RowChoice) -> None:
    """Refuse the lines with two modifiers that contradict each other."""
    for at, result in _meeting(choice):
        pairs = choice.era.look_up(ModifierPairs)
        for place in np.unique(result[result > _FINE]).tolist():
            if choice.rules.modifier_pairs or pairs.refusals[place - 1][1].get("basis") != "assumed":
                choice.lines.refuse_at(at[result == place], pairs.outcome(place))


def read_line(choice: RowChoice) -> None:
    """Note the lines with two modifiers that are doubtful together."""
    for at, result in _meeting(choice):
        choice.lines.notes[at[result == _DOUBTFUL]] |= Note.MODIFIERS_DOUBTFUL


def _meeting(choice: RowChoice) -> Iterator[tuple[Integers, Integers]]:
    """Yield the lines with two modifiers that may not stand together, and what follows."""
    blank = choice.era.words.modifiers.at[""]
    given = np.zeros(len(choice.lines), np.int8)
    for modifier in choice.modifiers:
        given += modifier != blank
    at = np.flatnonzero(given > 1)
    if not len(at):
        return
    follows = choice.era.look_up(ModifierPairs).follows  # of a blank: nothing
    for one, two in combinations(choice.modifiers, 2):
        result = follows[one[at], two[at]]
        held = np.flatnonzero(result != _FINE)
        if len(held):
            yield at[held], result[held]


def doubts(case: Case) -> list[str]:
    """Return a sentence for each two modifiers of the line that are doubtful together."""
    own = set(modifiers_of(case.asked))
    return [
        f"{one} with {two}: {row['reason']}"
        for row in reference.rows_on(_TABLE, case.day, result=QUESTION)
        for one in row["modifiers"]
        for two in row["beside"]
        if {one, two} <= own
    ]


RULE = Rule(
    "modifier_pair",
    refuse_row=refuse_row,
    read_line=read_line,
    notes={Note.MODIFIERS_DOUBTFUL: "two of its modifiers may not go together (feecalc check names them)"},
)
