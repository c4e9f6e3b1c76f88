"""Tables whose files are separate entries of the store, beside the releases.

To take a new kind of CMS file: a layout in ``files/layouts`` that names its table, the table's contract in
``feecalc.tables``, and one line in ``OTHER_WORDS``. Its entry is then called TABLE-YEAR, or TABLE-YEAR and quarter
(OPPS-20254), by what the file or its name says (``other.py``), and its kind is the table's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# The table, and what a person calls the file.
OTHER_WORDS: Mapping[str, str] = {
    "zip5": "ZIP codes",
    "zip_plus4": "ZIP+4 codes",
    "base_units": "anesthesia base units",
    "opps": "OPPS Addendum B, by code",
    "apc": "OPPS Addendum A, by APC",
    "comprehensive_rank": "OPPS Addendum J, ranks",
    "complexity_adjustment": "OPPS Addendum J, complexity",
    "opps_wage_index": "OPPS wage index",
    "asc": "ASC Addendum AA, procedures",
    "asc_ancillary": "ASC Addendum BB, ancillary",
    "asc_excluded": "ASC Addendum EE, excluded",
    "asc_device_offset": "ASC Addendum FF, devices",
    "asc_code_pair": "ASC device code pairs",
    "asc_wage_index": "ASC wage index",
    "ncci_pair": "NCCI practitioner pairs",
    "ncci_pair_hospital": "NCCI hospital pairs",
    "mue": "medically unlikely units",
    "mue_hospital": "hospitals' unlikely units",
    "add_on": "add-on code edits",
}
OTHER_TABLES = tuple(OTHER_WORDS)

# The addenda of the OPPS and ASC rules: published with the final rule, and again each quarter.
ADDENDA = (
    "opps",
    "apc",
    "comprehensive_rank",
    "complexity_adjustment",
    "asc",
    "asc_ancillary",
    "asc_excluded",
    "asc_device_offset",
)

# CMS publishes these in parts (ccipra-v321r0-f1 to -f4): each part is an entry, NCCI_PAIR-20262-F1, and who reads them
# reads all entries of the kind that have the same first day.
IN_PARTS = ("ncci_pair",)

# NCCI publishes these once for practitioners, whose files ambulatory surgical centers are looked at by, and once for
# hospitals, in one layout: whose a file is, by the words that it or its name has, and the kind it is then installed as.
SERVICES = ("practitioner", "hospital")
SERVICES_WORDS: Mapping[str, str] = {
    "practitioner": "practitioner",
    "ccipra": "practitioner",
    "hospital": "hospital",
    "outpatient hospital": "hospital",
    "ccioph": "hospital",
}
OF_SERVICES: Mapping[str, Mapping[str, str]] = {
    table: dict(zip(SERVICES, (table, f"{table}_hospital"), strict=True)) for table in ("ncci_pair", "mue")
}

# Known, and not installed: why, and what to do instead.
NOT_INSTALLED: Mapping[str, str] = {
    "payment_amount": (
        "holds amounts that CMS computed, which are not installed but compared with: feecalc conformance FILE"
    ),
    "lookup_amount": (
        "is a download of CMS's PFS look-up tool: amounts that CMS computed, which are not installed but compared "
        "with: feecalc conformance FILE"
    ),
    "opps_status_indicator": (
        "is Addendum D1, the meaning of each status indicator in words: no table to price by. feecalc keeps what each "
        "indicator pays as dated rules of its own (reference/), so it is not installed, and nothing is lacking"
    ),
}


def services_named(name: str) -> str | None:
    """Return whose edits a name says a file holds; None where it says neither, or both."""
    found = {services for word, services in SERVICES_WORDS.items() if word in name.lower()}
    return found.pop() if len(found) == 1 else None


def part_named(name: str) -> str:
    """Return "2" for the second part of a table in parts, by a name without its ending; else ""."""
    found = re.search(r"[-_ ]f(\d)$", name, re.IGNORECASE)
    return found[1] if found else ""
