"""The question in the page's address, so that a link asks it again.

``?code=..&modifier=..&pos=..&units=..&locality=MAC-NN|zip=..&release=..|date=..&qp=1&floor=0&participating=0
&provider=..&minutes=..&induction=1&days=..``; what is not there has its default.
"""

from __future__ import annotations

from feecalc.ui.shared import address
from feecalc.ui.shared.address import Address, Parameter
from feecalc.ui.shared.pickers import (
    WhenKeys,
    WhereKeys,
    when_defaults,
    when_parameters,
    where_defaults,
    where_parameters,
)

WHEN, WHERE = WhenKeys("fee"), WhereKeys("fee")
CODE, MODIFIER, POS, UNITS = "fee_code", "fee_modifier", "fee_pos", "fee_units"
QP, FLOOR, PARTICIPATING = "fee_qp", "fee_floor", "fee_participating"
PROVIDER, MINUTES, INDUCTION, DAYS = "fee_provider", "fee_minutes", "fee_induction", "fee_days"
OFFICE, PHYSICIAN = "11", "physician"
MOST_MODIFIERS = 4

ADDRESS = Address(
    "fee",
    {
        "code": Parameter(CODE, address.code),
        "modifier": Parameter(MODIFIER, address.listed(r"[0-9A-Z]{2}", MOST_MODIFIERS)),
        "pos": Parameter(POS, address.place_of_service),
        "units": Parameter(UNITS, address.whole(4)),
        **where_parameters(WHERE),
        **when_parameters(WHEN),
        "qp": Parameter(QP, address.switch),
        "floor": Parameter(FLOOR, address.switch),
        "participating": Parameter(PARTICIPATING, address.switch),
        "provider": Parameter(PROVIDER, address.text(r"[a-z]{1,12}")),
        "minutes": Parameter(MINUTES, address.whole(4)),
        "induction": Parameter(INDUCTION, address.switch),
        "days": Parameter(DAYS, address.whole(3)),
    },
    defaults={
        MODIFIER: [], POS: OFFICE, UNITS: 1, QP: False, FLOOR: True, PARTICIPATING: True, PROVIDER: PHYSICIAN,
        MINUTES: None, INDUCTION: False, DAYS: None, **where_defaults(WHERE), **when_defaults(WHEN),
    },
)  # fmt: skip
