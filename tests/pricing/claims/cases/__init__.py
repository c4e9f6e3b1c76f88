"""Claims worked by hand: for each rule several, and for each pair of rules that meet.

Sections are of CMS Pub. 100-04 ch. 12 unless said. Fees are those of ``made_up``: SURG1 1,043.48, SURG2 1,010.60,
SURG3 922.90 and so on, written out where they are used. Where a product is not whole cents the rounding is shown.
Whoever prices a case must give every named column of every line.
"""

from pricing.claims.cases import (
    anesthesia,
    bilateral,
    cms_figures,
    cost_share,
    endoscopy,
    imaging,
    neighbors,
    payment,
    physicians,
    places,
    sessions,
    surgery,
)
from pricing.claims.cases.form import MADE_UP, Case, line

__all__ = ["CASES", "MADE_UP", "Case", "line"]

CASES: list[Case] = [
    *surgery.CASES,
    *physicians.CASES,
    *bilateral.CASES,
    *endoscopy.CASES,
    *imaging.CASES,
    *sessions.CASES,
    *neighbors.CASES,
    *anesthesia.CASES,
    *payment.CASES,
    *cost_share.CASES,
    *places.CASES,
    *cms_figures.CASES,
]
