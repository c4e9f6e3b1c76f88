"""A payer's contract as a model: the keys of its file, which the terms declare. None: the contract does not specify it.

Where a contract is silent, Medicare's own rule applies (``Contract.filled``): the fee schedule of the day of service,
the line's own locality, the charge as a ceiling by line, Medicare's reductions for multiple procedures.
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

# Pydantic collects the keys from the last of these classes to the first: the order of the keys in a file.


class Basis(GpciFloorKeys, ConversionFactorKeys, LocalityKeys, MedicareYearKeys):
    """The Medicare amounts that the percents apply to: the table [basis]."""


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
    """What one payer pays, from one day to another. A term that is None is not specified.

    Parameters
    ----------
    payer : str
        The payer's name.
    percent : Decimal, optional
        Percent of Medicare for services that no other term covers.
    basis, category, carve_out, fee_table, without_medicare_price, lesser_of_billed, rules, escalator, test
        The tables of a contract's file: docs/contracts.md.
    effective_from, effective_to : datetime.date, optional
        The first and last day it is in force.

    Returns
    -------
    Contract
        Usually read by ``read_contract``; ``Contract.at(120)`` is 120 percent of current Medicare.

    Raises
    ------
    pydantic.ValidationError
        A term is not valid. ``read_contract`` raises InvalidValue instead, with the line of the file.

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
        """Return the contract with Medicare's rule for every term it does not specify.

        Payment rules stay None where they are Medicare's. Sequestration is not passed on; the year, locality and QP
        factor are the line's own. The amount for services without a Medicare price stays None.
        """
        tables: dict[str, dict[str, object]] = {}
        for term in TERMS:
            tables.setdefault(term.table, {}).update(term.medicare_defaults(term.keys_of(self)))
        contract = self
        for table, keys in tables.items():
            contract = with_keys(contract, table, keys)
        return contract

    def as_medicare_allows(self) -> Contract:
        """Return a contract that pays what Medicare allows, on this contract's basis and by its payment rules."""
        contract = self
        for term in TERMS:
            contract = with_keys(contract, term.table, term.as_medicare_allows(term.keys_of(self)))
        return contract


def _table_in(annotation: Any) -> type[BaseModel] | None:
    """Return the table that a key's type contains, None if it contains none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((table for part in get_args(annotation) if (table := _table_in(part))), None)


# The tables of a contract's file, including those of rows.
TABLES: Mapping[str, type[BaseModel]] = {
    key: table for key, field in Contract.model_fields.items() if (table := _table_in(field.annotation))
}
# Every key of a contract's file, with its table, in their order: "percent", "basis.year", "carve_out.amount".
FILE_KEYS: tuple[str, ...] = tuple(
    name
    for key in Contract.model_fields
    for name in ([f"{key}.{inner}" for inner in TABLES[key].model_fields] if key in TABLES else [key])
)
