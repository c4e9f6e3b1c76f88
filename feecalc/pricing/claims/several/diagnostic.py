"""Several cardiovascular, or several ophthalmology, tests of one day: technical parts after the highest pay less.

Source: Pub. 100-04 ch. 12 sec. 40.6 (indicators 6 and 7); CY 2013 PFS final rule, 77 FR 68891. Percents and days:
reference/multiple_procedure.toml.
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.claims.arrays import segments
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.claims.several import parts


def several_tests(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Rank the technical parts: decide ``technical_before`` and its rate."""
    if not rules.diagnostic:
        return
    for is_kind, rate in (
        (era.several.is_cardiovascular, era.several.cardiovascular_rate),
        (era.several.is_ophthalmology, era.several.ophthalmology_rate),
    ):
        chosen = np.flatnonzero(lines.priced() & is_kind[lines.row])
        chosen = chosen[~era.rows.is_professional_row[lines.row[chosen]]]
        decided.in_several_rule[chosen] = True
        decided.rank[chosen] = 1
        chosen = chosen[segments.shared(lines.group[chosen], parts.count(decided, chosen))]
        if not len(chosen):
            continue
        part = parts.technical(lines, decided, era, chosen, to_rank=True)
        unknown = chosen[(part < 0) & era.rows.technical_part_is_unknown[lines.row[chosen]]]
        decided.notes[unknown] |= Note.TECHNICAL_PART_UNKNOWN
        at, part = chosen[part >= 0], part[part >= 0]
        decided.technical_before[at] = parts.before(lines, decided, at, part, np.zeros_like(at))
        decided.technical_rate[at] = rate
        decided.rank[at] = decided.technical_before[at] + 1
