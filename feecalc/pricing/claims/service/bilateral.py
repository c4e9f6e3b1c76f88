"""Both sides of the body in one session. Source: Pub. 100-04 ch. 12 sec. 40.7; RVU25D.pdf, bilateral surgery indicator.

One line says both sides with modifier 50, with RT and LT together, or with two units where the release's indicator
means that; two lines say it with RT on one and LT on the other. What both sides pay, as a percent of one side, is in
reference/bilateral.toml. It comes before any several-line rule.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.does import Does
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules

_SIDES = Does.RIGHT | Does.LEFT
_NOT_TWO_SIDES = Does.BOTH_SIDES | _SIDES | Does.SEPARATE | Does.REPEATED
TWO = 2


def both_sides(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Decide ``sides``, ``bilateral_rate``, ``procedures`` and ``pair``."""
    by_row = _rates(era, rules)
    rate = by_row[lines.row]
    said = ((lines.does & Does.BOTH_SIDES) != 0) | ((lines.does & _SIDES) == _SIDES)
    two = np.zeros(len(lines), np.bool_)
    if rules.two_units_are_both_sides:
        two = (lines.units == TWO) & era.modifiers.two_units_mean_both[lines.row] & ((lines.does & _NOT_TWO_SIDES) == 0)
    chosen = np.flatnonzero(lines.priced() & (rate > 0) & (said | two))
    decided.bilateral_rate[chosen] = rate[chosen]
    decided.is_bilateral[chosen] = True
    decided.sides[chosen] = percent.share(decided.fee[chosen], rate[chosen])
    decided.procedures[chosen[two[chosen]]] = 1
    may_pair = _one_side(lines) & (rate > 0) & ~era.modifiers.sides_are_separate[lines.row]
    _pairs(lines, decided, by_row, np.flatnonzero(may_pair))


def _rates(era: Era, rules: ClaimRules) -> Whole:
    """What both sides pay of one, by row. [ten-thousandths]"""
    by_medicare = era.modifiers.both_sides_rate
    if not rules.both_sides_percent:
        return by_medicare
    between = (by_medicare > percent.WHOLE) & (by_medicare < TWO * percent.WHOLE)
    return np.where(between, percent.rate(rules.both_sides_percent), by_medicare)


def _one_side(lines: Lines) -> Flags:
    sides = lines.does & (_SIDES | Does.BOTH_SIDES)
    found: Flags = lines.priced() & (lines.units == 1) & ((sides == Does.RIGHT) | (sides == Does.LEFT))
    return found


def _pairs(lines: Lines, decided: Decisions, by_row: Whole, chosen: Whole) -> None:
    """Two lines of one row, one for each side: together they pay what both sides pay."""
    chosen = chosen[segments.shared(lines.group[chosen], np.ones(len(chosen), np.int64))]
    if not len(chosen):
        return
    side = lines.does[chosen] & _SIDES
    keys = [lines.group[chosen], lines.row[chosen], lines.by_assistant[chosen], decided.fee[chosen]]
    order = segments.order(*keys, side, lines.number[chosen])
    chosen, side, keys = chosen[order], side[order], [key[order] for key in keys]
    keys.append(segments.before(segments.starts(*keys, side), np.ones(len(chosen), np.int64)))  # the k-th of its side
    order = segments.order(*keys, lines.number[chosen])
    chosen, keys = chosen[order], [key[order] for key in keys]
    first = segments.starts(*keys)
    second = np.flatnonzero(~first)
    former, latter = chosen[second - 1], chosen[second]
    both = percent.share(decided.fee[latter], by_row[lines.row[latter]])
    rest = both - decided.fee[former]
    decided.sides[latter] = rest
    decided.bilateral_rate[latter] = by_row[lines.row[latter]] - percent.WHOLE
    decided.pair[latter] = former
    decided.is_bilateral[former] = decided.is_bilateral[latter] = True
    lines.status[latter[rest == 0]] = outcomes.OTHER_SIDE_INCLUDED
