"""What the imaging and diagnostic rules, and the OPPS cap after them, make of a line: procedure by procedure.

A line's first procedure pays a part in full where the part ranks first in its group; every other part pays its rule's
rate. A procedure that lost something pays its technical part up to the technical component's ceiling; one that did not
pays up to its own row's ceiling. Source: Deficit Reduction Act of 2005 sec. 5102(b); RVU25D.pdf, page 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims import parts, percent
from feecalc.pricing.claims.era import Era
from feecalc.pricing.claims.film import FILM_MODIFIERS
from feecalc.pricing.claims.lines import NONE, Decisions, Lines


@dataclass(frozen=True)
class _Procedure:
    """One procedure of each line, in cents: what it pays after its rule, and the technical part in it."""

    amount: Whole
    technical: Whole
    reduced: Flags


def several_parts(lines: Lines, decided: Decisions, era: Era, *, with_cap: bool) -> None:
    """Decide ``several`` of the lines an imaging or diagnostic rule ranked, the cap, and the technical parts left."""
    ranked = (decided.technical_before >= 0) | (decided.professional_before >= 0)
    capped = (lines.priced() & era.is_capped[lines.row]) if with_cap else np.zeros(len(lines), np.bool_)
    on_film = lines.priced() & ((lines.does & FILM_MODIFIERS) != 0)
    chosen = np.flatnonzero(ranked | capped | on_film)
    if not len(chosen):
        return
    count = parts.count(decided, chosen)
    amount = np.where(count > decided.procedures[chosen], decided.fee[chosen], decided.sides[chosen])
    amount = parts.through_percents(decided, chosen, amount)
    technical = parts.technical(lines, decided, era, chosen)
    professional = parts.professional(lines, decided, era, chosen)
    first = _procedure(decided, chosen, amount, technical, professional, in_front=True)
    other = _procedure(decided, chosen, amount, technical, professional, in_front=False)
    together = first.amount + (count - 1) * other.amount
    decided.several[chosen] = np.where(ranked[chosen], together, decided.several[chosen])
    left = [first.technical, other.technical]
    if with_cap:
        left = _cap(lines, decided, era, chosen, count, first, other)
    decided.technical_left[chosen] = np.where(technical >= 0, left[0] + (count - 1) * left[1], NONE)


def _procedure(
    decided: Decisions, chosen: Whole, amount: Whole, technical: Whole, professional: Whole, *, in_front: bool
) -> _Procedure:
    left = technical.copy()
    lost = np.zeros_like(amount)
    reduced = np.zeros(len(amount), np.bool_)
    for part, before, rates, is_technical in (
        (technical, decided.technical_before[chosen], decided.technical_rate[chosen], True),
        (professional, decided.professional_before[chosen], decided.professional_rate[chosen], False),
    ):
        less = (part >= 0) & (before >= 0) & (rates != percent.WHOLE) & ~((before == 0) & in_front)
        pays = np.where(less, percent.share(np.maximum(part, 0), rates), part)
        lost += np.where(less, part - pays, 0)
        reduced |= less
        if is_technical:
            left = pays
    return _Procedure(amount - lost, left, reduced)


def _cap(
    lines: Lines, decided: Decisions, era: Era, chosen: Whole, count: Whole, first: _Procedure, other: _Procedure
) -> list[Whole]:
    """The ceiling of each procedure: what it takes off the line, and the technical part it leaves of each procedure."""
    row = lines.row[chosen]
    capped = era.is_capped[row]
    own = ceilings(lines, decided, era, chosen, row)
    part_row = np.where(era.is_technical_row[row], row, era.technical_row[row])
    has_part = (part_row >= 0) & era.is_capped[np.maximum(part_row, 0)]
    part = ceilings(lines, decided, era, chosen, np.maximum(part_row, 0))
    above = [_above(procedure, own, part, has_part) for procedure in (first, other)]
    decided.above_cap[chosen] = np.where(capped, above[0] + (count - 1) * above[1], 0)
    decided.cap[chosen] = np.where(capped, own * count, NONE)
    return [
        np.where(has_part, np.minimum(procedure.technical, part), procedure.technical) for procedure in (first, other)
    ]


def _above(procedure: _Procedure, own: Whole, part: Whole, has_part: Flags) -> Whole:
    whole = np.maximum(0, procedure.amount - own)
    by_part = np.where(has_part, np.maximum(0, procedure.technical - part), 0)
    return np.where(procedure.reduced & has_part, by_part, whole)


def ceilings(lines: Lines, decided: Decisions, era: Era, at: Whole, rows: Whole) -> Whole:
    """The ceiling of one procedure of each line by a row, both sides of the body included. [cents]"""
    amounts = era.ceilings(rows, lines.locality[at], lines.facility[at], lines.factor[at])
    rates = decided.bilateral_rate[at]
    return np.where(rates == 2 * percent.WHOLE, amounts, percent.share(amounts, rates))
