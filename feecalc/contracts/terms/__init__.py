"""The terms of a contract, one file for each, in the order in which they apply.

A new term needs its file, its line here, its keys among the base classes of ``contract.Contract`` (or of its tables)
and, where a contract may be silent on it, its rows in reference/contract_clause.toml and contract_reading.toml;
tests/contracts/test_terms.py reports what is missing.

The terms that set Medicare's amount come first (year, locality, factor, rules), then those that pay: the common
percent, category percents, services without a Medicare price, the payer's own fees, carve-outs; then the charge
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
