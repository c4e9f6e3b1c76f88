"""What the imaging and diagnostic rules, and the OPPS cap after them, make of a line: procedure by procedure.

A line's first procedure pays a part in full where the part ranks first in its group; every other part pays its rule's
rate. A procedure that lost something pays its technical part up to the technical component's ceiling; one that did not
pays up to its own row's ceiling. Source: Deficit Reduction Act of 2005 sec. 5102(b); RVU25D.pdf, page 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.does import FILM_MODIFIERS
from feecalc.pricing.claims.arrays.lines import NONE, Decisions, Lines
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.several import parts


@dataclass(frozen=True)
class _Procedure:
    """One procedure of each line, in cents: what it pays after its rule, and the technical part in it."""

    amount: Whole
    technical: Whole
    reduced: Flags


def several_parts(lines: Lines, decided: Decisions, era: Era, surgery_rates: list[int], *, with_cap: bool) -> None:
    """Decide ``several`` of the lines an imaging or diagnostic rule ranked, the cap, and the technical parts left."""
    ranked = (decided.technical_before >= 0) | (decided.professional_before >= 0)
    capped = (lines.priced() & era.amounts.is_capped[lines.row]) if with_cap else np.zeros(len(lines), np.bool_)
    on_film = lines.priced() & ((lines.does & FILM_MODIFIERS) != 0)
    apart = lines.priced() & era.several.looks_at_parts[lines.row] & (decided.bilateral_rate == 2 * percent.WHOLE)
    chosen = np.flatnonzero(ranked | capped | on_film | apart)
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
    by_procedure = ranked[chosen] | apart[chosen]  # each side that stands apart is rounded by itself
    decided.before_several[chosen] = np.where(by_procedure, amount * count, decided.before_several[chosen])
    decided.several[chosen] = np.where(by_procedure, together, decided.several[chosen])
    if decided.trail is not None:
        _keep(lines, decided, era, chosen, ranked[chosen], technical=technical, professional=professional, count=count)
    left = [first.technical, other.technical]
    if with_cap:
        left = _cap(lines, decided, era, chosen, count, first, other)
    left_in_all = left[0] + (count - 1) * left[1]
    # a part of a line that ranks as surgery pays the percent of that rank
    surgical = (era.several.is_surgery | era.several.is_endoscopy)[lines.row[chosen]] & (decided.rank[chosen] > 0)
    by_rank = percent.by_rank(np.maximum(technical, 0), decided.rank[chosen] - 1, count, surgery_rates)
    left_in_all = np.where(surgical, by_rank, left_in_all)
    # all of a technical row is its technical part, also where another rule has ranked the line
    whole = decided.several[chosen] - decided.above_cap[chosen]
    left_in_all = np.where(era.rows.is_technical_row[lines.row[chosen]], whole, left_in_all)
    decided.technical_left[chosen] = np.where(technical >= 0, left_in_all, NONE)


def _keep(lines: Lines, decided: Decisions, era: Era, chosen: Whole, ranked: Flags, **figures: Whole) -> None:
    """Note which rule ranked the parts."""
    assert decided.trail is not None
    row = lines.row[chosen]
    for rule, is_of_rule in (
        ("imaging", era.several.imaging_family[row] >= 0),
        ("cardiovascular", era.several.is_cardiovascular[row]),
        ("ophthalmology", era.several.is_ophthalmology[row]),
    ):
        own = np.flatnonzero(ranked & is_of_rule)
        at = chosen[own]
        here = {name: values[own] for name, values in figures.items()}
        decided.trail.keep(rule, at, decided.before_several[at], decided.several[at], **here)


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
    capped = era.amounts.is_capped[row]
    own = ceilings(lines, decided, era, chosen, row)
    part_row = np.where(era.rows.is_technical_row[row], row, era.rows.technical_row[row])
    has_part = (part_row >= 0) & era.amounts.is_capped[np.maximum(part_row, 0)]
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
    amounts = era.amounts.ceilings(rows, lines.locality[at], lines.facility[at], lines.factor[at])
    rates = decided.bilateral_rate[at]
    return np.where(rates == 2 * percent.WHOLE, amounts, percent.share(amounts, rates))
