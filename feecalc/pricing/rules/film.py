"""Imaging on film (FX), by computed radiography (FY), or on an old CT scanner (CT): the technical part pays less.

Taken after the rules for several procedures and after the OPPS cap; film comes before computed radiography where a line
says both, which is asked about. A code without a technical part cannot be billed so. CT takes nothing outside of CMS's
list; of X-rays there is no list, and FX and FY on what does not look like one are asked about. Percents and days:
reference/modifier.toml, part technical; codes: reference/film_code.toml.
Source: SSA 1848(b)(9), 1848(b)(11), 1834(p); Pub. 100-04 ch. 4 sec. 20.6 and ch. 13 sec. 20.2.4 to 20.2.6.
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
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.receipt import shown
from feecalc.pricing.rules import surgery
from feecalc.pricing.rules.parts import PartRows
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of, usd
from feecalc.pricing.rules.rule import LookUp, RowChoice, Rule
from feecalc.pricing.rules.surgery import SurgeryRows

_NOT_TAKEN = "not_taken"
_ORDER = (ModifierEffect.FILM, ModifierEffect.COMPUTED_RADIOGRAPHY, ModifierEffect.OLD_TOMOGRAPH)


class Film(LookUp):
    """Look up what each way of taking an image pays of the technical part."""

    @cached_property
    def rates(self) -> dict[ModifierEffect, int]:
        rows = self.book.rows("modifier", part="technical")
        return {ModifierEffect[row["does"].upper()]: percent.rate(row["value"]) for row in rows if "value" in row}

    @cached_property
    def belongs(self) -> dict[ModifierEffect, tuple[Flags, bool]]:
        """Return the rows whose codes each belongs on, and whether it is taken on other codes too."""
        number, does = self.rows.words.modifiers.at, self.era.modifiers.does
        found = {}
        for row in self.book.rows("film_code"):
            own = self.rows.within(row["spans"]) & ~self.rows.have("mppr_indicator", *row["but_mppr_indicator"])
            for modifier in row["modifiers"]:
                found[ModifierEffect(int(does[number[modifier]]))] = own, row["elsewhere"] != _NOT_TAKEN
        return found


def read_line(choice: RowChoice) -> None:
    """Note the lines with a technical part on whose codes the modifier does not belong."""
    if not choice.lines.any_modifier(FILM_MODIFIERS):
        return
    film, has_part = choice.era.look_up(Film), choice.era.look_up(PartRows).has_technical_part
    for does in film.rates:
        at = choice.lines.with_modifier(does)
        if len(at) and does in film.belongs:
            own, is_taken = film.belongs[does]
            note = Note.FILM_ELSEWHERE if is_taken else Note.FILM_NOT_TAKEN
            choice.lines.notes[at[~own[choice.row[at]] & has_part[choice.row[at]]]] |= note


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
        own, is_taken = era.look_up(Film).belongs.get(does, (None, True))
        if own is not None and not is_taken:
            chosen = chosen[own[lines.row[chosen]]]
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
    read_line=read_line,
    does_not_apply=does_not_apply,
    judged=FILM_MODIFIERS,
    refusal="it has no technical part",
    decide=decide,
    steps=steps,
    notes={
        Note.FILM_ELSEWHERE: "FX and FY are for X-rays, and this code does not look like one: the technical part is "
        "reduced as the modifier says",
        Note.FILM_NOT_TAKEN: "CT is for the CT scans of CMS's list, and this code is none of them: nothing is taken "
        "off for it",
    },
)
