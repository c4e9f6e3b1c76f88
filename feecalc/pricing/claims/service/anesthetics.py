"""Anesthesia lines: base and time units times the locality's factor, the share by modifier; units do not multiply.

Source: Pub. 100-04 ch. 12 sec. 50; 42 CFR 414.46. The single service's rules (``rules.anesthesia``), over a batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from feecalc.money import FACTOR_PLACES, MONEY_PLACES
from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.rules import anesthesia

_TENTHS = 10
_UNITS_PER_CENT = _TENTHS * 10 ** (FACTOR_PLACES - MONEY_PLACES)


def price(lines: Lines, decided: Decisions, era: Era, wanted: Whole) -> None:
    """Price the ``wanted`` lines, whose rows are anesthesia's, or give them the outcome of what is missing."""
    rule, row, at = era.anesthesia, lines.row[wanted], lines.anesthesia[wanted]
    induction = np.where(lines.present_at_induction[wanted], rule.induction_tenths[at], 0)
    supervised = rule.supervised_tenths[at] + induction
    base = rule.base_tenths[row]
    no_time = rule.takes_no_time[row]
    minutes = lines.minutes[wanted]
    in_bounds = (minutes >= 1) & (minutes <= anesthesia.MOST_MINUTES)
    time = (2 * minutes * _TENTHS + rule.minutes_per_unit) // (2 * rule.minutes_per_unit)  # halves up
    is_qp = lines.qp[wanted] & era.amounts.has_qp_track
    factor = np.where(is_qp, rule.qp_factors[lines.locality[wanted]], rule.factors[lines.locality[wanted]])
    status = np.full(len(wanted), outcomes.PRICED)
    plain = supervised < 0
    status[factor < 0] = outcomes.NO_ANESTHESIA_FACTOR
    status[plain & ~no_time & ~in_bounds] = outcomes.MINUTES_MISSING
    status[plain & (base < 0)] = outcomes.BASE_UNITS_MISSING
    lines.status[wanted] = status
    units = np.where(plain, base + np.where(no_time, 0, time), supervised)
    fee = np.maximum(0, (2 * units * factor + _UNITS_PER_CENT) // (2 * _UNITS_PER_CENT))
    decided.fee[wanted] = decided.sides[wanted] = fee
    decided.procedures[wanted] = 1
    step = np.full(len(lines), percent.WHOLE)
    step[wanted] = rule.rates[at]
    decided.anesthesia_step = step
    if decided.trail is not None:
        decided.trail.keep("anesthesia_units", wanted, fee, fee, units=units, base=base, minutes=minutes, factor=factor)


def first_modifiers(era: Era, modifiers: Sequence[Whole], at: Whole, count: int) -> Whole:
    """The first modifier that anesthesia's rule knows of each of the lines ``at``, as a word's number.

    Shape: [line], ``count`` of them; the number of "" elsewhere. ``modifiers``: each of shape [line].
    """
    blank = era.words.modifiers.at[""]
    first = np.full(len(at), blank)
    for each in reversed(modifiers):
        first = np.where(era.anesthesia.is_modifier[each[at]], each[at], first)
    found = np.full(count, blank)
    found[at] = first
    return found
