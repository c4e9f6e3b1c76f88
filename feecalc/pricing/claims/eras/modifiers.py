"""What each modifier does. Source: reference/modifier.toml; what that pays stands in the rules' own files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.eras.rows import Rows


def effects_of_modifiers() -> dict[str, int]:
    """Return what each modifier has done on some day, as bits of ModifierEffect."""
    found: dict[str, int] = {}
    for row in reference.rows("modifier"):
        found[row["modifier"]] = found.get(row["modifier"], 0) | _effect(row)
    return found


def _effect(row: reference.Row) -> int:
    return int(ModifierEffect[row["does"].upper()]) if "does" in row else 0


@dataclass(frozen=True)
class Modifiers:
    """Look up the modifiers that the rules know on a day."""

    rows: Rows

    @cached_property
    def does(self) -> Integers:
        """Return what each modifier does. Shape: [modifier + 1]."""
        words = self.rows.words.modifiers
        found = np.full(len(words.listed) + 1, int(ModifierEffect.UNKNOWN), np.int64)
        found[words.at[""]] = 0
        for row in self.rows.book.rows("modifier"):
            found[words.at[row["modifier"]]] = _effect(row)
        return found
