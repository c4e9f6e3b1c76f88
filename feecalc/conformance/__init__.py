"""The proof: CMS's own printed amounts computed again from a release's tables, every row compared.

Payment amount files (PFREV, PFALL) and the csv of the PFS look-up tool print the fee schedule amount, OPPSCAP the
amount after the cap on imaging. What CMS printed by other figures than the release's is said to be CMS's.
"""

from feecalc.conformance.comparison import Comparison, Count, OwnDifference, Report, StandIn
from feecalc.conformance.recompute import lookup_amounts, oppscap, payment_amounts
from feecalc.conformance.running import oppscap_check, run

__all__ = [
    "Comparison", "Count", "OwnDifference", "Report", "StandIn", "lookup_amounts", "oppscap", "oppscap_check",
    "payment_amounts", "run",
]  # fmt: skip
