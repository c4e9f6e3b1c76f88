"""A surgical team (66) is paid by report: the contractor prices it, where the code's team indicator allows one at all.

Source: Pub. 100-04 ch. 12 sec. 40.8; RVU25D.pdf, field Team Surgery (Modifier 66). Indicators:
reference/cosurgery.toml, the rows of modifier 66.
"""

from __future__ import annotations

from functools import cached_property

from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.rules.rule import LookUp, RowChoice, Rule


class TeamRows(LookUp):
    """Look up which rows a team may bill."""

    @cached_property
    def by_report(self) -> Flags:
        """Mark the rows whose team the contractor prices by report."""
        return self.rows.have("team_indicator", *self.book.indicators("cosurgery", "team_indicator", "by_report"))


def refuse_row(choice: RowChoice) -> None:
    """Refuse a team: where the code has none the modifier does not apply; else it is paid by report."""
    team = choice.lines.with_modifier(ModifierEffect.TEAM)
    by_report = choice.era.look_up(TeamRows).by_report
    choice.lines.refuse_at(team[~by_report[choice.row[team]]], outcomes.MODIFIER_DOES_NOT_APPLY)
    choice.lines.refuse_at(team, outcomes.BY_REPORT)


RULE = Rule("team", refuse_row=refuse_row, judged=ModifierEffect.TEAM, refusal="its team indicator is {team_indicator}")
