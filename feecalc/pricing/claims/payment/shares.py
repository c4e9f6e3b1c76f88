"""What the patient and what Medicare pays of the allowed amount.

Source: SSA 1833(a)(1) and (b): the deductible, then 20 percent; SSA 1848(q): MIPS on Medicare's part; SSA 1834(v):
therapy assistants; Budget Control Act of 2011 and the acts after it: sequestration of Medicare's part. Percents and
days: reference/coinsurance.toml, preventive_cost_share.toml, sequestration.toml, modifier.toml. Each is rounded once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.does import Does
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.arrays.trail import Trail
from feecalc.pricing.claims.eras.era import Era
from feecalc.pricing.claims.rules import ClaimRules


def _deductible(lines: Lines, allowed: Whole) -> Whole:
    """What the deductible takes of each amount: of a claim's lines by day, then by line number, until none is left."""
    taken = np.zeros_like(allowed)
    at = np.flatnonzero((lines.deductible > 0) & (allowed > 0))
    if len(at):
        at = at[segments.order(lines.claim[at], lines.patient_day[at], lines.number[at])]
        before = segments.before(segments.starts(lines.claim[at]), allowed[at])
        taken[at] = np.clip(lines.deductible[at] - before, 0, allowed[at])
    return taken


_ACTS = Does.PREVENTIVE | Does.SCREENING_TURNED_DIAGNOSTIC | Does.THERAPY_ASSISTANT


@dataclass(frozen=True)
class Shares:
    """Cents of each line."""

    deductible: Whole
    coinsurance: Whole
    sequestration: Whole
    medicare: Whole


def shares(lines: Lines, allowed: Whole, era: Era, rules: ClaimRules, trail: Trail | None = None) -> Shares:
    """Split the allowed amounts."""
    modified = np.flatnonzero(lines.does & _ACTS)
    does = lines.does[modified]
    preventive = modified[(does & Does.PREVENTIVE) != 0]
    turned = modified[(does & Does.SCREENING_TURNED_DIAGNOSTIC) != 0]
    deductible = np.zeros_like(allowed)
    if rules.deductible:
        counts = lines.priced()
        counts[preventive] = counts[turned] = False
        deductible = _deductible(lines, np.where(counts, allowed, 0))
    rest = allowed - deductible
    coinsurance = np.zeros_like(allowed)
    if rules.coinsurance:
        coinsurance = percent.share(rest, era.payment.coinsurance_rate)
        coinsurance[turned] = percent.share(rest[turned], era.payment.turned_coinsurance_rate)
        coinsurance[preventive] = 0
    medicare = rest - coinsurance
    by_assistant = modified[(does & Does.THERAPY_ASSISTANT) != 0]
    whole = medicare[by_assistant]
    medicare[by_assistant] = percent.share(whole, era.payment.therapy_assistant_rate)
    if trail is not None:
        trail.keep("therapy_assistant", by_assistant, whole, medicare[by_assistant])
    mips = percent.rate(rules.mips_percent.lstrip("-"))
    if mips:
        adjustment = percent.share(medicare, mips)
        negative = rules.mips_percent.startswith("-")
        whole = medicare
        medicare = medicare - adjustment if negative else medicare + adjustment
        if trail is not None:
            trail.keep("mips_negative" if negative else "mips_positive", np.arange(len(allowed)), whole, medicare)
    withheld = np.zeros_like(allowed)
    if rules.sequestration:
        withheld = percent.share(medicare, era.payment.sequestration_rate)
    return Shares(deductible, coinsurance, withheld, medicare - withheld)
