"""The rules in their order, over the lines of a batch in one era."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.arrays import segments
from feecalc.pricing.claims.arrays.does import Does
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.trail import Trail
from feecalc.pricing.claims.arrays.traits import Traits
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.payment import billed
from feecalc.pricing.claims.payment.shares import Shares, shares
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.claims.service import anesthetics, bilateral, modifier_checks, modifier_percents
from feecalc.pricing.claims.several import diagnostic, film, imaging, others_paid, part_rules, surgery, therapy


@dataclass(frozen=True)
class Priced:
    """What the chain left. Shape of each: [line], but for ``decided``: [looked at]."""

    lines: Lines
    fee: Whole  # of the line, its units counted, uncapped
    allowed: Whole
    shares: Shares
    practitioner: Whole  # the practitioner's percent [ten-thousandths]
    looked_at: Whole  # positions of the lines the rules had to look at, each its fee times its units but for them
    decided: Decisions
    notes: Whole  # bits of Note
    lone: Whole  # positions of the others that a several-line rule speaks of: there is no other of them that day


def apply(lines: Lines, era: Era, rules: ClaimRules, anesthetic: Whole, trail: Trail | None = None) -> Priced:
    """Price the lines: a line whose status is not priced takes no part in a rule.

    ``anesthetic``: the positions of the lines that anesthesia's own rule prices. ``trail``: where what each rule did is
    to be kept; the rules then look at every line, to the same end.
    """
    fee = era.amounts.fees(lines.row, lines.locality, lines.facility, lines.factor)
    traits = era.traits[lines.row]
    looked_at, lone = (np.arange(len(lines)), _NO_LINES) if trail is not None else _apart(lines, traits)
    some = lines.take(looked_at)
    decided = Decisions.at_first(fee[looked_at], some.units)
    decided.trail = trail
    modifier_checks.check(some, era, rules)
    if trail is None:
        anesthetic = np.searchsorted(looked_at, anesthetic[lines.priced()[anesthetic]])
    anesthetic = anesthetic[some.priced()[anesthetic]]
    if len(anesthetic):
        anesthetics.price(some, decided, era, anesthetic)
    lines.status[looked_at] = some.status
    others_paid.others(lines, traits, rules)
    some.status = lines.status[looked_at]
    bilateral.both_sides(some, decided, era, rules)
    modifier_percents.apply(some, decided, era, rules)
    decided.before_several = decided.service * decided.procedures
    decided.several = decided.before_several.copy()
    surgery.several_procedures(some, decided, era, rules)
    therapy.several_units(some, decided, era, rules)
    imaging.several_images(some, decided, era, rules)
    diagnostic.several_tests(some, decided, era, rules)
    part_rules.several_parts(some, decided, era, surgery.rates_of(era, rules), with_cap=rules.opps_cap)
    lines.status[looked_at] = some.status
    paid = decided.several - decided.above_cap
    paid -= film.technical_part(some, decided, era, decided.technical_left)
    in_all = fee * lines.units
    of_some = decided.fee * some.units
    of_some[anesthetic] = decided.fee[anesthetic]  # by time: units do not multiply
    payable = in_all.copy()
    payable[looked_at] = paid
    in_all[looked_at] = of_some
    practitioner = billed.practitioner_rates(lines, era, rules)
    payable = billed.payable(lines, payable, practitioner, era, rules, trail)
    allowed = billed.allowed(lines, billed.pairs(decided, looked_at), payable, rules, trail)
    split = shares(lines, allowed, era, rules, trail)
    lone = lone[era.several.is_applied(rules)[lines.row[lone]]]
    notes = lines.notes.copy()
    notes[looked_at] |= decided.notes.astype(notes.dtype)
    return Priced(lines, in_all, allowed, split, practitioner, looked_at, decided, notes, lone)


# What other modifiers do is done before: they choose the row, or refuse the line; or they speak of its group alone.
_ACTS = ~(
    Does.PROFESSIONAL | Does.TECHNICAL | Does.SEPARATE | Does.REPEATED | Does.PREVENTIVE
    | Does.SCREENING_TURNED_DIAGNOSTIC | Does.UNKNOWN | Does.NOT_COVERED | Does.NOT_NECESSARY
)  # fmt: skip
_NO_LINES: Whole = np.zeros(0, np.int64)


def _apart(lines: Lines, traits: Whole) -> tuple[Whole, Whole]:
    """The lines a rule may change, by their modifiers, rows, units and companions; and lone ones of the others.

    A row that a several-line rule speaks of is looked at where another such line, or another unit, is of its group.
    """
    priced = lines.priced()
    others = ((lines.does & _ACTS) != 0) | ((traits & Traits.OTHER) != 0)
    others |= ((traits & Traits.TWO_UNITS) != 0) & (lines.units == bilateral.TWO)
    meeting = np.flatnonzero(((traits & Traits.SEVERAL) != 0) & priced)
    company = segments.shared(lines.group[meeting], lines.units[meeting])
    company |= (lines.does[meeting] & Does.SEPARATE) != 0
    others[meeting[company]] = True
    alone = meeting[~company]
    return np.flatnonzero(others & priced), alone[~others[alone]]
