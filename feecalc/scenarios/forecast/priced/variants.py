"""The rows as other providers do them, at other places: priced at once, since a call of the engine is what costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from feecalc.pricing.arrays import Whole
from feecalc.scenarios.scenario.events import Hire, SiteShift
from feecalc.scenarios.scenario.model import Scenario

Variant = tuple[str | None, str | None]  # provider type and place of service; None leaves each row's own


def variants_of(scenario: Scenario) -> tuple[Variant, ...]:
    """Every kind of provider of a scenario and its alternatives, at every place."""
    events = [*scenario.event, *(event for each in scenario.alternative for event in each.event)]
    kinds: list[str | None] = [each.provider_type for each in scenario.provider] or [None]
    kinds += [each.provider.provider_type for each in events if isinstance(each, Hire)]
    places = [None, *(each.to_place for each in events if isinstance(each, SiteShift))]
    return tuple((kind, place) for kind in dict.fromkeys(kinds) for place in dict.fromkeys(places))


def as_variant(rows: pl.DataFrame, variant: Variant) -> pl.DataFrame:
    """The rows done by another kind of provider, at another place."""
    changed = dict(zip(("provider_type", "place_of_service"), variant, strict=True))
    return rows.with_columns(pl.lit(value).alias(name) for name, value in changed.items() if value is not None)


@dataclass(frozen=True)
class Stack:
    """Variants of the rows, one below the other."""

    rows: pl.DataFrame
    variants: Sequence[Variant]

    @cached_property
    def frame(self) -> pl.DataFrame:
        return pl.concat([as_variant(self.rows, each) for each in self.variants])

    def of(self, variant: Variant, values: Whole) -> Whole:
        """The part of the frame's values that is a variant's. Shape: [row]."""
        first = self.variants.index(variant) * self.rows.height
        return values[first : first + self.rows.height]
