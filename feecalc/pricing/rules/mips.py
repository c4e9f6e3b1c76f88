"""The merit-based incentive payment adjustment raises or lowers Medicare's part by the practice's own percent.

The percent comes from CMS's Quality Payment Program and is given with the run; none is assumed. Its bounds of a year:
reference/mips.toml. Source: SSA 1848(q)(6).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, rule_source
from feecalc.pricing.rules.rule import Payment, Rule

LOWERS, RAISES = "mips_negative", "mips_positive"


def pay(payment: Payment) -> None:
    """Adjust Medicare's part."""
    given = payment.rules.mips_percent
    rate = percent.rate(given.lstrip("-"))
    if not rate:
        return
    whole, adjustment = payment.medicare, percent.share(payment.medicare, rate)
    negative = given.startswith("-")
    payment.medicare = whole - adjustment if negative else whole + adjustment
    changed = percent.WHOLE - rate if negative else percent.WHOLE + rate
    payment.medicare_rate = payment.medicare_rate * changed // percent.WHOLE
    if payment.trail is not None:
        payment.trail.keep(LOWERS if negative else RAISES, np.arange(len(whole)), whole, payment.medicare)


def payment_steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the MIPS adjustment."""
    for station in case.stations(LOWERS, RAISES):
        before, after = case.around(station)
        text = "MIPS adjustment of Medicare's part, as the practice was told"
        source = rule_source("mips", case.day, bound="low" if station.rule == LOWERS else "high")
        yield RuleStep("MIPS", text, before, "", after, source)


RULE = Rule("mips", pay=pay, payment_steps=payment_steps)
