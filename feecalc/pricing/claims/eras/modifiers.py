"""What each modifier does. Source: reference/modifier.toml; what that pays stands in the rules' own files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.eras.rows import Rows


@dataclass(frozen=True)
class Modifiers:
    """Look up the modifiers that the rules know on a day."""

    rows: Rows

    @cached_property
    def does(self) -> Integers:
        """Return what each modifier does. Shape: [modifier + 1]."""
        words = self.rows.words.modifiers
        found = np.full(len(words.listed) + 1, int(ModifierEffect.UNKNOWN), np.int32)
        found[words.at[""]] = 0
        for row in self.rows.book.rows("modifier"):
            found[words.at[row["modifier"]]] = int(ModifierEffect[row["does"].upper()]) if "does" in row else 0
        return found
