"""Units multiply: a line pays one procedure's amount for each of its units, before any rule for several procedures.

Two sides that stand as procedures of their own are rounded each by itself, which the receipt says here.
Source: Pub. 100-04 ch. 12 sec. 40.7 (sides); the units are the biller's.
"""

from __future__ import annotations

from collections.abc import Iterator

from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules import bilateral
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, usd
from feecalc.pricing.rules.rule import Rule


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Decide what each line pays before the rules for several lines; those begin with it."""
    decided.before_several = decided.service * decided.procedures
    decided.several = decided.before_several.copy()


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the units, and of what rounding each side by itself changes."""
    decided, line = case.followed.priced.decided, case.followed.line
    procedures, one = int(decided.procedures[line]), int(decided.service[line])
    together, apart = one * procedures, int(decided.before_several[line])
    if procedures > 1:
        yield RuleStep("units", f"{procedures} units", usd(one), f"x {procedures}", usd(together), "units billed")
    if apart != together:
        text = "each side stands as a procedure of its own, and is rounded by itself"
        yield RuleStep("both sides", text, usd(together), "", usd(apart), bilateral.SOURCE)


RULE = Rule("units", decide=decide, steps=steps)
