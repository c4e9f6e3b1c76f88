"""The geographic adjustment factor: the three indices in one.

Source: 42 CFR 414.26: the GAF of a service in an area is the sum, over work, practice expense and malpractice, of the
part's share of the service's total RVUs times the area's index. For a locality as a whole CMS weights the indices by
national shares, and uses the result to compare areas only, never to pay.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np

from feecalc import reference
from feecalc.money import rounded, rounded_to, whole
from feecalc.pricing.arrays import Indices, Whole

PLACES = 3  # as CMS prints a GAF: thousandths, as its indices
_WEIGHT_PLACES = 5
_SHARE_PLACES = 4


def basket_gaf(rvus: tuple[int, int, int], indices: Indices) -> Whole:
    """The GAF of RVUs (work, pe, mp: any whole unit, all alike), rounded once. [thousandths]  Shape: [locality]."""
    work, pe, mp = rvus
    total = max(1, work + pe + mp)
    # of whole numbers of any size: a basket's RVUs times an index may pass 64 bits
    of_each = zip(indices.work.tolist(), indices.pe.tolist(), indices.mp.tolist(), strict=True)
    sums = [work * w + pe * p + mp * m for w, p, m in of_each]
    return np.array([rounded(part, total) for part in sums], np.int64)


def shares(rvus: tuple[int, int, int]) -> dict[str, Decimal]:
    """Each part's share of the RVUs, to a ten-thousandth."""
    total = max(1, sum(rvus))
    return {
        name: rounded_to(Decimal(part) / total, _SHARE_PLACES)
        for name, part in zip(("work", "pe", "mp"), rvus, strict=True)
    }


def weights(day: date) -> tuple[int, int, int]:
    """CMS's national weights of work, pe and mp. [10^-5]  Raises MissingRule for a day without."""
    work, pe, mp = (
        whole(reference.row_on("gaf_weight", day, index=name)["value"], _WEIGHT_PLACES) for name in ("work", "pe", "mp")
    )
    return work, pe, mp


def locality_gaf(indices: Indices, day: date) -> Whole:
    """The GAF of localities whatever is done there, rounded once. [thousandths]  Shape: [locality]."""
    return basket_gaf(weights(day), indices)
