"""What the page Claims keeps in its address: ``?sample=facet&release=..&place=Miami, FL&pos=11``.

A file of the person's own does not stand in it: a link asks for the file again.
"""

from __future__ import annotations

from feecalc.ui.shared import address
from feecalc.ui.shared.address import Address, Parameter

SAMPLE, RELEASE, PLACE, POS, DAY = "claims_sample", "claims_release", "claims_place", "claims_pos", "claims_day"
SEVERITY, RULES, WORDS, STATUSES = "claims_severity", "claims_rules", "claims_words", "claims_statuses"
BY_DATE = ""
SAMPLES = {"claims": "claims.csv", "facet": "facet.csv"}

ADDRESS = Address(
    "claims",
    {
        "sample": Parameter(SAMPLE, address.text("|".join(SAMPLES))),
        "release": Parameter(RELEASE, address.upper(r"RVU[0-9]{2}[0-9A-Z_]{1,10}")),
        "place": Parameter(PLACE, address.text(r"[\w .,'-]{2,60}")),
        "pos": Parameter(POS, address.place_of_service),
        "date": Parameter(DAY, address.day),
    },
    defaults={SAMPLE: "", RELEASE: BY_DATE, PLACE: "", POS: "", DAY: None, SEVERITY: [], RULES: [], WORDS: "",
              STATUSES: []},
)  # fmt: skip
