"""Whether charges are a ceiling, and of the line or of the claim."""

from __future__ import annotations

from functools import partial

import numpy as np

from feecalc.contracts.contract import CLAIM, LINE, NO
from feecalc.contracts.inference.candidates import CHARGE
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.findings import Finding, Rival, weigh_readings
from feecalc.contracts.inference.reach import after_cut
from feecalc.contracts.inference.thresholds import Thresholds
from feecalc.contracts.paying.cents import held_to_claims
from feecalc.contracts.readings.clauses import Reading
from feecalc.pricing.arrays import Whole


def ceiling(
    before: Whole, cut: Whole, evidence: Evidence, readings: list[Reading], terms: Thresholds, tolerance: int,
    exact: float,
) -> Finding:  # fmt: skip
    """How the contract reads the charge. ``before``: by its rates alone, before the charge and the cut. [cents]"""
    held = (evidence.billed >= 0) & (before >= 0)
    amounts = {
        LINE: np.where(held, np.minimum(before, evidence.billed), before),
        CLAIM: held_to_claims(before, evidence.billed, evidence.claim),
        NO: before,
    }
    paid = evidence.paid > 0
    rivals, kinds = [], dict[bytes, int]()
    for reading in readings:
        each = np.where(paid, after_cut(amounts[reading.name], cut), -1)
        off = np.abs(each - evidence.paid)
        score = float(evidence.weight[paid & (off <= tolerance)].sum())
        score += exact * float(evidence.weight[paid & (off == 0)].sum())
        same = kinds.setdefault(each.tobytes(), len(kinds))
        rivals.append(Rival(reading.name, reading.says, score, same, partial(np.asarray, each)))
    return weigh_readings(CHARGE, max(rivals, key=lambda each: each.score), rivals, terms, tolerance)
