"""Imaging on film (FX), by computed radiography (FY), or on an old CT scanner (CT): the technical part pays less.

Taken after the rules for several procedures and after the OPPS cap; film comes before computed radiography where a line
says both. A code without a technical part cannot be billed so. Percents and days: reference/modifier.toml, part
technical. Source: SSA 1848(b)(9), 1848(b)(11), 1834(p); Pub. 100-04 ch. 4 sec. 20.6 and ch. 13.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import NONE, Decisions, LineParts, Lines
from feecalc.pricing.claims.arrays.modifier_effects import FILM_MODIFIERS, ModifierEffect
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.receipt import shown
from feecalc.pricing.rules import surgery
from feecalc.pricing.rules.parts import PartRows
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of, usd
from feecalc.pricing.rules.rule import LookUp, Rule
from feecalc.pricing.rules.surgery import SurgeryRows

_ORDER = (ModifierEffect.FILM, ModifierEffect.COMPUTED_RADIOGRAPHY, ModifierEffect.OLD_TOMOGRAPH)


class Film(LookUp):
    """Look up what each way of taking an image pays of the technical part."""

    @cached_property
    def rates(self) -> dict[ModifierEffect, int]:
        rows = self.book.rows("modifier", part="technical")
        return {ModifierEffect[row["does"].upper()]: percent.rate(row["value"]) for row in rows if "value" in row}


def does_not_apply(lines: Lines, era: Era) -> Flags:
    """Mark the lines whose code has no technical part."""
    has_part = era.look_up(PartRows).has_technical_part[lines.billed_row]
    found: Flags = ((lines.does & FILM_MODIFIERS) != 0) & ~has_part
    return found


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Decide ``film_reduction`` from the technical part that ranks and the cap leave."""
    found = decided.parts
    if found is None or not (lines.does[found.at] & FILM_MODIFIERS).any():
        return
    part = np.full(len(lines), NONE)
    part[found.at] = whole = _technical_left(lines, decided, era, rules, found)
    for does in _ORDER:
        rate = era.look_up(Film).rates.get(does)
        if rate is None:
            continue
        chosen = np.flatnonzero(lines.priced() & ((lines.does & does) != 0) & (part >= 0))
        before = part[chosen]
        part[chosen] = percent.share(before, rate)
        if decided.trail is not None:
            rule = (ModifierEffect(does).name or "").lower()
            decided.trail.keep(rule, chosen, before, part[chosen], rate=np.full(len(chosen), rate))
    decided.film_reduction[found.at] = np.where(whole >= 0, whole - part[found.at], 0)


def _technical_left(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules, found: LineParts) -> Integers:
    """Return what all procedures of a line still pay for the technical part; -1 where there is none. [cents]"""
    row, rank = lines.row[found.at], decided.rank[found.at]
    left = found.first.technical + (found.count - 1) * found.other.technical
    # a part of a line that ranks as surgery pays the percent of that rank
    surgical = era.look_up(SurgeryRows).ranked[row] & (rank > 0)
    rates = surgery.rates_of(era, rules)
    left = np.where(surgical, percent.by_rank(np.maximum(found.technical, 0), rank - 1, found.count, rates), left)
    # all of a technical row is its technical part, also where another rule has ranked the line
    whole = decided.several[found.at] - decided.above_cap[found.at]
    left = np.where(era.rows.is_technical_row[row], whole, left)
    return np.where(found.technical >= 0, left, NONE)


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of what each way of taking the image takes off."""
    decided, line = case.followed.priced.decided, case.followed.line
    amount = int(decided.several[line]) - int(decided.above_cap[line])
    for station in case.stations(*((does.name or "").lower() for does in _ORDER)):
        place = station.where[line]
        part, left = int(station.before[place]), int(station.after[place])
        modifier = case.modifier_that(ModifierEffect[station.rule.upper()])
        row = reference.rows_on("modifier", case.day, modifier=modifier)[0]
        rate = percent_of(case.figure(station, "rate"))
        detail = f"{row['name']}: {rate} of the technical part, {shown(part)}, is {shown(left)}"
        after = amount - (part - left)
        yield RuleStep(f"modifier {modifier}", detail, usd(amount), f"{rate} of a part", usd(after), source_of(row))
        amount = after


RULE = Rule(
    "film",
    does_not_apply=does_not_apply,
    judged=FILM_MODIFIERS,
    refusal="it has no technical part",
    decide=decide,
    steps=steps,
)
