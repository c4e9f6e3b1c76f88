"""Medicare pays on the lower of the actual charge and the fee schedule amount.

Two lines that are the two sides of a procedure are taken together: the charges for both against the amount for both
(the example of RVU25D.pdf: charges of 100 and 100, a fee of 125, pays 125). Source: SSA 1833(a)(1), 1848(a)(1);
RVU25D.pdf, bilateral surgery indicators 0 to 2.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from feecalc import money
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.outcomes import PRICED
from feecalc.pricing.rules import bilateral
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, usd
from feecalc.pricing.rules.rule import Payment, Rule

_SOURCE = "SSA 1833(a)(1): the lesser of the actual charge and the fee schedule amount"


def pay(payment: Payment) -> None:
    """Allow the lower of the bill and the payable amount of each line that gives a bill."""
    lines, rules, payable = payment.lines, payment.rules, payment.amounts
    if not rules.lower_of_billed:
        return
    is_given = lines.billed >= 0
    allowed = np.where(is_given, np.minimum(payable, lines.billed), payable)
    if rules.pair_charges_together:
        _pairs_together(lines, *payment.pairs, payable, allowed)
    if payment.trail is not None:
        given = np.flatnonzero(is_given if payment.trail.of_all else allowed != payable)
        payment.trail.keep("billed", given, payable[given], allowed[given])
    nothing = np.flatnonzero((lines.billed == 0) & (payable > 0) & lines.priced())
    lines.notes[nothing] |= Note.NOTHING_BILLED
    payment.before_charge, payment.amounts = payable, allowed


def pairs(decided: Decisions, at: Integers) -> tuple[Integers, Integers]:
    """Return the lines that are first sides, and those that are second. ``at``: the lines of ``decided``."""
    second = np.flatnonzero(decided.pair >= 0)
    return at[decided.pair[second]], at[second]


def _pairs_together(lines: Lines, first: Integers, second: Integers, before: Integers, allowed: Integers) -> None:
    """Raise the lines of a pair to the lower of its whole charge and fee: first the line whose charge has room.

    ``first`` and ``second``: the positions of the two sides. ``before``: the amounts before the lower of billed,
    ``allowed`` after it. [cents]  A side that was included in the other's and gets something is priced.
    """
    given = (lines.billed[first] >= 0) & (lines.billed[second] >= 0)
    first, second = first[given], second[given]
    both = np.minimum(before[first] + before[second], lines.billed[first] + lines.billed[second])
    left = both - allowed[first] - allowed[second]
    for side in (first, second):
        more = np.minimum(left, lines.billed[side] - allowed[side])
        allowed[side] += more
        left = left - more
    lines.status[second[allowed[second] > 0]] = PRICED


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step that says whether the bill or the payable amount is lower."""
    for station in case.stations("billed"):
        before, after = case.around(station)
        billed = usd(int(case.followed.priced.lines.billed[case.followed.line]))
        written = money.usd(billed)
        lower = "the bill" if billed < before else "the schedule amount"
        detail, source = f"the lower of the amount and the bill, {written}: {lower}", _SOURCE
        if after != min(before, billed):
            detail = f"billed {written}: the charges for both sides together against the amount for both sides"
            source = f"{_SOURCE}; {bilateral.SOURCE}"
        yield RuleStep("billed amount", detail, before, "", after, source)


RULE = Rule(
    "billed_amount",
    pay=pay,
    steps=steps,
    notes={Note.NOTHING_BILLED: "the charge is 0.00, and Medicare pays no more than is billed"},
)
