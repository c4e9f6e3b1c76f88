"""Several diagnostic images of one session. Source: Pub. 100-04 ch. 12 sec. 40.6 (indicator 4); SSA 1848(b)(4)(D).

Technical and professional parts rank separately, the highest in full, each other at the percent of its part and day
(reference/multiple_procedure.toml). A global service loses what its two parts lose. A separate session, said by
modifier 59 or XE, XP, XS, XU, stays out of it.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.claims.arrays import segments
from feecalc.pricing.claims.arrays.does import Does
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.claims.several import parts


def several_images(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Rank the parts: decide ``technical_before``, ``professional_before`` and their rates."""
    if not rules.imaging:
        return
    is_separate = (lines.does & Does.SEPARATE) != 0
    chosen = np.flatnonzero(lines.priced() & (era.several.imaging_family[lines.row] >= 0) & ~is_separate)
    decided.in_several_rule[chosen] = True
    decided.rank[chosen] = 1
    chosen = chosen[segments.shared(lines.group[chosen], parts.count(decided, chosen))]
    if not len(chosen):
        return
    technical = parts.technical(lines, decided, era, chosen, to_rank=True)
    at, part = chosen[technical >= 0], technical[technical >= 0]
    decided.technical_before[at] = parts.before(lines, decided, at, part, era.several.imaging_family[lines.row[at]])
    decided.technical_rate[at] = era.several.imaging_technical_rate
    professional = parts.professional(lines, decided, era, chosen, to_rank=True)
    at, part = chosen[professional >= 0], professional[professional >= 0]
    decided.professional_before[at] = parts.before(lines, decided, at, part, era.several.imaging_family[lines.row[at]])
    decided.professional_rate[at] = era.several.imaging_professional_rate
    before = decided.technical_before[chosen]
    decided.rank[chosen] = np.where(before >= 0, before, decided.professional_before[chosen]) + 1
