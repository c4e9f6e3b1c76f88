"""Two surgeons operate as co-surgeons (62): each is paid a part of the fee, where the code's indicator allows two.

Where it allows none (or no team, 66), the first bill for a surgery is paid in full and those of other surgeons are
denied; which was submitted first a file does not say, and the lower line number is taken. Percent and indicators:
reference/cosurgery.toml. Source: Pub. 100-04 ch. 12 sec. 40.8; RVU25D.pdf, fields Co-surgeons (Modifier 62) and Team
Surgery (Modifier 66).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import OF_ONE_SURGEON, Decisions, Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.arrays.segments import place_among
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, modifier_name, percent_of, source_of
from feecalc.pricing.rules.rule import LookUp, Others, RowChoice, Rule, priced_with, take

_JOINT = ModifierEffect.COSURGERY | ModifierEffect.TEAM
INDICATORS = ("cosurgeon_indicator", "team_indicator")
_WORDS = {"cosurgeon_indicator": "co-surgeon indicator", "team_indicator": "team indicator"}


@dataclass(frozen=True)
class FirstBill:
    """Hold the surgeries of which one surgeon's bill is paid, whatever the modifier says. Shape of ``rows``: [row]."""

    does: int  # what the modifier does
    rows: Flags
    outcome: int  # of every later bill


class CosurgeryRows(LookUp):
    """Look up which rows pay co-surgeons, and what."""

    @cached_property
    def rate(self) -> int:
        return percent.rate(self.book.row("cosurgery", kind="percent")["value"])

    @cached_property
    def applies(self) -> Flags:
        paid = self.book.indicators("cosurgery", "cosurgeon_indicator", "paid", "with_documentation")
        return self.rows.have("cosurgeon_indicator", *paid)

    @cached_property
    def first_bills(self) -> tuple[FirstBill, ...]:
        """Return of which surgeries the first bill alone is paid, by what the modifier does."""
        number, does = self.rows.words.modifiers.at, self.era.modifiers.does
        found = []
        for row in self.book.rows("cosurgery", kind="indicator", payment="first_bill"):
            column = next(each for each in INDICATORS if each in row)
            rows = self.rows.have(column, row[column]) & self.rows.have("global_days", *row["global_days"])
            indicator = f"{_WORDS[column]} is {row[column]}"
            reason = f"another surgeon's bill for it comes first, and one is paid: its {indicator}"
            outcome = self.era.outcomes.number(row["pricing_status"], reason)
            found.append(FirstBill(int(does[number[row["modifier"]]]), rows, outcome))
        return tuple(found)

    def first_bill(self, does: int) -> Flags:
        """Mark the rows of which the first bill with such a modifier is paid in full."""
        found = np.zeros(self.rows.rvu.height, np.bool_)
        for each in self.first_bills:
            if each.does == does:
                found |= each.rows
        return found


def has_unknown_indicator(lines: Lines, era: Era) -> Flags:
    """Mark the lines of co-surgeons whose indicator the rules do not know."""
    return _is_cosurgery(lines) & era.rows.is_unknown("cosurgeon_indicator")[lines.row]


def does_not_apply(lines: Lines, era: Era) -> Flags:
    """Mark the lines of co-surgeons whose code has none."""
    table = era.look_up(CosurgeryRows)
    return _is_cosurgery(lines) & ~(table.applies | table.first_bill(ModifierEffect.COSURGERY))[lines.row]


def _is_cosurgery(lines: Lines) -> Flags:
    found: Flags = (lines.does & ModifierEffect.COSURGERY) != 0
    return found


def read_line(choice: RowChoice) -> None:
    """Note the lines that are paid in full if no other surgeon's bill came first."""
    for each in choice.era.look_up(CosurgeryRows).first_bills if choice.lines.any_modifier(_JOINT) else ():
        at = choice.lines.with_modifier(each.does)
        choice.lines.notes[at[each.rows[choice.row[at]]]] |= Note.FIRST_BILL


def refuse_later(lines: Lines, era: Era) -> None:
    """Refuse the later bills for a surgery of which the first is paid."""
    if not lines.any_modifier(_JOINT):
        return
    for each in era.look_up(CosurgeryRows).first_bills:
        at = lines.priced_at(lines.with_modifier(each.does))
        at = at[each.rows[lines.row[at]]]
        if len(at) > 1:
            alike = lines.does[at] & OF_ONE_SURGEON
            place = place_among(lines.patient_day[at], lines.row[at], alike, number=lines.number[at])
            lines.refuse_at(at[place > 0], each.outcome)


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Price each co-surgeon's line at the percent."""
    chosen = priced_with(lines, ModifierEffect.COSURGERY)
    if len(chosen):
        table = era.look_up(CosurgeryRows)
        chosen = chosen[table.applies[lines.row[chosen]]]
        take(decided, chosen, np.full(len(chosen), table.rate), "cosurgery")


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the co-surgeon's percent."""
    for station in case.stations("cosurgery"):
        modifier = case.modifier_that(ModifierEffect.COSURGERY)
        row = reference.row_on("cosurgery", case.day, modifier=modifier, kind="percent")
        before, after = case.around(station)
        name, factor = modifier_name(case, modifier), percent_of(case.figure(station, "rate"))
        yield RuleStep(f"modifier {modifier}", name, before, factor, after, source_of(row))


RULE = Rule(
    "cosurgery",
    others=Others(does=_JOINT),
    has_unknown_indicator=has_unknown_indicator,
    does_not_apply=does_not_apply,
    judged=ModifierEffect.COSURGERY,
    refusal="its co-surgeon indicator is {cosurgeon_indicator}",
    indicators="cosurgery",
    read_line=read_line,
    refuse=refuse_later,
    decide=decide,
    steps=steps,
    notes={
        Note.FIRST_BILL: "its indicator allows one surgeon: paid in full as the first bill submitted, and other "
        "surgeons' later bills are denied",
    },
)
