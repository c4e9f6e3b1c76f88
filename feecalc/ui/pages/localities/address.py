"""What the page Localities asks, in its address.

``?code=..&modifier=..&pos=..|compare=basket&release=..&qp=1&floor=0&first=MAC-NN&second=MAC-NN``. A basket itself is
a file of the person's: a link with ``compare=basket`` asks for it again.
"""

from __future__ import annotations

from feecalc.ui.shared import address
from feecalc.ui.shared.address import Address, Parameter

WHAT, CODE, MODIFIER, POS = "localities_what", "localities_code", "localities_modifier", "localities_pos"
RELEASE, QP, FLOOR = "localities_release", "localities_qp", "localities_floor"
FIRST, SECOND, SHOWN = "localities_first", "localities_second", "localities_shown"
ONE_CODE, BASKET = "code", "basket"
OFFICE, FACILITY = "11", "22"
ENDS, ALL = "Highest and lowest", "All"

_KEY = address.text(r"[0-9]{5}-[0-9]{2}")


ADDRESS = Address(
    "localities",
    {
        "compare": Parameter(WHAT, address.text(f"{ONE_CODE}|{BASKET}")),
        "code": Parameter(CODE, address.code, {WHAT: ONE_CODE}),
        "modifier": Parameter(MODIFIER, address.modifier, {WHAT: ONE_CODE}),
        "pos": Parameter(POS, address.place_of_service, {WHAT: ONE_CODE}),
        "release": Parameter(RELEASE, address.upper(r"RVU[0-9]{2}[0-9A-Z_]{1,10}")),
        "qp": Parameter(QP, address.switch),
        "floor": Parameter(FLOOR, address.switch),
        "first": Parameter(FIRST, _KEY),
        "second": Parameter(SECOND, _KEY),
    },
    defaults={WHAT: ONE_CODE, MODIFIER: "", POS: OFFICE, QP: False, FLOOR: True, SHOWN: ENDS},
)
