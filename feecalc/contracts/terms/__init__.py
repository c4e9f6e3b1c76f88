"""The terms of a contract, one file each, in the order in which they act.

A new term is its file, its line here, its keys among the bases of ``contract.Contract`` (or of its tables) and, where
a contract may be silent on it, its rows in reference/contract_clause.toml and contract_reading.toml;
tests/contracts/test_terms.py says what is missing.

What Medicare's amount is of comes first (year, place, factor, rules), then what is paid of it: the percent for all
else, a category's percent, what Medicare does not price, the payer's own fees, carve-outs; then the charge as a
ceiling, and last sequestration. ``contract.Contract`` has the keys of all of them.
"""

from __future__ import annotations

from typing import Any

from feecalc.contracts.terms.agreement import Agreement, Note
from feecalc.contracts.terms.assistant import Assistant
from feecalc.contracts.terms.bilateral import Bilateral
from feecalc.contracts.terms.carve_out import CarveOuts
from feecalc.contracts.terms.category import CategoryPercents
from feecalc.contracts.terms.conversion_factor import ConversionFactor
from feecalc.contracts.terms.escalator import YearlyRise
from feecalc.contracts.terms.fee_table import OwnFees
from feecalc.contracts.terms.gpci_floor import GpciFloor
from feecalc.contracts.terms.lesser_of_billed import LesserOfBilled
from feecalc.contracts.terms.locality import Locality
from feecalc.contracts.terms.medicare_year import MedicareYear
from feecalc.contracts.terms.multiple_procedure import MultipleProcedure
from feecalc.contracts.terms.own_tests import OwnTests
from feecalc.contracts.terms.percent import CommonPercent
from feecalc.contracts.terms.practitioner_percent import PractitionerPercent
from feecalc.contracts.terms.sequestration import Sequestration
from feecalc.contracts.terms.site_of_service import SiteOfService
from feecalc.contracts.terms.term import Term
from feecalc.contracts.terms.without_medicare_price import WithoutMedicarePrice

TERMS: tuple[Term[Any], ...] = (
    Agreement(),
    Note(),
    MedicareYear(),
    Locality(),
    ConversionFactor(),
    MultipleProcedure(),
    Bilateral(),
    Assistant(),
    SiteOfService(),
    PractitionerPercent(),
    GpciFloor(),
    YearlyRise(),
    CommonPercent(),
    CategoryPercents(),
    WithoutMedicarePrice(),
    OwnFees(),
    CarveOuts(),
    LesserOfBilled(),
    Sequestration(),
    OwnTests(),
)
