"""The tables of which each file is an entry of its own in the store, beside the releases.

To take a new kind of CMS file: a layout in ``files/layouts`` that names its table, the table's contract in
``feecalc.tables``, and one line in ``OTHER_WORDS``. Its entry is then called TABLE-YEAR, or TABLE-YEAR and quarter
(OPPS-20254), by what the file or its name says (``other.py``), and its kind is the table's name.
"""

from __future__ import annotations

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
    "mue": "medically unlikely units",
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
