"""Whether a row is paid at all, by its status letter and by the place of service; and which row is paid there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.eras.rows import COMPONENTS, NONE, Rows
from feecalc.pricing.claims.outcomes import Outcomes
from feecalc.pricing.rules import status
from feecalc.pricing.rules.technical_component import technical_components


@dataclass(frozen=True)
class Statuses:
    """Outcomes of rows and places."""

    rows: Rows
    outcomes: Outcomes

    @cached_property
    def row_status(self) -> Whole:
        """The outcome of each row's status letter; 0 where relative values, or the rule of anesthesia, price it."""
        has_rvus = self.rows.arrays.has_rvus
        found = np.zeros(len(has_rvus), outcomes.KIND)
        for letter in self.rows.column("status_indicator").unique():
            rows = self.rows.have("status_indicator", letter)
            for with_rvus in (True, False):
                meant = status.status(letter, self.rows.book.day, has_rvus=with_rvus)
                if meant.pays != status.PAYS_RVUS:
                    found[rows & (has_rvus == with_rvus)] = self.outcomes.number(meant.pricing_status, meant.reason)
        found[self.is_anesthesia] = outcomes.PRICED
        return found

    @cached_property
    def is_anesthesia(self) -> Flags:
        """Rows that anesthesia's own rule prices."""
        rows = self.rows.book.rows("status_indicator", pays=status.PAYS_ANESTHESIA)
        return self.rows.have("status_indicator", *(row["code"] for row in rows))

    @cached_property
    def places(self) -> tuple[Whole, list[tuple[str, str]]]:
        """The number of each place's setting and patient, -1 where it is not in use; and the settings and patients."""
        kinds: list[tuple[str, str]] = []
        words = self.rows.words.places
        found = np.full(len(words.listed) + 1, NONE, np.int32)
        for row in self.rows.book.rows("place_of_service"):
            kind = (row["setting"], row["patient"])
            if kind not in kinds:
                kinds.append(kind)
            found[words.at[row["code"]]] = kinds.index(kind)
        return found, kinds

    @cached_property
    def rows_by_place(self) -> tuple[Whole, Whole]:
        """At each kind of place, the row paid in place of each row, and the outcome where it is not paid (0: paid).

        Shape of each: [kind of ``places``, row].
        """
        paid, denied = zip(*(self._of_patient(patient) for _, patient in self.places[1]), strict=True)
        return np.array(paid, np.int32), np.array(denied, outcomes.KIND)

    def _of_patient(self, patient: str) -> tuple[Whole, Whole]:
        height = self.rows.rvu.height
        paid, denied = np.arange(height), np.zeros(height, np.int64)
        for rule in technical_components(patient, self.rows.book.day):
            held = self.rows.have("pctc_indicator", rule.pctc_indicator) & self.rows.have("modifier", rule.modifier)
            if rule.instead is None:
                denied[held] = self.outcomes.number(rule.pricing_status, rule.reason)
            else:
                other = self.rows.of_same_code[:, COMPONENTS.index(rule.instead)]
                paid = np.where(held & (other >= 0) & self.rows.is_priced[other], other, paid)
        return paid, denied
