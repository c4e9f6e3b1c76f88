"""Sequestration takes a percent off what Medicare pays, after the deductible, the coinsurance and MIPS.

The patient's share does not change. Percents and days: reference/sequestration.toml. Source: Budget Control Act of 2011
and the acts after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.receipt import shown
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, rule_source, usd
from feecalc.pricing.rules.rule import LookUp, Payment, Rule


class Sequestration(LookUp):
    """Look up the percent that is withheld."""

    @cached_property
    def rate(self) -> int:
        return percent.rate(self.book.row("sequestration")["value"])


def pay(payment: Payment) -> None:
    """Withhold the percent of Medicare's part."""
    if payment.rules.sequestration:
        payment.sequestration = percent.share(payment.medicare, payment.era.look_up(Sequestration).rate)
        payment.medicare = payment.medicare - payment.sequestration


def payment_steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of what is withheld, where anything is."""
    shares, line = case.followed.priced.shares, case.followed.line
    withheld, after = int(shares.sequestration[line]), int(shares.medicare[line])
    if withheld:
        text = f"withheld from Medicare's part: {shown(withheld)}"
        factor = f"less {percent_of(case.followed.era.look_up(Sequestration).rate)}"
        source = rule_source("sequestration", case.day)
        yield RuleStep("sequestration", text, usd(after + withheld), factor, usd(after), source)


RULE = Rule("sequestration", pay=pay, payment_steps=payment_steps)
