"""Several diagnostic images of one session: technical and professional parts after the highest pay less.

Technical and professional parts rank separately within a family of images, the highest in full, each other at the
percent of its part and day. A global service loses what its two parts lose. A separate session, said by modifier 59 or
XE, XP, XS, XU, stays out of it. What the parts then pay, and the OPPS cap after them: ``parts`` and ``opps_cap``.
Source: Pub. 100-04 ch. 12 sec. 40.6 (indicator 4); SSA 1848(b)(4)(D). Percents and families:
reference/multiple_procedure.toml, rule imaging.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays.lines import Decisions, Lines
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.eras.rows import NONE
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules import parts
from feecalc.pricing.rules.left_out import LeftOut
from feecalc.pricing.rules.ranking import RankedRows, ever_ranked, meeting, ranked_steps
from feecalc.pricing.rules.receipt_steps import Case, RuleStep
from feecalc.pricing.rules.rule import Others, Rule


class ImagingRows(RankedRows):
    """Look up which rows are images of a family, and what a further one's parts pay."""

    @cached_property
    def family(self) -> Integers:
        """Return the number of a row's imaging family, -1 where images of it are not reduced."""
        families = self.ranks("imaging", "technical")[-1].get("imaging_families", ())  # none where none is reduced yet
        named = self.rows.by("imaging_family", {family: number for number, family in enumerate(families)}, NONE)
        return np.where(self.of_rule("imaging"), named, NONE)

    @cached_property
    def technical_rate(self) -> int:
        return self.after_the_first("imaging", "technical")

    @cached_property
    def professional_rate(self) -> int:
        return self.after_the_first("imaging", "professional")


def ranks(era: Era) -> Flags:
    """Mark the rows of images."""
    found: Flags = era.look_up(ImagingRows).family >= 0
    return found


def is_on(rules: ClaimRules) -> bool:
    """Return whether images are reduced."""
    return rules.imaging


def decide(lines: Lines, decided: Decisions, era: Era, rules: ClaimRules) -> None:
    """Rank the parts: decide ``technical_before``, ``professional_before`` and their rates."""
    if not rules.imaging:
        return
    table = era.look_up(ImagingRows)
    is_separate = (lines.does & era.look_up(LeftOut).of("imaging")) != 0
    chosen = np.flatnonzero(lines.priced() & (table.family[lines.row] >= 0) & ~is_separate)
    chosen = meeting(lines.practice, decided, chosen, parts.count)
    if not len(chosen):
        return
    technical = parts.technical(lines, decided, era, chosen, to_rank=True)
    at, part = chosen[technical >= 0], technical[technical >= 0]
    decided.technical_before[at] = parts.before(lines, decided, at, part, table.family[lines.row[at]])
    decided.technical_rate[at] = table.technical_rate
    professional = parts.professional(lines, decided, era, chosen, to_rank=True)
    at, part = chosen[professional >= 0], professional[professional >= 0]
    decided.professional_before[at] = parts.before(lines, decided, at, part, table.family[lines.row[at]])
    decided.professional_rate[at] = table.professional_rate
    before = decided.technical_before[chosen]
    decided.rank[chosen] = np.where(before >= 0, before, decided.professional_before[chosen]) + 1


def steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the rank and percent of each part."""
    return ranked_steps(case, "imaging", "imaging", parts.part_words, of_practice=True)


RULE = Rule(
    "imaging", decide=decide, ranks=ranks, is_on=is_on, steps=steps, others=Others(lambda: ever_ranked("imaging")),
)  # fmt: skip
