"""Anesthesia lines: base and time units times the locality's factor, the share by modifier; units do not multiply.

Source: Pub. 100-04 ch. 12 sec. 50; 42 CFR 414.46. The single service's rules (``rules.anesthesia``), over a batch.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims import outcomes, percent
from feecalc.pricing.claims.era import Era
from feecalc.pricing.claims.lines import Decisions, Lines
from feecalc.pricing.rules import anesthesia
from feecalc.pricing.scale import FACTOR_PLACES, MONEY_PLACES

_TENTHS = 10
_UNITS_PER_CENT = _TENTHS * 10 ** (FACTOR_PLACES - MONEY_PLACES)


def price(lines: Lines, decided: Decisions, era: Era, wanted: Whole) -> None:
    """Price the ``wanted`` lines, whose rows are anesthesia's, or give them the outcome of what is missing."""
    row, at = lines.row[wanted], lines.anesthesia[wanted]
    supervised = era.supervised_tenths[at]
    base = era.base_tenths[row]
    no_time = era.takes_no_time[row]
    minutes = lines.minutes[wanted]
    in_bounds = (minutes >= 1) & (minutes <= anesthesia.MOST_MINUTES)
    time = (2 * minutes * _TENTHS + era.minutes_per_unit) // (2 * era.minutes_per_unit)  # halves up
    factor = era.anesthesia_factors(lines.locality[wanted])
    status = np.full(len(wanted), outcomes.PRICED)
    plain = supervised < 0
    status[(factor < 0) | (lines.qp[wanted] & era.has_qp_track)] = outcomes.NO_ANESTHESIA_FACTOR
    status[plain & ~no_time & ~in_bounds] = outcomes.MINUTES_MISSING
    status[plain & (base < 0)] = outcomes.BASE_UNITS_MISSING
    lines.status[wanted] = status
    units = np.where(plain, base + np.where(no_time, 0, time), supervised)
    fee = np.maximum(0, (2 * units * factor + _UNITS_PER_CENT) // (2 * _UNITS_PER_CENT))
    decided.fee[wanted] = decided.sides[wanted] = fee
    decided.procedures[wanted] = 1
    step = np.full(len(lines), percent.WHOLE)
    step[wanted] = era.anesthesia_rates[at]
    decided.anesthesia_step = step
    if decided.trail is not None:
        decided.trail.keep("anesthesia_units", wanted, fee, fee, units=units, base=base, minutes=minutes, factor=factor)
