"""The practice of a scenario: where it works, who works there, who pays. Percents are exact decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from feecalc.contracts.fields import Percent, Section, SignedPercent, Words

WHOLE = Decimal(100)
MEDICARE, PERCENT, CHARGE, CONTRACT = "medicare", "percent", "percent_of_charge", "contract"
_KINDS = (MEDICARE, PERCENT, CHARGE, CONTRACT)

Dollars = Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=2, allow_inf_nan=False)]
Share = Annotated[Percent, Field(le=100)]  # of a whole


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


ListOfWords = Annotated[tuple[Words, ...], BeforeValidator(_listed)]


class Practice(Section):
    """Whose scenario it is."""

    name: Words


class Location(Section):
    """A place of the practice, in one payment locality.

    It has a ``volume`` file of its own, or a ``share`` of the scenario's volume, or the rows of it that name its
    locality. ``asc_share`` is how much of the facility payments of its surgery center (place of service 24) is the
    practice's; ``cbsa`` the center's area.
    """

    name: Words
    locality: Words
    volume: Words | None = None
    share: Share | None = None
    cbsa: Words | None = None
    asc_share: Share = Decimal(0)


class Provider(Section):
    """Who does a ``share`` of the units, or, for a hire, is added to those who do.

    ``mips_percent`` changes what Medicare pays, not what the patient owes.
    """

    name: Words
    provider_type: Words = "physician"
    qp: bool = False
    mips_percent: SignedPercent = Decimal(0)
    share: Share = WHOLE


class PayerTerms(Section):
    """By what a payer pays: exactly one of Medicare's own amounts, a percent of them, of the charge, or a contract."""

    medicare: bool = False
    percent: Percent | None = None
    percent_of_charge: Percent | None = None
    contract: Words | None = None  # the contract's file, beside the scenario's

    @property
    def pays_by(self) -> str:
        """Return which of the four it is."""
        return self.terms_given()[0]

    def terms_given(self) -> list[str]:
        """Return the kinds that are written; 0 percent is one."""
        return [name for name in _KINDS if getattr(self, name) is not None and getattr(self, name) is not False]


class Payer(PayerTerms):
    """A payer: its ``share`` of the units, its terms, how much it denies for good and how much of the rest comes in.

    ``growth`` is a year's, on top of the practice's. ``facility_percent``: of Medicare's facility payment, for a
    surgery center that is the practice's; without it such payments are not counted.
    """

    name: Words
    share: Share | None = None  # None for all payers: the volume names the payer of each row
    denial_rate: Share = Decimal(0)
    collection_rate: Share = WHOLE
    growth: SignedPercent = Decimal(0)
    facility_percent: Percent | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = self.terms_given()
        if len(given) != 1:
            raise ValueError(
                f"gives {' and '.join(given) or 'no terms'}; a payer has one of medicare = true, percent, "
                "percent_of_charge and contract"
            )
        return self


class Growth(Section):
    """Percent a year, from the base year on; a category's own is in place of the practice's."""

    volume: SignedPercent = Decimal(0)
    category: dict[Words, SignedPercent] = Field(default_factory=dict)


class Uncertainty(Section):
    """Standard deviations. None: nothing is drawn of it, and what moves the forecast takes the usual size.

    ``volume``: percent of a year's units, each year by itself. ``growth``: points of the yearly growth, one for all
    years. ``mix``: points of each payer's share, each year by itself. ``denial`` and ``collection``: points of each
    payer's rate, each year by itself. ``rates`` and ``conversion_factor``, percent, are for what moves the forecast
    only: an event with odds is how a factor is drawn.
    """

    volume: Percent | None = None
    growth: Percent | None = None
    mix: Share | None = None
    rates: Share | None = None
    conversion_factor: Share | None = None
    denial: Share | None = None
    collection: Share | None = None
