"""Imaging on film, by computed radiography, or on an old CT scanner: less of the technical part, after the cap.

Source: SSA 1848(b)(9), 1848(b)(11), 1834(p); Pub. 100-04 ch. 4 sec. 20.6 and ch. 13. Percents and days:
reference/modifier.toml. Film comes before computed radiography where a line says both.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.does import Does
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.eras.era import Era

_ORDER = (Does.FILM, Does.COMPUTED_RADIOGRAPHY, Does.OLD_TOMOGRAPH)


def technical_part(lines: Lines, decided: Decisions, era: Era, technical: Whole) -> Whole:
    """What is taken off each line. [cents]  ``technical``: the line's technical part after the cap, -1 where none."""
    part = technical.copy()
    for does in _ORDER:
        rate = era.modifiers.film_rates.get(does)
        if rate is None:
            continue
        chosen = np.flatnonzero(lines.priced() & ((lines.does & does) != 0) & (part >= 0))
        whole = part[chosen]
        part[chosen] = percent.share(whole, rate)
        if decided.trail is not None:
            rule = (Does(does).name or "").lower()
            decided.trail.keep(rule, chosen, whole, part[chosen], rate=np.full(len(chosen), rate))
    return np.where(technical >= 0, technical - part, 0)
