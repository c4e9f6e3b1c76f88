"""An assistant at surgery (80, 81, 82; AS for a practitioner) is paid a part of the surgeon's fee.

The code's assistant indicator says whether: always, with documentation only, never, or that there is no assistant at
the service. AS is the practitioner's percent of an assistant's, so the practitioner's own percent is in it. Assistants
rank among themselves in the rules for several lines. Percents and indicators: reference/assistant.toml.
Source: SSA 1848(i)(2)(B); Pub. 100-04 ch. 12 sec. 20.4.3; RVU25D.pdf, field Assistant at Surgery.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, modifier_name, percent_of, source_of
from feecalc.pricing.rules.rule import LookUp, Rule, priced_with, take

_ASSISTANTS = ModifierEffect.ASSISTANT | ModifierEffect.PRACTITIONER_ASSISTANT


class AssistantRows(LookUp):
    """Look up which rows pay an assistant, and what."""

    @cached_property
    def rate(self) -> int:
        """Return a physician assistant's part: 80, 81 and 82."""
        return self._rate(practitioner=False)

    @cached_property
    def practitioner_rate(self) -> int:
        """Return a practitioner's part: AS."""
        return self._rate(practitioner=True)

    def _rate(self, *, practitioner: bool) -> int:
        (rate,) = {
            percent.rate(row["value"])
            for row in self.book.rows("assistant", kind="modifier")
            if ("of_assistant" in row) == practitioner
        }
        return rate

    @cached_property
    def is_never_paid(self) -> Flags:
        return self._pay("never")

    @cached_property
    def with_documentation(self) -> Flags:
        return self._pay("with_documentation")

    @cached_property
    def does_not_apply(self) -> Flags:
        return ~self._pay("paid", "with_documentation", "never")

    def _pay(self, *payments: str) -> Flags:
        meant = self.book.indicators("assistant", "assistant_indicator", *payments)
        return self.rows.have("assistant_indicator", *meant)


def has_unknown_indicator(lines: Lines, era: Era) -> Flags:
    """Mark the lines of assistants whose indicator the rules do not know."""
    return lines.by_assistant & era.rows.is_unknown("assistant_indicator")[lines.row]


def does_not_apply(lines: Lines, era: Era) -> Flags:
    """Mark the lines of assistants whose code has none."""
    return lines.by_assistant & era.look_up(AssistantRows).does_not_apply[lines.row]


def refuse(lines: Lines, era: Era) -> None:
    """Refuse assistants at surgery that Medicare never pays one for."""
    lines.refuse(lines.by_assistant & era.look_up(AssistantRows).is_never_paid[lines.row], outcomes.ASSISTANT_NOT_PAID)


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Price the assistants' lines at their percent: a payer's own where there is one."""
    chosen = priced_with(lines, _ASSISTANTS)
    if not len(chosen):
        return
    table = era.look_up(AssistantRows)
    as_practitioner = (lines.does[chosen] & ModifierEffect.PRACTITIONER_ASSISTANT) != 0
    own = percent.rate(rules.assistant_percent) if rules.assistant_percent else table.rate
    rates = np.where(as_practitioner, own * table.practitioner_rate // table.rate, own)
    take(decided, chosen, rates, "assistant")
    documented = chosen[table.with_documentation[lines.row[chosen]]]
    decided.notes[documented] |= Note.ASSISTANT_DOCUMENTATION


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the assistant's percent."""
    for station in case.stations("assistant"):
        as_practitioner = case.modifier_that(ModifierEffect.PRACTITIONER_ASSISTANT)
        modifier = as_practitioner or case.modifier_that(ModifierEffect.ASSISTANT)
        row = next(row for row in reference.rows_on("assistant", case.day, modifier=modifier) if "value" in row)
        before, after = case.around(station)
        name, factor = modifier_name(case, modifier), percent_of(case.figure(station, "rate"))
        yield RuleStep(f"modifier {modifier}", name, before, factor, after, source_of(row))


RULE = Rule(
    "assistant",
    has_unknown_indicator=has_unknown_indicator,
    does_not_apply=does_not_apply,
    judged=_ASSISTANTS,
    refusal="its assistant indicator is {assistant_indicator}",
    refuse=refuse,
    decide=decide,
    steps=steps,
    notes={Note.ASSISTANT_DOCUMENTATION: "an assistant is paid here only with documentation of the medical need"},
)
