"""Who bills, and the lower of the bill and the amount.

Source: SSA 1833(a)(1), 1848(a)(3), 1842(b)(18)(C): the practitioner's percent, then participation, each rounded; SSA
1833(a)(1)(A): Medicare pays on the lower of the actual charge and the fee schedule amount.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.does import Does
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.trail import Trail
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.payment import pair_charges
from feecalc.pricing.claims.rules import ClaimRules


def payable(
    lines: Lines, paid: Whole, practitioner: Whole, era: Era, rules: ClaimRules, trail: Trail | None = None
) -> Whole:
    """What this biller may be paid for each line, from what its service pays. [cents]

    ``practitioner``: ``practitioner_rates``.
    """
    amounts = paid.copy()
    lesser = np.flatnonzero(practitioner != percent.WHOLE)
    _take(amounts, lesser, practitioner[lesser], "practitioner", trail)
    if rules.participation:
        outside = np.flatnonzero(~lines.participating & ~era.payment.biller_takes_assignment[lines.biller])
        rates = np.full(len(outside), era.payment.nonparticipating_rate)
        _take(amounts, outside, rates, "nonparticipating", trail)
    return amounts


def practitioner_rates(lines: Lines, era: Era, rules: ClaimRules) -> Whole:
    """The practitioner's percent of each line; the whole where another rule has taken it. [ten-thousandths]"""
    if not rules.practitioner_percent:
        return np.full(len(lines), percent.WHOLE)
    taken = (lines.does & Does.PRACTITIONER_ASSISTANT) != 0
    return np.where(taken, percent.WHOLE, era.payment.biller_rate[lines.biller])


def allowed(
    lines: Lines, pairs: tuple[Whole, Whole], payable: Whole, rules: ClaimRules, trail: Trail | None = None
) -> Whole:
    """The lower of the bill and the payable amount of each line. [cents]  ``pairs``: of lines that are two sides."""
    if not rules.lower_of_billed:
        return payable
    is_given = lines.billed >= 0
    amounts = np.where(is_given, np.minimum(payable, lines.billed), payable)
    if rules.pair_charges_together:
        pair_charges.together(lines, *pairs, payable, amounts)
    if trail is not None:
        given = np.flatnonzero(is_given)
        trail.keep("billed", given, payable[given], amounts[given])
    return amounts


def pairs(decided: Decisions, at: Whole) -> tuple[Whole, Whole]:
    """The lines that are the first sides, and those that are the second ones. ``at``: the lines of ``decided``."""
    second = np.flatnonzero(decided.pair >= 0)
    return at[decided.pair[second]], at[second]


def _take(amounts: Whole, chosen: Whole, rates: Whole, rule: str, trail: Trail | None) -> None:
    whole = amounts[chosen]
    amounts[chosen] = percent.share(whole, rates)
    if trail is not None:
        trail.keep(rule, chosen, whole, amounts[chosen], rate=rates)
