"""What the page Contracts keeps in its address: ``?view=solve&release=..|date=..&place=Miami, FL&qp=1``.

Contracts and volumes are a person's own and do not stand in it.
"""

from __future__ import annotations

from feecalc.ui.shared import address
from feecalc.ui.shared.address import Address, Parameter
from feecalc.ui.shared.pickers import WhenKeys, when_defaults, when_parameters

WHEN = WhenKeys("contracts")
VIEW, PLACE, QP = "contracts_view", "contracts_place", "contracts_qp"
TODAY, CHOSEN, LOOKED = "contracts_today", "contracts_chosen", "contracts_looked"
OFFERS, TERMS, SOLVE, READINGS, TESTS = "offers", "terms", "solve", "readings", "tests"
VIEWS = {
    OFFERS: "Offers side by side", TERMS: "Terms", SOLVE: "Solve", READINGS: "Readings", TESTS: "Tests",
}  # fmt: skip

REACH, WHAT, CATEGORIES, POINTS = "contracts_reach", "contracts_what", "contracts_categories", "contracts_points"
CODE, CODE_POS, FIRST_APPLIED = "contracts_code", "contracts_code_pos", "contracts_first_applied"
CHANGE, EFFECTIVE, REVENUE = "change", "effective", "revenue"
PERCENT, CATEGORY, CARVE_OUT, ESCALATOR = "percent", "category", "carve_out", "escalator"

ADDRESS = Address(
    "contracts",
    {
        "view": Parameter(VIEW, address.text("|".join(VIEWS))),
        **when_parameters(WHEN),
        "place": Parameter(PLACE, address.text(r"[\w .,'-]{2,60}")),
        "qp": Parameter(QP, address.switch),
    },
    defaults={VIEW: OFFERS, **when_defaults(WHEN), PLACE: "", QP: False, REACH: CHANGE, WHAT: CATEGORY, POINTS: False},
    kept=(TODAY, CHOSEN, LOOKED, CATEGORIES, CODE, CODE_POS, FIRST_APPLIED),
)
