"""What the page Year over year asks, in its address.

``?from=RVU25D&to=RVU26C&order=volume,mix&locality=MAC-NN|zip=NNNNN&qp=1&from_floor=0&to_floor=0&to_factor=NN.NN``. The
volumes are files of the person's: a link asks for the sample practice until one is dropped in.
"""

from __future__ import annotations

from feecalc.scenarios.bridge.parts import ORDERED
from feecalc.ui.shared import address
from feecalc.ui.shared.address import Address, Parameter
from feecalc.ui.shared.pickers import WhereKeys, where_defaults, where_parameters

FROM, TO, ORDER, QP = "bridge_from", "bridge_to", "bridge_order", "bridge_qp"
FROM_FLOOR, TO_FLOOR, TO_FACTOR = "bridge_from_floor", "bridge_to_floor", "bridge_to_factor"
WHERE = WhereKeys("bridge")
FACTOR_FORM = r"[0-9]{1,3}(\.[0-9]{1,4})?"

_release = address.upper(r"RVU[0-9]{2}[0-9A-Z_]{1,10}")


def order(given: str) -> list[str]:
    """Return parts with commas between, each once."""
    named = given.lower().split(",")
    if len(set(named)) < len(named) or not set(named) <= set(ORDERED):
        raise ValueError
    return named


ADDRESS = Address(
    "bridge",
    {
        "from": Parameter(FROM, _release),
        "to": Parameter(TO, _release),
        "order": Parameter(ORDER, order),
        **where_parameters(WHERE),
        "qp": Parameter(QP, address.switch),
        "from_floor": Parameter(FROM_FLOOR, address.switch),
        "to_floor": Parameter(TO_FLOOR, address.switch),
        "to_factor": Parameter(TO_FACTOR, address.text(FACTOR_FORM)),
    },
    defaults={ORDER: [], QP: False, FROM_FLOOR: True, TO_FLOOR: True, TO_FACTOR: "", **where_defaults(WHERE)},
)
