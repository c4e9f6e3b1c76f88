"""A priced line as a person follows it: from the release's row to what is allowed and who pays it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feecalc.pricing.claims.adjustments import Adjustment
from feecalc.pricing.receipt import Step
from feecalc.pricing.release import ReleaseIdentity
from feecalc.pricing.rules.receipt_steps import RuleStep, modifiers_of


@dataclass(frozen=True)
class ExplainedLine:
    """Explain a claim line. ``steps`` lead up to the allowed amount, ``payment`` from there to Medicare's check.

    ``asked``: the line's columns. ``results``: ``results.COLUMNS``. ``row``: the release's row that pays, None where
    the line was not priced from one; ``row_source``: the member and line it was read from. ``billed_row`` and
    ``billed_source``: the same of the code and component on the line. ``basis``: the figures that the fee is made of.
    ``notes``: what a priced line should be read with, in the words of this line. ``refusal``: which modifiers do not
    apply, and by what, where that is why the line is not priced.
    """

    asked: Mapping[str, Any]
    results: Mapping[str, Any]
    release: ReleaseIdentity | None
    row: Mapping[str, Any] | None
    row_source: str
    basis: tuple[Step, ...]
    steps: tuple[RuleStep, ...]
    payment: tuple[RuleStep, ...]
    adjustments: tuple[Adjustment, ...]
    billed_row: Mapping[str, Any] | None = None
    billed_source: str = ""
    notes: tuple[str, ...] = ()
    refusal: str = ""
    adjusted: int | None = None  # the relative values that a unit's amount is rounded from; see basis.adjusted_rvus

    @property
    def modifiers(self) -> tuple[str, ...]:
        """Return the line's modifiers, in their order."""
        return modifiers_of(self.asked)
