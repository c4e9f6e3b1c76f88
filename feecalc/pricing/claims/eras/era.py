"""A span of days in which no rule and no release changes: what the rules look up, by subject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from feecalc.pricing.claims.arrays.vocabulary import Vocabulary
from feecalc.pricing.claims.eras.amounts import Amounts
from feecalc.pricing.claims.eras.modifiers import Modifiers
from feecalc.pricing.claims.eras.rows import Rows, Rulebook
from feecalc.pricing.claims.outcomes import Outcomes
from feecalc.pricing.release_tables import ReleaseTables

Table = TypeVar("Table")


@dataclass(frozen=True)
class Era:
    """Hold the rules and the release from ``first`` on; every table is made once, when it is first read."""

    first: date
    tables: ReleaseTables
    words: Vocabulary
    outcomes: Outcomes
    gpci_floor: bool
    both_tracks: bool = False  # look at the rows of QPs too
    own_factors: tuple[int, int] | None = None  # of everybody else and of QPs, in place of Medicare's
    _looked_up: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def look_up(self, kind: Callable[[Era], Table]) -> Table:
        """Return what a rule looks up in this era: a ``LookUp`` of the rule's file, made when it is first asked for."""
        found: Table = self._looked_up.get(kind) or self._looked_up.setdefault(kind, kind(self))
        return found

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
    def modifiers(self) -> Modifiers:
        return Modifiers(self.rows)
