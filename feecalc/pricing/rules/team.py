"""A surgical team (66) is paid by report: the contractor prices it, where the code's team indicator allows one at all.

Where it allows none, ``cosurgery`` pays the first bill for a surgery. Indicators: reference/cosurgery.toml, the rows of
modifier 66. Source: Pub. 100-04 ch. 12 sec. 40.8; RVU25D.pdf, field Team Surgery (Modifier 66).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.rules.cosurgery import CosurgeryRows
from feecalc.pricing.rules.rule import LookUp, RowChoice, Rule


class TeamRows(LookUp):
    """Look up which rows a team may bill."""

    @cached_property
    def by_report(self) -> Flags:
        """Mark the rows whose team the contractor prices by report."""
        return self.rows.have("team_indicator", *self.book.indicators("cosurgery", "team_indicator", "by_report"))


def does_not_apply(lines: Lines, era: Era) -> Flags:
    """Mark the lines of a team whose code has none."""
    team = lines.with_modifier(ModifierEffect.TEAM)
    found = np.zeros(len(lines), np.bool_)
    allowed = era.look_up(TeamRows).by_report | era.look_up(CosurgeryRows).first_bill(ModifierEffect.TEAM)
    found[team] = ~allowed[lines.billed_row[team]]
    return found


def refuse_row(choice: RowChoice) -> None:
    """Refuse a team: where the code has none the modifier does not apply; else it is paid by report."""
    choice.lines.refuse(does_not_apply(choice.lines, choice.era), outcomes.MODIFIER_DOES_NOT_APPLY)
    team = choice.lines.with_modifier(ModifierEffect.TEAM)
    if len(team):
        by_report = choice.era.look_up(TeamRows).by_report[choice.lines.billed_row[team]]
        choice.lines.refuse_at(team[by_report], outcomes.BY_REPORT)


RULE = Rule(
    "team",
    refuse_row=refuse_row,
    does_not_apply=does_not_apply,
    judged=ModifierEffect.TEAM,
    refusal="its team indicator is {team_indicator}",
    indicators="cosurgery",
)
