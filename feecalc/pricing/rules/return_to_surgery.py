"""An unplanned return to the operating room (78) within the global period pays the intraoperative share alone.

A code without postoperative days pays in full. Which global periods have the share: reference/return_to_surgery.toml;
the shares stand in the release's rows. Source: Pub. 100-04 ch. 12 sec. 40.4.C.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from feecalc import reference
from feecalc.pricing.arrays import Flags
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of
from feecalc.pricing.rules.rule import LookUp, Rule, priced_with, take
from feecalc.pricing.rules.split_care import SplitCareRows


class ReturnToSurgeryRows(LookUp):
    """Look up which rows pay a share."""

    @cached_property
    def has_share(self) -> Flags:
        """Mark the rows whose global period has shares, and whose shares are printed."""
        periods = [row["global_days"] for row in self.book.rows("return_to_surgery") if row["shares"]]
        return self.rows.have("global_days", *periods) & self.era.look_up(SplitCareRows).is_printed


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Price the lines at the intraoperative share."""
    chosen = priced_with(lines, ModifierEffect.RETURN_TO_SURGERY)
    if not len(chosen):
        return
    chosen = chosen[era.look_up(ReturnToSurgeryRows).has_share[lines.row[chosen]]]
    share = era.look_up(SplitCareRows).printed["intraoperative"][lines.row[chosen]]
    take(decided, chosen, share, "return_to_surgery")


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the intraoperative share."""
    for station in case.stations("return_to_surgery"):
        modifier = case.modifier_that(ModifierEffect.RETURN_TO_SURGERY)
        row = reference.row_on("return_to_surgery", case.day, modifier=modifier, global_days=case.row["global_days"])
        before, after = case.around(station)
        factor = percent_of(case.figure(station, "rate"))
        detail = "the release's intraoperative share"
        yield RuleStep(f"modifier {modifier}", detail, before, factor, after, source_of(row))


RULE = Rule("return_to_surgery", decide=decide, steps=steps)
