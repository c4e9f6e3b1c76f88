"""Who bills, and the lower of the bill and the amount.

Source: SSA 1833(a)(1), 1848(a)(3), 1842(b)(18)(C): the practitioner's percent, then participation, each rounded; SSA
1833(a)(1)(A): Medicare pays on the lower of the actual charge and the fee schedule amount.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims import percent
from feecalc.pricing.claims.does import Does
from feecalc.pricing.claims.era import Era
from feecalc.pricing.claims.lines import Lines
from feecalc.pricing.claims.rules import ClaimRules


def allowed(lines: Lines, paid: Whole, era: Era, rules: ClaimRules) -> Whole:
    """The allowed amount of each line, from what its service pays. [cents]"""
    amounts = paid.copy()
    if rules.practitioner_percent:
        rates = era.biller_rate[lines.biller]
        lesser = np.flatnonzero((rates != percent.WHOLE) & ((lines.does & Does.PRACTITIONER_ASSISTANT) == 0))
        amounts[lesser] = percent.share(amounts[lesser], rates[lesser])
    if rules.participation:
        outside = np.flatnonzero(~lines.participating & ~era.biller_takes_assignment[lines.biller])
        amounts[outside] = percent.share(amounts[outside], era.nonparticipating_rate)
    if rules.lower_of_billed:
        given = np.flatnonzero(lines.billed >= 0)
        amounts[given] = np.minimum(amounts[given], lines.billed[given])
    return amounts
