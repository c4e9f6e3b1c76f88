"""A payer's contract as a model: what its file may hold. What is None, the contract does not say.

Where a contract is silent Medicare's own rule is taken (``Contract.filled``): the fee schedule of the day of service,
the line's own locality, the lower of the charge by line, Medicare's percents for several procedures. Percents are
exact decimals of at most four places, amounts dollars and cents.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from feecalc.contracts.codes import HcpcsCode, Modifier, PlaceOfService, Selection

MOST_PERCENT = 10_000
CURRENT, OWN, NATIONAL = "current", "own", "national"
LINE, CLAIM, NO = "line", "claim", "no"
MEDICARE = "medicare"
_RELEASE = re.compile(r"(?:RVU)?(?:20)?([0-9]{2})[A-Z][A-Z0-9_]{0,9}", re.IGNORECASE)


def _exact(value: Any) -> Any:
    """A number as it is written: text, a whole number or a decimal; binary fractions are not exact."""
    if isinstance(value, str):
        return value.strip().removesuffix("%").removeprefix("$").replace(",", "").strip()
    if isinstance(value, bool | float):
        raise ValueError(f"{value!r} is not a number that is exact; write 125 or 125.5")
    return value


def _positive(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError(f"{value} is below 0")
    return value


Percent = Annotated[
    Decimal,
    BeforeValidator(_exact),
    AfterValidator(_positive),
    Field(le=MOST_PERCENT, decimal_places=4, allow_inf_nan=False),
]
RulePercent = Annotated[
    Decimal,
    BeforeValidator(_exact),
    AfterValidator(_positive),
    Field(le=MOST_PERCENT, decimal_places=2, allow_inf_nan=False),
]
SignedPercent = Annotated[Decimal, BeforeValidator(_exact), Field(gt=-100, le=100, decimal_places=4)]
Amount = Annotated[
    Decimal,
    BeforeValidator(_exact),
    AfterValidator(_positive),
    Field(le=10_000_000, decimal_places=2, allow_inf_nan=False),
]
Factor = Annotated[
    Decimal,
    BeforeValidator(_exact),
    AfterValidator(_positive),
    Field(gt=0, le=1000, decimal_places=4, allow_inf_nan=False),
]
Words = Annotated[str, Field(min_length=1, max_length=200)]


class Terms(BaseModel):
    """A table of a contract's file: no other keys than these."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Dated(Terms):
    """Terms of some days only; without a date they hold as long as the contract does."""

    effective_from: date | None = None
    effective_to: date | None = None

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise ValueError(f"effective_to {self.effective_to} comes before effective_from {self.effective_from}")
        return self

    def holds_on(self, day: date) -> bool:
        return (self.effective_from or date.min) <= day <= (self.effective_to or date.max)

    def meets(self, other: Dated) -> bool:
        """Whether both hold on some day."""
        first = max(self.effective_from or date.min, other.effective_from or date.min)
        return first <= min(self.effective_to or date.max, other.effective_to or date.max)


class Basis(Terms):
    """What the percents are percents of: Medicare's fee schedule of a year, a release or the day of service."""

    kind: Literal["percent_of_medicare"] = "percent_of_medicare"
    year: Annotated[int, Field(ge=2009, le=2100)] | Literal["current"] | None = None
    release: Words | None = None  # 2023D: which of the year's quarters
    locality: Words | None = None  # "own" is where the service is given, "national" every index at 1, else one for all
    conversion_factor: Factor | None = None  # dollars per RVU, in place of Medicare's
    qp: bool | None = None  # the factor of qualifying APM participants
    gpci_floor: bool | None = None

    @model_validator(mode="after")
    def _one_release(self) -> Self:
        if self.release is not None:
            named = _RELEASE.fullmatch(self.release)
            if named is None:
                raise ValueError(f"release {self.release[:20]!r} is not the name of one; write 2026C")
            if self.year == CURRENT:
                raise ValueError(f"release {self.release} is fixed, and year says current; take one of them out")
            if self.year is not None and int(named[1]) != int(self.year) % 100:
                raise ValueError(f"release {self.release} is not of the year {self.year}")
        return self


class CategoryTerm(Selection, Dated):
    """A percent for a category of codes: by a known name, by RBCS, or by codes and ranges; see ``categories``."""

    name: Words
    percent: Percent


class CarveOut(Dated):
    """A fixed amount for one unit of a code, as it stands: no rule raises or lowers it. [USD]

    With a ``modifier`` or a place it is of lines that have them; the row that says most goes before the others. One
    without a modifier is of the global service, not of a component (26, TC).
    """

    hcpcs: HcpcsCode
    modifier: Modifier = ""
    place_of_service: PlaceOfService | None = None
    amount: Amount


class FeeTable(Terms):
    """The payer's own fees, from a CSV (hcpcs, modifier, amount, place_of_service); rules apply as to Medicare's."""

    path: Words
    percent: Percent = Decimal(100)  # of the table's amounts


class WithoutPrice(Terms):
    """What is paid where Medicare has no price: a percent of the charge, 0 for nothing."""

    percent_of_charge: Percent


class RuleTerms(Terms):
    """How the payer's payment rules differ from Medicare's. None: the contract does not say."""

    multiple_procedure: Literal["medicare", "none"] | tuple[RulePercent, ...] | None = None  # of the 1st, 2nd, further
    bilateral: RulePercent | None = None  # both sides, as a percent of one
    assistant: RulePercent | None = None  # of the surgeon's fee
    practitioner_percent: bool | None = None  # a nurse practitioner's 85 percent is taken
    site_of_service: bool | None = None  # False: the office amount everywhere
    sequestration: bool | None = None  # Medicare's cut is passed on

    @model_validator(mode="after")
    def _falling(self) -> Self:
        percents = self.multiple_procedure
        if isinstance(percents, tuple):
            if not percents:
                raise ValueError('multiple_procedure is empty; write [100, 50, 50] or "none"')
            if any(former < latter for former, latter in pairwise(percents)):
                raise ValueError("multiple_procedure rises from one procedure to the next")
        return self


class Escalator(Terms):
    """A rise of the percents and fixed amounts, once a year from a first day, each year on the year before."""

    percent: SignedPercent
    first_applied: date

    def times(self, day: date) -> int:
        """How often it has been applied by a day."""
        first = self.first_applied
        years = day.year - first.year - ((day.month, day.day) < (first.month, first.day))
        return max(0, years + 1)


class ContractTest(Terms):
    """A line and what it must pay: run by ``feecalc contract test``. ``amount`` None: it must not be paid."""

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
    def _says_what(self) -> Self:
        if (self.amount is None) != self.not_paid:
            raise ValueError("a test says either amount or not_paid = true")
        return self


class Contract(Dated):
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

    payer: Words
    note: str | None = None
    percent: Percent | None = None  # of Medicare, for what no other term speaks of
    basis: Basis = Basis()
    category: tuple[CategoryTerm, ...] = ()
    carve_out: tuple[CarveOut, ...] = ()
    fee_table: FeeTable | None = None
    without_medicare_price: Literal["not_paid"] | WithoutPrice | None = None
    lesser_of_billed: Literal["line", "claim", "no"] | None = None
    rules: RuleTerms = RuleTerms()
    escalator: Escalator | None = None
    test: tuple[ContractTest, ...] = ()

    @classmethod
    def at(cls, percent: Decimal | int | str, payer: str | None = None) -> Contract:
        """The simplest contract: a percent of current Medicare."""
        return cls(payer=payer or f"{percent} % of Medicare", percent=Decimal(percent))

    def filled(self) -> Contract:
        """The contract with Medicare's way for everything it does not say. Rules stay None where they are Medicare's.

        Sequestration is not passed on; the year, locality and QP factor are the line's own. What is paid where Medicare
        has no price Medicare cannot say: that stays None.
        """
        basis = self.basis
        told = {
            "year": basis.year or (None if basis.release else CURRENT),
            "locality": basis.locality or OWN,
            "gpci_floor": basis.gpci_floor is not False,
        }
        rules = self.rules
        return self.model_copy(
            update={
                "basis": basis.model_copy(update=told),
                "lesser_of_billed": self.lesser_of_billed or LINE,
                "rules": rules.model_copy(
                    update={
                        "multiple_procedure": rules.multiple_procedure or MEDICARE,
                        "practitioner_percent": rules.practitioner_percent is not False,
                        "site_of_service": rules.site_of_service is not False,
                        "sequestration": rules.sequestration is True,
                    }
                ),
            }
        )
