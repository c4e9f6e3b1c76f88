"""What images and tests pay by their parts: procedure by procedure, after their rules have ranked the parts.

A line's first procedure pays a part in full where the part ranks first in its group; every other part pays its rule's
rate. Two sides that stand apart are two procedures, each rounded by itself. Here the parts are also worked out that the
OPPS cap and film take something of. Source: Pub. 100-04 ch. 12 sec. 40.6 (indicators 4, 6 and 7).
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.lines import Decisions, LineParts, Lines, Procedure
from feecalc.pricing.claims.arrays.modifier_effects import FILM_MODIFIERS
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules import parts
from feecalc.pricing.rules.diagnostic import DiagnosticRows
from feecalc.pricing.rules.imaging import ImagingRows
from feecalc.pricing.rules.opps_cap import OppsCapRows
from feecalc.pricing.rules.rule import Rule


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Decide ``several`` of the lines whose parts are ranked, and ``parts`` of every line whose parts matter."""
    ranked = (decided.technical_before >= 0) | (decided.professional_before >= 0)
    capped = lines.priced() & era.look_up(OppsCapRows).is_capped[lines.row] & rules.opps_cap
    on_film = lines.priced() & ((lines.does & FILM_MODIFIERS) != 0)
    by_kind = _by_kind(lines.row, era)
    has_rule = np.logical_or.reduce(list(by_kind.values()))
    apart = lines.priced() & has_rule & (decided.bilateral_rate == parts.BOTH_APART)
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
    by_procedure = ranked[chosen] | apart[chosen]
    decided.before_several[chosen] = np.where(by_procedure, amount * count, decided.before_several[chosen])
    decided.several[chosen] = np.where(by_procedure, together, decided.several[chosen])
    decided.parts = LineParts(chosen, count, technical, first, other)
    if decided.trail is not None:
        for kind, is_of_kind in by_kind.items():
            own = np.flatnonzero((ranked & is_of_kind)[chosen])
            at = chosen[own]
            figures = {"technical": technical[own], "professional": professional[own], "count": count[own]}
            decided.trail.keep(kind, at, decided.before_several[at], decided.several[at], **figures)


def _by_kind(row: Integers, era: Era) -> dict[str, Flags]:
    """Return the lines that each rule of parts speaks of, by the rule's name."""
    tests = era.look_up(DiagnosticRows)
    return {
        "imaging": era.look_up(ImagingRows).family[row] >= 0,
        "cardiovascular": tests.is_cardiovascular[row],
        "ophthalmology": tests.is_ophthalmology[row],
    }


def _procedure(
    decided: Decisions,
    chosen: Integers,
    amount: Integers,
    technical: Integers,
    professional: Integers,
    *,
    in_front: bool,
) -> Procedure:
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
    return Procedure(amount - lost, left, reduced)


RULE = Rule("part_payment", decide=decide)
