"""What the patient pays of the allowed amount: what is left of the deductible, then the coinsurance on the rest.

The deductible is taken of a claim's lines by day, then by line number, until none is left. Preventive services (33) and
screenings that turned into treatment (PT) are free of it, and have a coinsurance of their own. Each is rounded once.
Percents and days: reference/coinsurance.toml; the deductible of a year: reference/deductible.toml.
Source: SSA 1833(a)(1) and (b).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc import reference
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.receipt import shown
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of, usd
from feecalc.pricing.rules.rule import LookUp, Payment, Rule


class Coinsurance(LookUp):
    """Look up the patient's percents."""

    @cached_property
    def rate(self) -> int:
        return percent.rate(self.book.row("coinsurance", kind="general")["value"])

    @cached_property
    def preventive_rate(self) -> int:
        """Return the coinsurance of a preventive service."""
        return self._of("preventive")

    @cached_property
    def turned_rate(self) -> int:
        """Return the coinsurance of a screening that turned into treatment."""
        return self._of("screening_turned_diagnostic")

    def _of(self, kind: str) -> int:
        rows = self.book.rows("coinsurance", kind=kind)
        return percent.rate(rows[0]["value"]) if rows else self.rate


def pay(payment: Payment) -> None:
    """Decide the deductible, the coinsurance and Medicare's part of the allowed amounts."""
    lines, allowed = payment.lines, payment.amounts
    preventive = lines.with_modifier(ModifierEffect.PREVENTIVE)
    turned = lines.with_modifier(ModifierEffect.SCREENING_TURNED_DIAGNOSTIC)
    deductible = np.zeros_like(allowed)
    if payment.rules.deductible:
        counts = lines.priced()
        counts[preventive] = counts[turned] = False
        deductible = _deductible(lines, np.where(counts, allowed, 0))
    rest = allowed - deductible
    coinsurance = np.zeros_like(allowed)
    if payment.rules.coinsurance:
        table = payment.era.look_up(Coinsurance)
        coinsurance = percent.share(rest, table.rate)
        coinsurance[turned] = percent.share(rest[turned], table.turned_rate)
        coinsurance[preventive] = percent.share(rest[preventive], table.preventive_rate)
    payment.deductible, payment.coinsurance = deductible, coinsurance
    payment.medicare = rest - coinsurance


def _deductible(lines: Lines, allowed: Integers) -> Integers:
    """Return what the deductible takes of each amount."""
    taken = np.zeros_like(allowed)
    at = np.flatnonzero((lines.deductible > 0) & (allowed > 0))
    if len(at):
        at = at[segments.order(lines.claim[at], lines.patient_day[at], lines.number[at])]
        before = segments.before(segments.starts(lines.claim[at]), allowed[at])
        taken[at] = np.clip(lines.deductible[at] - before, 0, allowed[at])
    return taken


def payment_steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the deductible where there is one, and the coinsurance."""
    followed, line = case.followed, case.followed.line
    shares, allowed = followed.priced.shares, int(followed.priced.allowed[line])
    deductible, coinsurance = int(shares.deductible[line]), int(shares.coinsurance[line])
    rest = allowed - deductible
    if deductible:
        text = f"the deductible that is left, {shown(deductible)}, is the patient's"
        yield RuleStep("deductible", text, usd(allowed), "", usd(rest), "SSA 1833(b)")
    preventive = case.modifier_that(ModifierEffect.PREVENTIVE)
    modifier = preventive or case.modifier_that(ModifierEffect.SCREENING_TURNED_DIAGNOSTIC)
    if modifier:
        row = reference.row_on("coinsurance", case.day, modifier=modifier)
        factor = f"less {row['value']} percent"
    else:
        row = reference.row_on("coinsurance", case.day, kind="general")
        factor = f"less {percent_of(followed.era.look_up(Coinsurance).rate)}"
    text = f"the patient's coinsurance, {shown(coinsurance)}"
    yield RuleStep("coinsurance", text, usd(rest), factor, usd(rest - coinsurance), source_of(row))


RULE = Rule("cost_share", pay=pay, payment_steps=payment_steps)
