"""Split care: one surgeon operates (54), another follows up (55), a third prepares (56); each is paid his shares.

The release prints what part of the fee is care before, during and after the operation. 54 pays the first two, 55 the
third, 56 the first; 55 may be divided by the days of care, the share rounded before the days are taken. Units above 1
with 55 are its days: paper claims write them there. With 54 and 56 they are neither days nor more procedures: the parts
of one procedure are never more than its fee, so that one is priced and the line asks. Codes whose global period
is neither 10 nor 90 days cannot be split. Rows: reference/split_care.toml.
Source: Pub. 100-04 ch. 12 sec. 40.1.D, 40.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers, whole_column
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import Decisions, Lines, Step
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of
from feecalc.pricing.rules.rule import LookUp, RowChoice, Rule, priced_with, take

_SPLIT = (ModifierEffect.INTRAOPERATIVE, ModifierEffect.POSTOPERATIVE, ModifierEffect.PREOPERATIVE)
ANY_SPLIT = ModifierEffect.INTRAOPERATIVE | ModifierEffect.POSTOPERATIVE | ModifierEffect.PREOPERATIVE
_SHARES = ("preoperative", "intraoperative", "postoperative")
_NOT_GIVEN = -1


class SplitCareRows(LookUp):
    """Look up the shares of care that the release prints."""

    @cached_property
    def printed(self) -> dict[str, Integers]:
        """Return each share by its name in the reference rows: preoperative, intraoperative, postoperative."""
        return {name: whole_column(self.rows.column(f"{name}_rate"), percent.PLACES) for name in _SHARES}

    @cached_property
    def is_printed(self) -> Flags:
        """Mark the rows whose shares the release prints."""
        found: Flags = np.sum(list(self.printed.values()), axis=0) > 0
        return found

    @cached_property
    def rates(self) -> dict[int, Integers]:
        """Return what a line pays that says one of the modifiers, by what that does: the shares that it names."""
        return {does: np.sum([self.printed[name] for name in row["shares"]], axis=0) for does, row in self._by_modifier}

    @cached_property
    def applies(self) -> dict[int, Flags]:
        """Mark the rows whose care the modifier can split: by their global period, and with printed shares."""
        return {
            does: self.rows.have("global_days", *row["global_days"]) & self.is_printed
            for does, row in self._by_modifier
        }

    @cached_property
    def by_days(self) -> int:
        """Return what those modifiers do whose share may be divided by the days of care."""
        return sum(does for does, row in self._by_modifier if row["by_days"])

    @property
    def _by_modifier(self) -> list[tuple[int, reference.Row]]:
        number, does = self.rows.words.modifiers.at, self.era.modifiers.does
        return [(int(does[number[row["modifier"]]]), row) for row in self.book.rows("split_care")]

    @cached_property
    def global_period(self) -> Integers:
        """Return the days after the procedure that its fee pays for; 0 where the row names none."""
        return self.rows.column("global_days").cast(pl.Int64, strict=False).fill_null(0).to_numpy()


def read_line(choice: RowChoice) -> None:
    """Read units as days of postoperative care; note where they are, where no days are given, where they are none."""
    lines, care = choice.lines, choice.era.look_up(SplitCareRows)
    at = lines.with_modifier(ANY_SPLIT)
    if not len(at):
        return
    many, by_days = lines.units[at] > 1, (lines.does[at] & care.by_days) != 0
    lines.notes[at[many & ~by_days]] |= Note.UNITS_OF_A_SHARE
    lines.units[at] = np.where(by_days, lines.units[at], 1)
    at, many = at[by_days], many[by_days]
    given = lines.postoperative_days[at] != _NOT_GIVEN
    lines.postoperative_days = lines.postoperative_days.copy()
    lines.postoperative_days[at] = np.where(many & ~given, lines.units[at], lines.postoperative_days[at])
    lines.units[at] = 1
    lines.notes[at[many]] |= Note.DAYS_IN_UNITS
    lines.notes[at[~many & ~given]] |= Note.DAYS_MISSING


def does_not_apply(lines: Lines, era: Era) -> Flags:
    """Mark the lines that say two of the three, or one for a code that cannot be split."""
    said = sum(((lines.does & share) != 0).astype(np.int8) for share in _SPLIT)
    can_split = np.zeros(len(lines), np.bool_)
    for does, applies in era.look_up(SplitCareRows).applies.items():
        can_split |= ((lines.does & does) != 0) & applies[lines.row]
    found: Flags = (said > 1) | ((said == 1) & ~can_split)
    return found


def refuse(lines: Lines, era: Era) -> None:
    """Refuse days of postoperative care outside the global period."""
    days, period = lines.postoperative_days, era.look_up(SplitCareRows).global_period[lines.row]
    says_55 = (lines.does & ModifierEffect.POSTOPERATIVE) != 0
    lines.refuse(says_55 & (days != _NOT_GIVEN) & ((days < 1) | (days > period)), outcomes.INVALID_POSTOPERATIVE_DAYS)


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Price the lines at their shares of the care."""
    chosen = priced_with(lines, ANY_SPLIT)
    if not len(chosen):
        return
    row, said, care = lines.row[chosen], lines.does[chosen], era.look_up(SplitCareRows)
    rates = np.zeros(len(chosen), np.int64)
    for does, of_row in care.rates.items():
        rates += np.where((said & does) != 0, of_row[row], 0)
    decided.notes[chosen[rates == 0]] |= Note.SHARE_IS_NOTHING
    by_days = ((said & care.by_days) != 0) & (lines.postoperative_days[chosen] >= 0)
    take(decided, chosen[~by_days], rates[~by_days], "split_care")
    _by_days(lines, decided, care, chosen[by_days], rates[by_days])


def _by_days(lines: Lines, decided: Decisions, care: SplitCareRows, chosen: Integers, own: Integers) -> None:
    """Price postoperative care by days: the share, rounded, times the days over those of the global period, rounded."""
    if not len(chosen):
        return
    row = lines.row[chosen]
    period = np.maximum(care.global_period[row], 1)
    days_of = lines.postoperative_days[chosen]
    part = own * days_of
    decided.modifier_rate[chosen] = decided.modifier_rate[chosen] * part // (percent.WHOLE * period)
    before = decided.service[chosen]
    rates, days, periods = (np.full(len(lines), value) for value in (percent.WHOLE, 1, 1))
    rates[chosen], days[chosen], periods[chosen] = own, days_of, period
    step = Step(rates, days, periods)
    decided.service[chosen] = step.of(before, chosen)
    decided.steps.append(step)
    if decided.trail is not None:
        after, of = decided.service[chosen], decided.procedures[chosen]
        decided.trail.keep("split_care", chosen, before, after, rate=rates[chosen], days=days[chosen], procedures=of)


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the shares, and the days where they were given."""
    for station in case.stations("split_care"):
        modifier = case.modifier_that(*_SPLIT)
        row = reference.row_on("split_care", case.day, modifier=modifier)
        factor = percent_of(case.figure(station, "rate"))
        detail = f"the release's share: {' and '.join(row['shares'])}"
        if "days" in station.figures:
            period, days = int(case.row["global_days"]), case.figure(station, "days")
            factor = f"{factor} x {days}/{period}"
            detail += f"; {days} of the {period} days after surgery; rounded once"
        before, after = case.around(station)
        yield RuleStep(f"modifier {modifier}", detail, before, factor, after, source_of(row))


RULE = Rule(
    "split_care",
    read_line=read_line,
    does_not_apply=does_not_apply,
    judged=ModifierEffect.INTRAOPERATIVE | ModifierEffect.POSTOPERATIVE | ModifierEffect.PREOPERATIVE,
    refusal="its global days are {global_days}",
    refuse=refuse,
    decide=decide,
    steps=steps,
    notes={
        Note.DAYS_IN_UNITS: "the units are read as days of postoperative care, as paper claims write them: they do not "
        "multiply the share",
        Note.DAYS_MISSING: "the whole postoperative share: no days of care are given (postoperative_days)",
        Note.UNITS_OF_A_SHARE: "the units are read as 1: with this modifier they are no days, and the part of one "
        "procedure is priced; more procedures stand on lines of their own",
        Note.SHARE_IS_NOTHING: "the release prints a share of 0 percent for this part of the care",
    },
)
