"""The proof: CMS's own printed amounts computed again from a release's tables, every row compared.

Payment amount files (PFREV, PFALL) print the fee schedule amount, OPPSCAP the amount after the cap on imaging.
"""

from feecalc.conformance.check import oppscap_check
from feecalc.conformance.comparison import Comparison, Count, Report
from feecalc.conformance.recompute import oppscap, payment_amounts
from feecalc.conformance.running import run

__all__ = ["Comparison", "Count", "Report", "oppscap", "oppscap_check", "payment_amounts", "run"]
