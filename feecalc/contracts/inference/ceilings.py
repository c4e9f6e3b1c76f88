"""The charge as a ceiling: whether the payer applies one, and by line or by claim."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from feecalc.contracts.inference.candidates import CHARGE
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.findings import Finding, RivalReading, score_readings
from feecalc.contracts.inference.thresholds import Thresholds
from feecalc.contracts.terms.lesser_of_billed import limited
from feecalc.contracts.terms.sequestration import after_cut
from feecalc.contracts.terms.silence import Reading
from feecalc.pricing.arrays import Integers


def ceiling(
    uncapped: Integers, cut: Integers, evidence: Evidence, readings: Sequence[Reading], thresholds: Thresholds,
    tolerance: int, exact_weight: float,
) -> Finding:  # fmt: skip
    """Return the most likely charge ceiling. ``uncapped``: amounts before the charge and sequestration. [cents]"""
    paid = evidence.paid > 0
    candidates, numbers = [], dict[bytes, int]()
    for reading in readings:
        limit = str(reading.keys["lesser_of_billed"])
        amounts = np.where(paid, after_cut(limited(limit, uncapped, evidence.billed, evidence.claim), cut), -1)
        difference = np.abs(amounts - evidence.paid)
        score = float(evidence.weight[paid & (difference <= tolerance)].sum())
        score += exact_weight * float(evidence.weight[paid & (difference == 0)].sum())
        amounts_number = numbers.setdefault(amounts.tobytes(), len(numbers))
        candidates.append(
            RivalReading(reading.name, reading.meaning, score, amounts_number, partial(np.asarray, amounts))
        )
    return score_readings(CHARGE, max(candidates, key=lambda rival: rival.score), candidates, thresholds, tolerance)
