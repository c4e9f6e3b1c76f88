"""What all rules together say of a row, as bits: which may change its lines, and the notes its lines carry."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays.traits import Traits
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.add_on import AddOnRows
from feecalc.pricing.rules.bilateral import BilateralRows
from feecalc.pricing.rules.opps_cap import OppsCapRows
from feecalc.pricing.rules.order import RULES
from feecalc.pricing.rules.rule import LookUp
from feecalc.pricing.rules.status import StatusRows


class RowTraits(LookUp):
    """The traits of each row."""

    @cached_property
    def bits(self) -> Integers:
        """Bits of ``Traits``."""
        bilateral, status = self.era.look_up(BilateralRows), self.era.look_up(StatusRows)
        by_another_rule = status.is_anesthesia | self.era.look_up(OppsCapRows).is_capped
        rows_with = {
            Traits.SEVERAL: self._ranked(None),
            Traits.TWO_UNITS: bilateral.two_units_mean_both & (bilateral.rate > 0),
            Traits.ADD_ON: self.rows.is_add_on,
            Traits.OF_GROUP: self.era.look_up(AddOnRows).is_of_group,
            Traits.ONLY_ALONE: status.is_paid_only_alone,
            Traits.OTHER: by_another_rule | self.rows.has_unknown_indicator,
        }
        found = np.zeros(self.rows.rvu.height, np.int8)
        for trait, rows in rows_with.items():
            found[rows] |= trait
        return found

    def ranked_by(self, rules: ClaimRules) -> Flags:
        """Rows that a rule for several lines ranks, of the rules that are on."""
        return self._ranked(rules)

    def _ranked(self, rules: ClaimRules | None) -> Flags:
        found = np.zeros(self.rows.rvu.height, np.bool_)
        for rule in RULES:
            if rule.ranks is not None and (rules is None or rule.is_on is None or rule.is_on(rules)):
                found |= rule.ranks(self.era)
        return found


class PlaceNotes(LookUp):
    """The notes that a row and the place give a line by themselves."""

    @cached_property
    def bits(self) -> Integers:
        """Bits of Note. Shape: [kind of place, row]."""
        tables = [rule.notes_by_place(self.era) for rule in RULES if rule.notes_by_place is not None]
        found: Integers = np.bitwise_or.reduce(tables).astype(np.int16)
        return found
