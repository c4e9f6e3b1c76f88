"""A span of days in which no rule and no release changes: what the rules look up, by subject."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.arrays.traits import Traits
from feecalc.pricing.claims.arrays.vocabulary import Vocabulary
from feecalc.pricing.claims.eras.amounts import Amounts
from feecalc.pricing.claims.eras.anesthesia import Anesthesia
from feecalc.pricing.claims.eras.modifiers import Modifiers
from feecalc.pricing.claims.eras.payment import Payment
from feecalc.pricing.claims.eras.rows import Rows, Rulebook
from feecalc.pricing.claims.eras.several import Several
from feecalc.pricing.claims.eras.statuses import Statuses
from feecalc.pricing.claims.outcomes import Outcomes
from feecalc.pricing.release_tables import ReleaseTables
from feecalc.pricing.rules.place_of_service import FACILITY, NONFACILITY
from feecalc.pricing.rules.technical_component import technical_components

_RARELY = "NA"  # of a row's NA indicators


@dataclass(frozen=True)
class Era:
    """The rules and the release from ``first`` on; every table is made once, when it is first looked at."""

    first: date
    tables: ReleaseTables
    words: Vocabulary
    outcomes: Outcomes
    gpci_floor: bool
    both_tracks: bool = False  # look at the rows of QPs too
    own_factors: tuple[int, int] | None = None  # of everybody else and of QPs, in place of Medicare's

    @cached_property
    def with_qps(self) -> Era:
        """Return the era with the rows of QPs beside the others; itself on days with one track for all."""
        if not self.amounts.has_qp_track and not self.tables.qps_apart:
            return self
        return replace(self, both_tracks=True, own_factors=self.amounts.factors)

    @cached_property
    def rows(self) -> Rows:
        return Rows(self.tables, self.words, Rulebook(self.first), self.both_tracks)

    @cached_property
    def amounts(self) -> Amounts:
        return Amounts(self.rows, self.gpci_floor, self.own_factors)

    @cached_property
    def statuses(self) -> Statuses:
        return Statuses(self.rows, self.outcomes)

    @cached_property
    def modifiers(self) -> Modifiers:
        return Modifiers(self.rows)

    @cached_property
    def several(self) -> Several:
        return Several(self.rows)

    @cached_property
    def anesthesia(self) -> Anesthesia:
        return Anesthesia(self.rows)

    @cached_property
    def payment(self) -> Payment:
        return Payment(self.rows.book, self.words.provider_types)

    @cached_property
    def notes_by_place(self) -> Whole:
        """Bits of Note of each row, as it is billed at each kind of place. Shape: as ``Statuses.rows_by_place``."""
        rows, kinds = self.rows, self.statuses.places[1]
        paid = self.statuses.rows_by_place[0]
        found = np.zeros(paid.shape, np.int16)
        own = np.arange(rows.rvu.height)
        for at, (setting, patient) in enumerate(kinds):
            professional_only = np.zeros(rows.rvu.height, np.bool_)
            for rule in technical_components(patient, self.first):
                if rule.instead is not None:
                    of_rule = rows.have("pctc_indicator", rule.pctc_indicator) & rows.have("modifier", rule.modifier)
                    professional_only |= of_rule
            as_billed = paid[at] == own
            found[at, ~as_billed] = Note.PAID_AS_PROFESSIONAL
            found[at, as_billed & professional_only] = Note.PROFESSIONAL_ROW_MISSING
            if setting in (FACILITY, NONFACILITY):
                found[at, rows.have(f"na_indicator_{setting}", _RARELY) & ~professional_only] |= Note.RARELY_DONE_THERE
        return found

    @cached_property
    def traits(self) -> Whole:
        """Bits of Traits of each row. Shape: [row]."""
        held = {
            Traits.SEVERAL: self.several.is_of_any,
            Traits.TWO_UNITS: self.modifiers.two_units_mean_both & (self.modifiers.both_sides_rate > 0),
            Traits.ADD_ON: self.rows.is_add_on,
            Traits.OF_GROUP: self.rows.is_add_on_of_group,
            Traits.ONLY_ALONE: self.rows.is_paid_only_alone,
            Traits.OTHER: self.statuses.is_anesthesia | self.amounts.is_capped | self.rows.has_unknown_indicator,
        }
        found = np.zeros(self.rows.rvu.height, np.int8)
        for trait, rows in held.items():
            found[rows] |= trait
        return found
