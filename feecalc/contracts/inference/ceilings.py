"""Whether charges are a ceiling, and of the line or of the claim."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from feecalc.contracts.inference.candidates import CHARGE
from feecalc.contracts.inference.evidence import Evidence
from feecalc.contracts.inference.findings import Finding, Rival, weigh_readings
from feecalc.contracts.inference.thresholds import Thresholds
from feecalc.contracts.terms.lesser_of_billed import limited
from feecalc.contracts.terms.sequestration import after_cut
from feecalc.contracts.terms.silence import Reading
from feecalc.pricing.arrays import Integers


def ceiling(
    before: Integers, cut: Integers, evidence: Evidence, readings: Sequence[Reading], terms: Thresholds, tolerance: int,
    exact: float,
) -> Finding:  # fmt: skip
    """Return how the contract reads the charge. ``before``: by its rates alone, before charge and cut. [cents]"""
    paid = evidence.paid > 0
    rivals, kinds = [], dict[bytes, int]()
    for reading in readings:
        of = str(reading.keys["lesser_of_billed"])
        amounts = np.where(paid, after_cut(limited(of, before, evidence.billed, evidence.claim), cut), -1)
        off = np.abs(amounts - evidence.paid)
        score = float(evidence.weight[paid & (off <= tolerance)].sum())
        score += exact * float(evidence.weight[paid & (off == 0)].sum())
        same = kinds.setdefault(amounts.tobytes(), len(kinds))
        rivals.append(Rival(reading.name, reading.says, score, same, partial(np.asarray, amounts)))
    return weigh_readings(CHARGE, max(rivals, key=lambda rival: rival.score), rivals, terms, tolerance)
