"""Two lines, one for each side: the charges for both together against the amount for both together.

Source: RVU25D.pdf, bilateral surgery indicators 0 to 2 (its example: charges of 100 and 100, a fee of 125, pays 125).
"""

from __future__ import annotations

import numpy as np

from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.outcomes import PRICED


def together(lines: Lines, first: Whole, second: Whole, before: Whole, allowed: Whole) -> None:
    """Give a pair what the lower of line by line has left: to the line whose charge has room, the first one first.

    ``first`` and ``second``: the positions of the two sides. ``before``: the amounts before the lower of billed,
    ``allowed`` after it. [cents]  A side that was included in the other's and gets something is priced.
    """
    given = (lines.billed[first] >= 0) & (lines.billed[second] >= 0)
    first, second = first[given], second[given]
    both = np.minimum(before[first] + before[second], lines.billed[first] + lines.billed[second])
    left = both - allowed[first] - allowed[second]
    for side in (first, second):
        more = np.minimum(left, lines.billed[side] - allowed[side])
        allowed[side] += more
        left = left - more
    lines.status[second[allowed[second] > 0]] = PRICED
