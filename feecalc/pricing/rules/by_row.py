"""What all rules together say of a row, as bits: its flags, and the notes its lines carry."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays.row_flags import RowFlags
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.add_on import AddOnRows
from feecalc.pricing.rules.bilateral import BilateralRows
from feecalc.pricing.rules.opps_cap import OppsCapRows
from feecalc.pricing.rules.order import RULES
from feecalc.pricing.rules.rule import LookUp
from feecalc.pricing.rules.status import StatusRows


class FlagsByRow(LookUp):
    """Look up the flags of each row: which rules may change its lines."""

    @cached_property
    def bits(self) -> Integers:
        """Return the bits of ``RowFlags`` of each row."""
        bilateral, status = self.era.look_up(BilateralRows), self.era.look_up(StatusRows)
        by_another_rule = status.is_anesthesia | self.era.look_up(OppsCapRows).is_capped
        rows_with = {
            RowFlags.SEVERAL: self._ranked(None),
            RowFlags.TWO_UNITS: bilateral.two_units_mean_both & (bilateral.rate > 0),
            RowFlags.ADD_ON: self.rows.is_add_on,
            RowFlags.OF_GROUP: self.era.look_up(AddOnRows).is_of_group,
            RowFlags.ONLY_ALONE: status.is_paid_only_alone,
            RowFlags.OTHER: by_another_rule | self.rows.has_unknown_indicator,
        }
        found = np.zeros(self.rows.rvu.height, np.int8)
        for flag, rows in rows_with.items():
            found[rows] |= flag
        return found

    def ranked_by(self, rules: ClaimRules) -> Flags:
        """Return the rows that a rule for several lines ranks, of the rules that are on."""
        return self._ranked(rules)

    def _ranked(self, rules: ClaimRules | None) -> Flags:
        found = np.zeros(self.rows.rvu.height, np.bool_)
        for rule in RULES:
            if rule.ranks is not None and (rules is None or rule.is_on is None or rule.is_on(rules)):
                found |= rule.ranks(self.era)
        return found


class NotesByPlace(LookUp):
    """Look up the notes that a row and the place give a line by themselves."""

    @cached_property
    def bits(self) -> Integers:
        """Return bits of Note. Shape: [kind of place, row]."""
        tables = [rule.notes_by_place(self.era) for rule in RULES if rule.notes_by_place is not None]
        found: Integers = np.bitwise_or.reduce(tables).astype(np.int64)
        return found
