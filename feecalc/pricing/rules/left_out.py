"""A modifier may leave its line out of a rule: a return to the operating room (78) out of the multiple procedure rule.

A figure of other rules, and no step of its own. Rows: reference/modifier_in_rule.toml.
Source: Pub. 100-04 ch. 12 sec. 40.4.C and 40.6.D (78); RVU25D.pdf, field Multiple Procedure (59 with images).
"""

from __future__ import annotations

from functools import reduce
from operator import or_

from feecalc.pricing.rules.rule import LookUp


class LeftOut(LookUp):
    """Look up which modifiers leave a line out of a rule: reference/modifier_in_rule.toml."""

    def of(self, rule: str) -> int:
        """Return what those modifiers do, as bits of ModifierEffect."""
        number, does = self.rows.words.modifiers.at, self.era.modifiers.does
        rows = self.book.rows("modifier_in_rule", rule=rule, effect="left_out")
        return reduce(or_, (int(does[number[word]]) for row in rows for word in row["modifiers"]), 0)
