"""What the page Site of service asks, in its address.

``?codes=64493-50,64494&release=..|date=..&locality=MAC-NN|zip=..&cbsa=33124|wage-index=0.9488``.
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

CODES, BY, CBSA, INDEX = "sites_codes", "sites_facility", "sites_cbsa", "sites_index"
NATIONAL, BY_AREA, BY_INDEX = "National", "Area", "Own wage index"
WHEN, WHERE = WhenKeys("sites"), WhereKeys("sites")
MOST_CODES = 20
_LINE = r"[0-9A-Z]{5}(-[0-9A-Z]{2}){0,4}(X[0-9]{1,4})?"

ADDRESS = Address(
    "sites",
    {
        "codes": Parameter(CODES, address.listed(_LINE, MOST_CODES)),
        **when_parameters(WHEN),
        **where_parameters(WHERE),
        "cbsa": Parameter(CBSA, address.text(r"[0-9]{2}|[0-9]{5}"), {BY: BY_AREA}),
        "wage-index": Parameter(INDEX, address.text(r"[0-9]{0,2}\.?[0-9]{0,4}"), {BY: BY_INDEX}),
    },
    defaults={**when_defaults(WHEN), **where_defaults(WHERE), BY: NATIONAL},
)
