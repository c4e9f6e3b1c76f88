"""The rules in their order, over the lines of a batch in one era."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims import (
    anesthetics,
    bilateral,
    billed,
    diagnostic,
    film,
    imaging,
    modifier_checks,
    modifier_percents,
    others_paid,
    part_rules,
    surgery,
    therapy,
)
from feecalc.pricing.claims.era import Era
from feecalc.pricing.claims.lines import Decisions, Lines
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.claims.shares import Shares, shares
from feecalc.pricing.claims.trail import Trail


@dataclass(frozen=True)
class Priced:
    """What the chain left. Shape of each: [line]."""

    lines: Lines
    decided: Decisions
    allowed: Whole
    shares: Shares
    anesthetic: Flags


def apply(
    lines: Lines, era: Era, rules: ClaimRules, anesthetic: Whole, trail: Trail | None = None
) -> Priced:
    """Price the lines: a line whose status is not priced takes no part in a rule.

    ``anesthetic``: the positions of the lines that anesthesia's own rule prices. ``trail``: where what each rule did is
    to be kept.
    """
    decided = Decisions.at_first(era.fees(lines.row, lines.locality, lines.facility, lines.factor), lines.units)
    decided.trail = trail
    modifier_checks.check(lines, era, rules)
    anesthetic = anesthetic[lines.priced()[anesthetic]]
    if len(anesthetic):
        anesthetics.price(lines, decided, era, anesthetic)
    others_paid.others(lines, era, rules)
    bilateral.both_sides(lines, decided, era, rules)
    modifier_percents.apply(lines, decided, era)
    decided.before_several = decided.service * decided.procedures
    decided.several = decided.before_several.copy()
    surgery.several_procedures(lines, decided, era, rules)
    therapy.several_units(lines, decided, era, rules)
    imaging.several_images(lines, decided, era, rules)
    diagnostic.several_tests(lines, decided, era, rules)
    part_rules.several_parts(lines, decided, era, with_cap=rules.opps_cap)
    paid = decided.several - decided.above_cap
    paid -= film.technical_part(lines, decided, era, decided.technical_left)
    allowed = billed.allowed(lines, decided, billed.payable(lines, paid, era, rules, trail), rules, trail)
    by_units = np.zeros(len(lines), np.bool_)
    by_units[anesthetic] = True
    return Priced(lines, decided, allowed, shares(lines, allowed, era, rules, trail), by_units)
