"""A contract's own tests: lines and what they must pay, so that payer and practice read the contract alike."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from feecalc.contracts.codes import HcpcsCode, Modifier, PlaceOfService
from feecalc.contracts.fields import Amount, DatedSection, Section, Words
from feecalc.contracts.terms.cells import Column, as_list, code, count, day, digits
from feecalc.contracts.terms.term import Term
from feecalc.errors import InvalidValue
from feecalc.files.toml import Places


class ContractTest(Section):
    """A line and what it must pay, checked by ``feecalc contract test``. ``amount`` None: it must not be paid."""

    name: Words | None = None
    date_of_service: date | None = None
    hcpcs: HcpcsCode
    modifiers: tuple[Modifier, ...] = ()
    place_of_service: PlaceOfService = "11"
    locality: Words | None = None
    units: Annotated[int, Field(ge=1, le=9999)] = 1
    billed_amount: Amount | None = None
    provider_type: Words = "physician"
    amount: Amount | None = None
    not_paid: bool = False

    @model_validator(mode="after")
    def _one_expectation(self) -> Self:
        if (self.amount is None) != self.not_paid:
            raise ValueError("a test needs either amount or not_paid = true")
        return self


class OwnTestKeys(Section):
    """The rows of tests."""

    test: tuple[ContractTest, ...] = ()


class OwnTests(Term[OwnTestKeys]):
    """Lines and what they must pay; they change no amount."""

    name = "test"
    section = OwnTestKeys
    sheet = "test"
    columns: ClassVar = {
        "name": Column("What"),
        "date_of_service": Column("Day", "YYYY-MM-DD", day),
        "hcpcs": Column("Code", "", code),
        "modifiers": Column("Modifiers", "With commas.", as_list),
        "place_of_service": Column("Place", "Empty: 11.", digits),
        "locality": Column("Locality", "Miami, FL"),
        "units": Column("Units", "", count),
        "billed_amount": Column("Charge"),
        "provider_type": Column("Provider", "Empty: physician."),
        "amount": Column("Must pay"),
        "not_paid": Column("Not paid", "true, where it must not be paid."),
    }
    heading = "Tests: lines and what they must pay"

    def check(self, keys: OwnTestKeys, days: DatedSection, places: Places) -> None:
        for number, test in enumerate(keys.test):
            if test.date_of_service is not None and not days.applies_on(test.date_of_service):
                raise InvalidValue(
                    f"{places.of('test', number, 'date_of_service')}: {test.date_of_service} is outside the "
                    "contract's days"
                )
