"""A payer's contract as a model: the keys of its file, which the terms own. What is None, the contract does not say.

Where a contract is silent Medicare's own rule is taken (``Contract.filled``): the fee schedule of the day of service,
the line's own locality, the lower of the charge by line, Medicare's percents for several procedures.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_args

from pydantic import BaseModel

from feecalc.contracts.fields import Section, with_keys
from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.agreement import AgreementKeys, NoteKeys
from feecalc.contracts.terms.assistant import AssistantKeys
from feecalc.contracts.terms.bilateral import BilateralKeys
from feecalc.contracts.terms.carve_out import CarveOutKeys
from feecalc.contracts.terms.category import CategoryKeys
from feecalc.contracts.terms.conversion_factor import ConversionFactorKeys
from feecalc.contracts.terms.escalator import EscalatorKeys
from feecalc.contracts.terms.fee_table import FeeTableKeys
from feecalc.contracts.terms.gpci_floor import GpciFloorKeys
from feecalc.contracts.terms.lesser_of_billed import LesserOfBilledKeys
from feecalc.contracts.terms.locality import LocalityKeys
from feecalc.contracts.terms.medicare_year import MedicareYearKeys
from feecalc.contracts.terms.multiple_procedure import MultipleProcedureKeys
from feecalc.contracts.terms.own_tests import OwnTestKeys
from feecalc.contracts.terms.percent import CommonPercentKeys
from feecalc.contracts.terms.practitioner_percent import PractitionerPercentKeys
from feecalc.contracts.terms.sequestration import SequestrationKeys
from feecalc.contracts.terms.site_of_service import SiteOfServiceKeys
from feecalc.contracts.terms.without_medicare_price import WithoutMedicarePriceKeys

# The keys stand in a file in the order of these classes from the last to the first, as pydantic collects them.


class Basis(GpciFloorKeys, ConversionFactorKeys, LocalityKeys, MedicareYearKeys):
    """What the percents are percents of: the table [basis]."""


class RuleTerms(
    SequestrationKeys, SiteOfServiceKeys, PractitionerPercentKeys, AssistantKeys, BilateralKeys, MultipleProcedureKeys
):
    """How the payer's payment rules differ from Medicare's: the table [rules]."""


class _BasisTable(Section):
    basis: Basis = Basis()


class _RulesTable(Section):
    rules: RuleTerms = RuleTerms()


class Contract(
    OwnTestKeys, EscalatorKeys, _RulesTable, LesserOfBilledKeys, WithoutMedicarePriceKeys, FeeTableKeys, CarveOutKeys,
    CategoryKeys, _BasisTable, CommonPercentKeys, NoteKeys, AgreementKeys,
):  # fmt: skip
    """What one payer pays, from a day to a day. What is None, the contract does not say.

    Parameters
    ----------
    payer : str
        The payer's name.
    percent : Decimal, optional
        Percent of Medicare for what no other term names.
    basis, category, carve_out, fee_table, without_medicare_price, lesser_of_billed, rules, escalator, test
        The tables of a contract's file: docs/contracts.md.
    effective_from, effective_to : datetime.date, optional
        The days it holds.

    Returns
    -------
    Contract
        Of ``read_contract`` mostly; ``Contract.at(120)`` is 120 percent of current Medicare.

    Raises
    ------
    pydantic.ValidationError
        A term that cannot be. ``read_contract`` raises InvalidValue in its place, with the line.

    Source
    ------
    The signed contract and its fee exhibit.

    Example
    -------
    >>> import feecalc
    >>> feecalc.Contract.at(120, payer="Bay Health").percent
    Decimal('120')
    """

    @classmethod
    def at(cls, percent: Decimal | int | str, payer: str | None = None) -> Contract:
        """Return the simplest contract: a percent of current Medicare."""
        return cls(payer=payer or f"{percent} % of Medicare", percent=Decimal(percent))

    def filled(self) -> Contract:
        """Return the contract with Medicare's way for everything it does not say.

        Rules stay None where they are Medicare's. Sequestration is not passed on; the year, locality and QP factor are
        the line's own. What is paid where Medicare has no price Medicare cannot say: that stays None.
        """
        tables: dict[str, dict[str, object]] = {}
        for term in TERMS:
            tables.setdefault(term.table, {}).update(term.as_medicare_fills(term.of(self)))
        found = self
        for table, keys in tables.items():
            found = with_keys(found, table, keys)
        return found

    def as_medicare_allows(self) -> Contract:
        """Return a contract that pays what Medicare allows, on this one's basis and by its rules."""
        found = self
        for term in TERMS:
            found = with_keys(found, term.table, term.as_medicare_allows(term.of(self)))
        return found


def _table_in(annotation: Any) -> type[BaseModel] | None:
    """Return the table that a key's type holds, if it holds one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((table for part in get_args(annotation) if (table := _table_in(part))), None)


# The tables of a contract's file, and those of rows.
TABLES: Mapping[str, type[BaseModel]] = {
    key: table for key, field in Contract.model_fields.items() if (table := _table_in(field.annotation))
}
# Every key of a contract's file, with its table, in their order: "percent", "basis.year", "carve_out.amount".
FILE_KEYS: tuple[str, ...] = tuple(
    name
    for key in Contract.model_fields
    for name in ([f"{key}.{inner}" for inner in TABLES[key].model_fields] if key in TABLES else [key])
)
